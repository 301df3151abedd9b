"""The second wave: what a person and a school learn of the change between the two, and what stays untold."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.refusals import Conflict
from services.diagnostics import domain
from services.diagnostics.domain import CampaignState, Comparison, Measured
from services.diagnostics.scoring import Assessment, Reading, Wave
from tests.diagnostics.classroom import Classroom, a_classroom
from tests.diagnostics.measures import ART, OBS, SA, numbers, scored, two_sources
from tests.diagnostics.test_meaning import instruments
from tests.stand import Stand

SEPTEMBER = Wave("2026.1", date(2026, 9, 14))
People = dict[UUID, dict[str, Assessment | None]]


def measured(*readings: Reading, target: float = 4) -> Measured:
    return Measured(scored(*readings, target=target), readings)


@pytest.mark.parametrize(
    ("second", "found"),
    [
        (Wave("2026.1", date(2026, 12, 14)), Comparison.COMPARABLE),
        (Wave("2026.1", date(2026, 12, 13)), Comparison.TOO_SOON),
        (Wave("2027.1", date(2027, 5, 14)), Comparison.OTHER_CATALOGUE),
        (None, Comparison.NO_SECOND_WAVE),
    ],
)
def test_waves_are_compared_by_one_catalogue_and_months_apart(second: Wave | None, found: Comparison) -> None:
    assert domain.comparison_of(SEPTEMBER, second, numbers()) is found


def test_a_wave_is_dated_at_the_place_of_the_school() -> None:
    late = datetime(2026, 9, 14, 22, 30, tzinfo=UTC)

    assert domain.wave_of("2026.1", late) == Wave("2026.1", date(2026, 9, 15))
    assert domain.wave_of("2026.1", late, opens_on=date(2026, 10, 1)) == Wave("2026.1", date(2026, 10, 1))


def test_a_small_rise_is_within_the_error_and_a_large_one_closes_the_gap() -> None:
    before = {"M02": measured(Reading(OBS, 2.5, 2), Reading(ART, 2.5)), "M03": measured(Reading(OBS, 2, 2))}
    after = {"M02": measured(Reading(OBS, 4, 2), Reading(ART, 4)), "M03": measured(Reading(OBS, 2.4, 2))}

    found = domain.own_changes(before, after, then={}, parameters=numbers())

    assert [(each.sentence, each.is_gap_closed) for each in found.values()] == [
        ("change.rise", True),
        ("change.within-error", False),
    ]


def test_an_accepted_artefact_at_the_target_stands_in_for_a_reliable_rise() -> None:
    before, after = measured(Reading(OBS, 3.1, 2)), measured(Reading(OBS, 3.6, 2), Reading(ART, 4))
    lower = measured(Reading(OBS, 3.6, 2), Reading(ART, 3.9))

    shown = domain.own_changes({"M02": before}, {"M02": after}, then={}, parameters=numbers())["M02"]
    short = domain.own_changes({"M02": before}, {"M02": lower}, then={}, parameters=numbers())["M02"]

    assert (shown.change.is_reliable, shown.is_gap_closed) == (False, True)
    assert not short.is_gap_closed


@pytest.mark.parametrize(
    ("then", "note"), [(2, "change.shift-stricter"), (3, "change.shift-none"), (4, "change.shift-milder"), (None, None)]
)
def test_the_former_self_makes_a_note_and_never_a_level(then: int | None, note: str | None) -> None:
    own = measured(Reading(SA, 3), Reading(OBS, 3, 2))

    found = domain.own_changes({"M02": own}, {"M02": own}, then={"M02": then}, parameters=numbers())["M02"]

    assert found.shift_sentence == note
    assert found.after == own.assessment


def test_what_was_measured_once_has_no_change() -> None:
    own = measured(Reading(OBS, 3, 2))

    assert domain.own_changes({"M02": own}, {"M03": own}, then={}, parameters=numbers()) == {}


def a_school_of(levels: list[tuple[float, float]], code: str = "M02") -> tuple[People, People]:
    people = [uuid4() for _ in levels]
    before: People = {each: {code: two_sources(level)} for each, (level, _) in zip(people, levels, strict=True)}
    after: People = {each: {code: two_sources(level)} for each, (_, level) in zip(people, levels, strict=True)}
    return before, after


def test_a_group_under_five_is_told_to_nobody() -> None:
    catalogue = instruments().catalogue
    before, after = a_school_of([(2, 3)] * 4)

    four = domain.group_changes(catalogue, before=before, after=after)
    one_more: People = {uuid4(): {"M02": two_sources(2)}}
    still_four = domain.group_changes(catalogue, before={**before, **one_more}, after=after)

    assert set(four.values()) == {None}
    assert set(still_four.values()) == {None}


def test_a_group_moves_by_the_mean_of_its_people_and_counts_the_missing() -> None:
    catalogue = instruments().catalogue
    before, after = a_school_of([(2, 3), (2.5, 3.5), (3, 4), (2, 3.2), (3, 3.8)])
    once: People = {uuid4(): {"M02": two_sources(1)}}

    found = domain.group_changes(catalogue, before={**before, **once}, after=after)

    assert [letter for letter, each in found.items() if each is not None] == ["", "M"]
    change = found["M"]
    assert change is not None
    assert change.difference is not None
    assert (change.n, change.missing) == (5, 1)
    assert change.difference.value == pytest.approx(1.0)
    assert domain.group_sentence(change) == "change.group-rise"


def test_a_group_that_scatters_around_nought_is_within_the_error() -> None:
    before, after = a_school_of([(2, 3), (3, 2), (2.5, 2.6), (3, 3), (2, 2)])

    change = domain.group_changes(instruments().catalogue, before=before, after=after)["M"]

    assert change is not None
    assert domain.group_sentence(change) == "change.group-within-error"


def test_a_yardstick_is_told_of_five_people_and_by_their_means() -> None:
    ratings: list[domain.OwnRatings] = [
        ({"M02": 3, "M03": 4}, {"M02": 2, "M03": 3, "D06": 1}, {"M02": 4, "M03": 4}) for _ in range(5)
    ]

    found = domain.group_shift(ratings, numbers())

    assert found is not None
    assert found.shift is not None
    assert found.shift.value == pytest.approx(-1)
    assert domain.yardstick_sentence(found) == "change.yardstick-stricter"
    assert domain.group_shift(ratings[:4], numbers()) is None


def test_a_group_change_waits_for_the_end_of_the_second_wave() -> None:
    with pytest.raises(Conflict, match="not-second-wave"):
        domain.check_group(1, CampaignState.CLOSED)
    with pytest.raises(Conflict, match="still-open"):
        domain.check_group(2, CampaignState.OPEN)
    domain.check_group(2, CampaignState.CLOSED)


def test_the_former_self_is_asked_for_after_the_own_form_of_the_second_wave() -> None:
    with pytest.raises(Conflict, match="first-wave"):
        domain.check_then_test(1, is_own_form_final=True)
    with pytest.raises(Conflict, match="own-form-first"):
        domain.check_then_test(2, is_own_form_final=False)
    domain.check_then_test(2, is_own_form_final=True)


async def my_change(room: Classroom, person: UUID) -> dict[str, Any]:
    query = {"cycle_id": str(room.cycle)}
    found: dict[str, Any] = (await room.call("GET", "/my/change", by=person, params=query)).json()
    return found


async def test_a_person_and_a_school_see_what_changed(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=5)
    person = room.teachers[0]
    first = await room.opened()
    for each in room.teachers:
        await room.score(first, each, own=3, seen=2)
    alone = await my_change(room, person)
    await room.close(first)
    second = await room.opened_again()
    then = f"/my/forms/{second}/then"
    early = await room.call("GET", then, by=person)
    for each in room.teachers:
        await room.score(second, each, own=4, seen=4)
    scored_so = await room.profile(person)
    for each in room.teachers:
        given = await room.call("PUT", then, by=each, json={"answers": {"M02": 2}})
        assert given.status_code == 200, given.text
    running = await room.call("GET", f"/campaigns/{second}/change", by=room.curator, role="head")
    await room.close(second)
    late = await room.call("PUT", then, by=person, json={"answers": {"M02": 1}})

    own = await my_change(room, person)
    school = (await room.call("GET", f"/campaigns/{second}/change", by=room.curator, role="head")).json()

    assert (alone["comparison"], alone["competencies"]) == ("NO_SECOND_WAVE", [])
    assert (early.status_code, early.json()["type"]) == (409, "urn:neo:problem:then-test.own-form-first")
    assert "до начала цикла" in given.json()["question"]
    assert (running.status_code, late.status_code) == (409, 409)
    assert await room.profile(person) == scored_so
    m02 = next(each for each in own["competencies"] if each["competency"] == "M02")
    assert (m02["before10"], m02["after10"], m02["is_reliable"], m02["is_gap_closed"]) == (22, 40, True, True)
    assert "строже" in m02["note"]
    whole = school["movements"][0]
    assert (whole["domain"], whole["n"], whole["missing"], whole["difference"]["value"]) == (None, 5, 0, 1.8)
    assert (school["hidden"], school["yardstick"]["shift"]["value"]) == ([], -1.0)
    assert not any(str(each) in str(school) for each in room.teachers)


async def test_waves_that_are_too_close_say_so(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=1)
    (person,) = room.teachers
    first = await room.opened()
    await room.score(first, person, own=3, seen=2)
    await room.close(first)
    second = await room.opened_again(later=timedelta(days=60))
    await room.score(second, person, own=4, seen=4)
    await room.close(second)

    own = await my_change(room, person)
    school = (await room.call("GET", f"/campaigns/{second}/change", by=room.curator, role="curator")).json()

    assert (own["comparison"], own["competencies"]) == ("TOO_SOON", [])
    assert (school["comparison"], school["movements"]) == ("TOO_SOON", [])
    assert own["words"] == school["words"]
