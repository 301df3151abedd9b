"""Everything that can be wrong with a staff file can be said in both languages."""

import re
import string
from pathlib import Path

import pytest

import services.registry.staff_file as staff_file
from chassis.texts import LANGUAGES, Texts

FOLDER = Path(staff_file.__file__).parent
SLUGS = sorted(
    {found for file in FOLDER.glob("*.py") for found in re.findall(r'"(staff-file\.[a-z-]+)"', file.read_text("utf-8"))}
)
FACTS = {"row", "column", "other_row", "columns", "rows", "megabytes", "missing", "years", "limit"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_slug_is_without_words(language: str) -> None:
    texts = Texts.load("services.registry")

    assert len(SLUGS) > 40
    assert [slug for slug in SLUGS if not texts.knows(slug, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_name_only_facts_that_are_given(language: str) -> None:
    texts = Texts.load("services.registry")

    named = {
        field
        for slug in SLUGS
        for _, field, _, _ in string.Formatter().parse(texts.by_language[language].gettext(slug))
        if field
    }

    assert named <= FACTS
