"""Everything that the registry says, it says in both languages."""

import re
from pathlib import Path

import pytest

import services.registry
from chassis.texts import LANGUAGES, Texts

ROOMS = [
    path
    for path in Path(services.registry.__path__[0]).rglob("*.py")
    if not {"staff_file", "migrations"} & set(path.parts)
]
KINDS = "page|place|school|officer|person|roles|import|cycle|roadmap"
SLUGS = sorted({slug for room in ROOMS for slug in re.findall(rf'"((?:{KINDS})\.[a-z-]+)"', room.read_text("utf-8"))})


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_slug_is_without_words(language: str) -> None:
    texts = Texts.load("chassis", "services.registry")

    assert len(SLUGS) > 25
    assert [slug for slug in SLUGS if not texts.knows(slug, language)] == []
