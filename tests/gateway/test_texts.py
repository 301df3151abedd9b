"""Every text of the gateway exists in both languages, and every slug that is used has one."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from chassis.texts import LANGUAGES

ROOT = Path(__file__).parents[2] / "gateway"
FOLDERS = (ROOT / "texts", ROOT / "portal" / "texts")
# Parts of a slug that are put together: say("role." ~ role), f"service.{name}".
FAMILIES = ("role.", "service.", "language.", "trouble.", "city.hidden.", "city.at-")


def catalogue(folder: Path, language: str) -> Catalog:
    with (folder / f"{language}.po").open("rb") as written:
        return read_po(written, locale=language)


def slugs(folder: Path, language: str) -> dict[str, object]:
    return {str(_first(message.id)): message.string for message in catalogue(folder, language) if message.id}


def _first(identity: object) -> object:
    return identity[0] if isinstance(identity, list | tuple) else identity


@pytest.mark.parametrize("folder", FOLDERS)
def test_both_languages_say_the_same_things_with_the_same_facts(folder: Path) -> None:
    russian, english = (slugs(folder, language) for language in LANGUAGES)

    assert russian.keys() == english.keys()
    for slug in russian:
        assert russian[slug]
        assert english[slug]
        assert facts(russian[slug]) == facts(english[slug]), slug


def facts(text: object) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", str(text)))


def test_every_slug_used_has_a_text_and_every_text_is_used() -> None:
    sources = "\n".join(
        path.read_text("utf-8") for path in ROOT.rglob("*") if path.suffix in (".py", ".html") and path.is_file()
    )
    known = slugs(ROOT / "portal" / "texts", "ru").keys()

    said = set(re.findall(r"""say\(["']([a-z0-9.-]+[a-z0-9])["']""", sources))
    assert said <= known
    unused = {slug for slug in known - said if not slug.startswith(FAMILIES)}
    assert unused == set()
