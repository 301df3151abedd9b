"""Every text of the gateway exists in both languages, and every slug that is used has one."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from chassis.texts import LANGUAGES

ROOT = Path(__file__).parents[2] / "gateway"
PORTAL = sorted(path.parent for path in (ROOT / "portal").rglob("texts/ru.po"))
FOLDERS = (ROOT / "texts", *PORTAL)
SLUG = r"[a-z0-9-]+(?:\.[a-z0-9-]+)*"
# say("role." ~ role) in a template, f"service.{name}" in code: parts of a slug that are put together.
FAMILY = re.compile(rf"""["']({SLUG}[.-])["']\s*~|f["']({SLUG}[.-])\{{""")


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
    known = {slug for folder in PORTAL for slug in slugs(folder, "ru")}
    families = tuple(one or other for one, other in FAMILY.findall(sources))

    said = set(re.findall(r"""say\(\s*["']([a-z0-9.-]+[a-z0-9])["']""", sources))
    # A slug may also travel through code before it is said.
    written = set(re.findall(rf"""["']({SLUG})["']""", sources))
    assert said <= known
    assert {slug for slug in known - said - written if not slug.startswith(families)} == set()


def test_no_text_stands_in_two_rooms() -> None:
    named = [slug for folder in PORTAL for slug in slugs(folder, "ru")]

    assert sorted(named) == sorted(set(named))
