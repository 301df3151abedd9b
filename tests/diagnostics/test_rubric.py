"""The rubric: marks of evidence against indicators, the level they make, and how many lessons are evidence."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest

from chassis.refusals import Invalid
from services import diagnostics
from services.diagnostics.domain import (
    HIGHEST_OF_ARTEFACT,
    HIGHEST_OF_LESSON,
    AnswerSheet,
    Artefact,
    Catalogue,
    Marks,
    check_artefact,
    check_marks,
    load_catalogue,
    readings_of_artefacts,
    readings_of_lessons,
    reviewed_codes,
    rubric_for,
    score,
)
from services.diagnostics.domain.rubric import level_of
from services.diagnostics.scoring import Reading, SourceKind

SHIPPED = Path(str(diagnostics.__file__)).parent / "catalogue" / "2026.1"
ABLE = frozenset({"M01", "M02", "M03"})


@cache
def catalogue() -> Catalogue:
    return load_catalogue(SHIPPED)


def an_artefact(*codes: str) -> Artefact:
    return Artefact(UUID(int=1), "A plan", None, codes)


def test_every_competency_has_a_rubric_of_four_criteria() -> None:
    rubrics = {code: rubric_for(catalogue(), code) for code in catalogue().competencies if not code.startswith("S")}

    assert {tuple(each.level for each in rubric) for rubric in rubrics.values()} == {(2, 3, 4, 5)}
    assert rubric_for(catalogue(), "S03.CHE") == rubric_for(catalogue(), "S03.PHY")


@pytest.mark.parametrize(
    ("marks", "level"),
    [
        ((0, 0, 0, 0), 1),
        ((1, 0, 0, 0), 2),
        ((0, 0, 0, 1), 2),
        ((2, 0, 0, 0), 2),
        ((3, 2, 1, 0), 3),
        ((0, 0, 2, 0), 4),
        ((3, 3, 3, 3), 5),
    ],
)
def test_level_is_the_highest_that_was_seen_more_than_once(marks: Sequence[int], level: int) -> None:
    assert level_of(marks) == level


def test_lesson_without_occasion_is_missing_and_not_low() -> None:
    lessons: list[Marks] = [{"M03": (3, 2, 0, 0), "M04": None}, {"M03": (3, 3, 2, 0), "M04": (0, 0, 0, 0)}]

    found = readings_of_lessons(lessons)

    assert found == {"M03": (Reading(SourceKind.OBS, 3.5, 2),), "M04": (Reading(SourceKind.OBS, 1, 1),)}


@pytest.mark.parametrize(("lessons", "sources"), [(1, {"SA"}), (2, {"SA", "OBS"})])
def test_observation_is_evidence_from_two_lessons_on(lessons: int, sources: set[str]) -> None:
    own = AnswerSheet(SourceKind.SA, {"M03": 3, "M04": 3})
    measured = {
        **readings_of_lessons([{"M03": (3, 3, 0, 0)}] * lessons),
        **readings_of_artefacts([{"M04": (2, 2, 0, 0)}]),
    }

    found = score({"M03": 4, "M04": 4}, [own], wishes={}, parameters=catalogue().parameters, measured=measured)

    assert set(found["M03"].assessment.sources) == sources


def test_two_observers_of_one_lesson_each_are_two_lessons() -> None:
    sheets = [AnswerSheet(SourceKind.SA, {"M03": 3}), AnswerSheet(SourceKind.OBS, {"M03": 4}, lessons=1)]
    measured = readings_of_lessons([{"M03": (3, 3, 2, 0)}])

    found = score({"M03": 4}, sheets, wishes={}, parameters=catalogue().parameters, measured=measured)

    assert found["M03"].assessment.sources == (SourceKind.SA, SourceKind.OBS)


@pytest.mark.parametrize(
    ("code", "marks", "highest", "slug"),
    [
        ("M03", (0, 0, 0), HIGHEST_OF_LESSON, "rubric.marks-unfit"),
        ("M03", (0, 0, 0, 4), HIGHEST_OF_LESSON, "rubric.marks-unfit"),
        ("M03", (0, 0, 0, -1), HIGHEST_OF_LESSON, "rubric.marks-unfit"),
        ("M03", (0, 0, 0, 3), HIGHEST_OF_ARTEFACT, "rubric.marks-unfit"),
        ("M04", None, HIGHEST_OF_LESSON, "rubric.not-assigned"),
    ],
)
def test_marks_that_the_rubric_cannot_have_are_refused(
    code: str, marks: Sequence[int] | None, highest: int, slug: str
) -> None:
    check_marks(["M03"], {"M03": None}, highest=highest)

    with pytest.raises(Invalid) as refused:
        check_marks(["M03"], {code: marks}, highest=highest)

    assert (refused.value.slug, refused.value.field) == (slug, f"marks.{code}")


def test_artefact_shows_what_a_plan_can_show_of_the_own_form() -> None:
    check_artefact(an_artefact("M03"), ["M03", "M04"], shown_by_artefacts=ABLE)

    for code in ("M04", "M01"):
        with pytest.raises(Invalid) as refused:
            check_artefact(an_artefact(code), ["M03", "M04"], shown_by_artefacts=ABLE)
        assert (refused.value.slug, refused.value.facts["able"]) == ("artefact.cannot-show", ["M03"])


def test_observer_judges_only_what_was_assigned() -> None:
    owner, other = UUID(int=2), UUID(int=3)

    assert reviewed_codes(an_artefact("M02", "M03"), {owner: ("M03", "P02")}, owner=owner) == ("M03",)
    assert reviewed_codes(an_artefact("M02", "M03"), {other: ("M03",)}, owner=owner) == ()
