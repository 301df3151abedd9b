"""Everything that can be wrong with a staff file can be said in both languages."""

import re
import string
from pathlib import Path

import pytest

import services.registry.staff_file as staff_file
from chassis.texts import LANGUAGES, Texts
from services.registry.staff_file import Problem
from services.registry.staff_file.telling import tell

FOLDER = Path(staff_file.__file__).parent
SLUGS = sorted(
    {found for file in FOLDER.glob("*.py") for found in re.findall(r'"(staff-file\.[a-z-]+)"', file.read_text("utf-8"))}
)
FACTS = {"row", "column", "other_row", "columns", "rows", "parts", "megabytes", "missing", "years", "limit"}
REFUSED = {
    slug
    for file in FOLDER.glob("*.py")
    for slug in re.findall(r'(?:Invalid|TooLarge)\("(staff-file\.[a-z-]+)"', file.read_text("utf-8"))
}
PLACES = {"staff-file.where-cell", "staff-file.where-row"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_slug_is_without_words(language: str) -> None:
    texts = Texts.load("services.registry")

    assert len(SLUGS) > 40
    assert [slug for slug in SLUGS if not texts.knows(slug, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_says_how_to_mend_it(language: str) -> None:
    texts = Texts.load("services.registry")

    assert len(REFUSED) > 15
    problems = set(SLUGS) - REFUSED - PLACES
    assert {slug for slug in problems if not texts.knows(f"{slug}.mend", language)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_problem_is_told_by_place_fault_and_mend(language: str) -> None:
    texts = Texts.load("services.registry")
    problem = Problem(7, "Ставка", "staff-file.rate-unclear")

    told = tell(problem, lambda slug, **facts: texts.say(slug, language, **facts))

    assert "7" in told.where
    assert "Ставка" in told.where
    assert "0,5" in told.mend
    assert told.sentence == f"{told.where}: {told.what} {told.mend}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_name_only_facts_that_are_given(language: str) -> None:
    texts = Texts.load("services.registry")

    named = {
        field
        for slug in (*SLUGS, *(f"{slug}.mend" for slug in SLUGS))
        for _, field, _, _ in string.Formatter().parse(texts.by_language[language].gettext(slug))
        if field
    }

    assert named <= FACTS
