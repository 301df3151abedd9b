"""Whom a campaign asks, from when on, about what and by which instruments; and how far it has come."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.refusals import Invalid
from services import diagnostics
from services.diagnostics.domain import (
    Catalogue,
    Instrument,
    Member,
    Participation,
    Scope,
    Staff,
    check_scope,
    due_among,
    invite,
    load_catalogue,
    participation_of,
    turnout_of,
    with_competencies,
)

SHIPPED = Path(str(diagnostics.__file__)).parent / "catalogue" / "2026.1"
CLOSES_ON = date(2026, 9, 25)
SHORT = ("M02", "M03", "M04", "M05", "P02", "P03", "I01", "I03", "D06", "D08", "D11", "N02", "N03", "S01", "S03")


@cache
def catalogue() -> Catalogue:
    return load_catalogue(SHIPPED)


def a_teacher(profile: str = "SUBJECT_TEACHER") -> Member:
    return Member(uuid4(), (profile,), ("CHE",))


def a_staff(*teachers: Member, observers: Sequence[UUID] = ()) -> Staff:
    return Staff(teachers, frozenset(observers), {})


def test_all_teachers_are_asked_by_all_instruments_when_nothing_is_said() -> None:
    staff = a_staff(*(a_teacher() for _ in range(4)), observers=[uuid4()])

    found = invite(catalogue(), staff, seed=1)

    assert {each.person_id for each in found} == {each.person_id for each in staff.teachers}
    assert all(each.is_self_asked and each.observer and len(each.raters) == 3 for each in found)


def test_role_profiles_choose_who_is_asked() -> None:
    young, old = a_teacher("YOUNG_TEACHER"), a_teacher("METHODIST")

    found = invite(catalogue(), a_staff(young, old), seed=1, scope=Scope(role_profiles=frozenset({"METHODIST"})))

    assert [each.person_id for each in found] == [old.person_id]


def test_listed_person_is_rated_by_three_who_are_not_listed() -> None:
    teachers = [a_teacher() for _ in range(6)]
    listed = teachers[0].person_id

    (found,) = invite(catalogue(), a_staff(*teachers), seed=1, scope=Scope(people=frozenset({listed})))

    assert found.person_id == listed
    assert len(set(found.raters) - {listed}) == 3


def test_listed_stranger_is_refused() -> None:
    stranger = uuid4()

    with pytest.raises(Invalid) as refused:
        invite(catalogue(), a_staff(a_teacher()), seed=1, scope=Scope(people=frozenset({stranger})))

    assert (refused.value.slug, refused.value.facts["people"]) == ("campaign.unknown-people", [str(stranger)])


@pytest.mark.parametrize(
    ("instruments", "expected"),
    [
        ({Instrument.SELF}, (True, 0, False)),
        ({Instrument.COLLEAGUES}, (False, 3, False)),
        ({Instrument.OBSERVATION}, (False, 0, True)),
        ({Instrument.ARTEFACT}, (False, 0, True)),
        ({Instrument.TEST}, (False, 0, False)),
    ],
)
def test_only_the_chosen_instruments_ask(instruments: set[Instrument], expected: tuple[bool, int, bool]) -> None:
    staff = a_staff(*(a_teacher() for _ in range(5)), observers=[uuid4()])

    found = invite(catalogue(), staff, seed=1, scope=Scope(instruments=frozenset(instruments)))

    assert {(each.is_self_asked, len(each.raters), each.observer is not None) for each in found} == {expected}


def test_role_profile_may_be_assessed_on_another_set() -> None:
    scope = Scope(competencies={"SUBJECT_TEACHER": SHORT})

    (found,) = invite(catalogue(), a_staff(a_teacher()), seed=1, scope=scope)

    assert {code.partition(".")[0] for code in found.targets} == set(SHORT)
    assert found.targets["M03"] == 4


def test_person_of_the_first_wave_is_asked_the_same_in_the_second() -> None:
    teacher = a_teacher()
    staff = Staff([teacher], frozenset(), {teacher.person_id: {"M03": 4}})

    (found,) = invite(catalogue(), staff, seed=1, scope=Scope(competencies={"SUBJECT_TEACHER": SHORT}))

    assert found.targets == {"M03": 4}


@pytest.mark.parametrize(
    ("profile", "codes", "slug"),
    [
        ("SUBJECT_TEACHER", SHORT[:14], "campaign.form-size"),
        ("SUBJECT_TEACHER", [*SHORT[:14], "Z01"], "catalogue.unknown-code"),
        ("SUPPORT_SPECIALIST", SHORT, "campaign.form-without-target"),
    ],
)
def test_set_that_cannot_be_a_form_is_refused(profile: str, codes: Sequence[str], slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        with_competencies(catalogue(), {profile: codes})

    assert (refused.value.slug, refused.value.field) == (slug, f"competencies.{profile}")


@pytest.mark.parametrize(
    ("chosen", "slug"),
    [
        ({"people": frozenset({uuid4()}), "role_profiles": frozenset({"METHODIST"})}, "campaign.audience-twice"),
        ({"instruments": frozenset()}, "campaign.no-instrument"),
        ({"opens_on": CLOSES_ON + timedelta(days=1)}, "campaign.window-empty"),
        ({"role_profiles": frozenset({"WIZARD"})}, "catalogue.unknown-profile"),
        ({"competencies": {"WIZARD": SHORT}}, "catalogue.unknown-profile"),
    ],
)
def test_scope_that_asks_nobody_or_nothing_is_refused(chosen: dict[str, Any], slug: str) -> None:
    check_scope(catalogue(), Scope(opens_on=CLOSES_ON), closes_on=CLOSES_ON)

    with pytest.raises(Invalid) as refused:
        check_scope(catalogue(), Scope(**chosen), closes_on=CLOSES_ON)

    assert refused.value.slug == slug


def test_begun_counts_those_who_have_finished_too() -> None:
    people = [
        participation_of(asked=3, done=0, has_begun=False),
        participation_of(asked=3, done=0, has_begun=True),
        participation_of(asked=3, done=2, has_begun=False),
        participation_of(asked=3, done=3, has_begun=True),
    ]

    found = turnout_of(people)

    assert [each.value for each in people] == ["NOT_BEGUN", "BEGUN", "BEGUN", "FINISHED"]
    assert (found.invited, found.begun, found.finished) == (4, 3, 1)


def test_who_has_left_is_reminded_of_nothing() -> None:
    here, gone, done = UUID(int=1), UUID(int=2), UUID(int=3)
    people = {gone: Participation.BEGUN, done: Participation.FINISHED, here: Participation.NOT_BEGUN}

    assert due_among(people, frozenset({here, done})) == {here: Participation.NOT_BEGUN}
