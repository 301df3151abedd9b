"""Runs, pairings and their answers, free times, capacity."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from chassis.refusals import Conflict, Forbidden, Invalid, Missing
from services.matching.domain import (
    SLOTS,
    Capacity,
    Pairing,
    PairingState,
    RunState,
    answer,
    check_choice,
    check_cycle,
    check_term,
    confirm,
    dissolve,
    expire_overdue,
    expires_at,
    is_concluded,
    is_overdue,
    is_shown_to,
    legal_answers,
    legal_steps,
    part,
    slots_mask,
    slots_names,
    step,
    today_at_place,
)

GIVER, TAKER, CURATOR, STRANGER = (UUID(int=number) for number in (1, 2, 3, 4))
MONDAY = datetime(2026, 9, 7, 9, 30, tzinfo=UTC)
TUESDAY = datetime(2026, 9, 8, 9, 30, tzinfo=UTC)
FRIDAY = datetime(2026, 9, 11, 9, 30, tzinfo=UTC)


def a_pairing(state: PairingState = PairingState.PROPOSED, *, asked_at: datetime = MONDAY) -> Pairing:
    return Pairing(UUID(int=9), GIVER, TAKER, "D01", state, asked_at)


def test_a_run_goes_the_whole_way() -> None:
    state = RunState.DRAFT

    for to in (RunState.SOLVING, RunState.REVIEW, RunState.PUBLISHED, RunState.CONFIRMED):
        state = step(state, to)

    assert state is RunState.CONFIRMED


def test_an_illegal_step_of_a_run_names_the_legal_ones() -> None:
    with pytest.raises(Conflict) as refusal:
        step(RunState.REVIEW, RunState.CONFIRMED)

    assert refusal.value.slug == "run.illegal-step"
    assert refusal.value.facts == {"state": "REVIEW", "legal": ["SOLVING", "PUBLISHED", "CANCELLED", "SUPERSEDED"]}


@pytest.mark.parametrize("state", [RunState.CONFIRMED, RunState.FAILED, RunState.CANCELLED, RunState.SUPERSEDED])
def test_a_run_that_ended_goes_nowhere(state: RunState) -> None:
    for to in RunState:
        with pytest.raises(Conflict) as refusal:
            step(state, to)
        assert refusal.value.facts["legal"] == []


@pytest.mark.parametrize("state", [RunState.DRAFT, RunState.SOLVING, RunState.REVIEW])
def test_a_run_may_be_cancelled_until_it_is_published(state: RunState) -> None:
    assert step(state, RunState.CANCELLED) is RunState.CANCELLED


def test_a_pairing_is_agreed_by_the_taker_then_the_giver_then_formed_by_the_curator() -> None:
    agreed = answer(a_pairing(), TAKER, is_yes=True, now=MONDAY)
    accepted = answer(agreed, GIVER, is_yes=True, now=TUESDAY)
    formed = confirm(accepted, CURATOR, is_curator=True)

    assert [one.state.value for one in (agreed, accepted, formed)] == ["TAKER_AGREED", "ACCEPTED", "FORMED"]


@pytest.mark.parametrize("person", [GIVER, STRANGER])
def test_before_the_takers_yes_nobody_else_learns_that_the_pairing_exists(person: UUID) -> None:
    assert not is_shown_to(a_pairing(), person)

    with pytest.raises(Missing) as refusal:
        answer(a_pairing(), person, is_yes=True, now=MONDAY)

    assert refusal.value.slug == "pairing.unknown"
    assert refusal.value.facts == {}


@pytest.mark.parametrize("state", [PairingState.DECLINED, PairingState.EXPIRED])
def test_a_decline_or_an_expiry_tells_the_giver_nothing(state: PairingState) -> None:
    with pytest.raises(Missing):
        answer(a_pairing(state), GIVER, is_yes=True, now=MONDAY)


@pytest.mark.parametrize("state", list(PairingState))
def test_a_taker_always_sees_the_own_pairing(state: PairingState) -> None:
    assert is_shown_to(a_pairing(state), TAKER)


def test_either_may_say_no_until_the_pairing_is_formed() -> None:
    for state in (PairingState.PROPOSED, PairingState.TAKER_AGREED, PairingState.ACCEPTED):
        assert answer(a_pairing(state), TAKER, is_yes=False, now=MONDAY).state is PairingState.DECLINED
    for state in (PairingState.TAKER_AGREED, PairingState.ACCEPTED):
        assert answer(a_pairing(state), GIVER, is_yes=False, now=MONDAY).state is PairingState.DECLINED


def test_a_second_yes_is_an_illegal_step_with_the_legal_one_named() -> None:
    with pytest.raises(Conflict) as refusal:
        answer(a_pairing(PairingState.TAKER_AGREED), TAKER, is_yes=True, now=MONDAY)

    assert refusal.value.slug == "pairing.illegal-step"
    assert refusal.value.facts == {"state": "TAKER_AGREED", "legal": ["DECLINED"]}


@pytest.mark.parametrize("person", [GIVER, TAKER])
@pytest.mark.parametrize("is_yes", [True, False])
def test_a_formed_pairing_takes_no_more_answers(person: UUID, is_yes: bool) -> None:
    with pytest.raises(Conflict) as refusal:
        answer(a_pairing(PairingState.FORMED), person, is_yes=is_yes, now=MONDAY)

    assert refusal.value.facts["legal"] == []


def test_legal_answers_follow_the_turn() -> None:
    proposed, agreed = a_pairing(), a_pairing(PairingState.TAKER_AGREED)

    assert legal_answers(proposed, TAKER) == (PairingState.TAKER_AGREED, PairingState.DECLINED)
    assert legal_answers(proposed, GIVER) == ()
    assert legal_answers(agreed, GIVER) == (PairingState.ACCEPTED, PairingState.DECLINED)


def test_only_a_curator_confirms() -> None:
    with pytest.raises(Forbidden) as refusal:
        confirm(a_pairing(PairingState.ACCEPTED), STRANGER, is_curator=False)

    assert refusal.value.slug == "pairing.only-curator-confirms"


@pytest.mark.parametrize("person", [GIVER, TAKER])
def test_a_curator_who_is_one_of_the_two_does_not_confirm(person: UUID) -> None:
    with pytest.raises(Forbidden) as refusal:
        confirm(a_pairing(PairingState.ACCEPTED), person, is_curator=True)

    assert refusal.value.slug == "pairing.own-pairing"


@pytest.mark.parametrize("state", [state for state in PairingState if state is not PairingState.ACCEPTED])
def test_only_an_accepted_pairing_is_confirmed(state: PairingState) -> None:
    with pytest.raises(Conflict) as refusal:
        confirm(a_pairing(state), CURATOR, is_curator=True)

    assert refusal.value.slug == "pairing.illegal-step"


def test_only_a_formed_pairing_is_dissolved() -> None:
    assert dissolve(a_pairing(PairingState.FORMED)).state is PairingState.DISSOLVED

    with pytest.raises(Conflict):
        dissolve(a_pairing(PairingState.ACCEPTED))


@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        ("2026-09-07T09:30", "2026-09-10T21:00"),  # Monday: Tuesday, Wednesday, Thursday
        ("2026-09-10T09:30", "2026-09-15T21:00"),  # Thursday: Friday, Monday, Tuesday
        ("2026-09-12T09:30", "2026-09-16T21:00"),  # Saturday: Monday, Tuesday, Wednesday
        ("2026-09-07T21:30", "2026-09-11T21:00"),  # Monday night in UTC is Tuesday in Moscow
        ("2026-11-03T09:30", "2026-11-09T21:00"),  # Tuesday before a public holiday: Thursday, Friday, Monday
    ],
)
def test_an_answer_has_three_whole_working_days_at_the_place(asked: str, ends: str) -> None:
    asked_at = datetime.fromisoformat(asked).replace(tzinfo=UTC)

    assert expires_at(asked_at) == datetime.fromisoformat(ends).replace(tzinfo=UTC)


def test_a_pairing_expires_after_its_own_days() -> None:
    pairing = replace(a_pairing(PairingState.PROPOSED, asked_at=MONDAY), answer_days=1)

    assert pairing.expires_at == datetime(2026, 9, 8, 21, tzinfo=UTC)
    assert is_overdue(pairing, pairing.expires_at)
    assert not is_overdue(pairing, pairing.expires_at - timedelta(seconds=1))


def test_another_place_counts_its_own_days() -> None:
    assert expires_at(MONDAY, time_zone="Asia/Yekaterinburg") == datetime(2026, 9, 10, 19, tzinfo=UTC)


def test_an_answer_after_the_term_is_too_late() -> None:
    with pytest.raises(Conflict) as refusal:
        answer(a_pairing(), TAKER, is_yes=True, now=FRIDAY)

    assert refusal.value.facts == {"state": "EXPIRED", "legal": []}


def test_a_late_giver_hears_no_more_than_of_an_expired_pairing() -> None:
    with pytest.raises(Missing):
        answer(a_pairing(PairingState.TAKER_AGREED), GIVER, is_yes=True, now=FRIDAY)


def test_the_giver_has_days_of_their_own() -> None:
    agreed = answer(a_pairing(), TAKER, is_yes=True, now=TUESDAY)

    assert agreed.asked_at == TUESDAY
    assert answer(agreed, GIVER, is_yes=True, now=FRIDAY).state is PairingState.ACCEPTED


def test_only_what_awaits_an_answer_expires() -> None:
    assert expire_overdue(a_pairing(), FRIDAY).state is PairingState.EXPIRED
    assert expire_overdue(a_pairing(), TUESDAY).state is PairingState.PROPOSED
    assert expire_overdue(a_pairing(PairingState.ACCEPTED), FRIDAY).state is PairingState.ACCEPTED
    assert expire_overdue(replace(a_pairing(), asked_at=FRIDAY), FRIDAY).state is PairingState.PROPOSED


def test_free_times_go_to_a_mask_and_back_in_the_order_of_the_week() -> None:
    assert slots_mask(["mon-1"]) == 1
    assert slots_mask(["fri-8"]) == 1 << 39
    assert slots_names(slots_mask(["tue-2", "mon-3", "tue-2"])) == ("mon-3", "tue-2")
    assert slots_names(slots_mask(SLOTS)) == SLOTS
    assert slots_names(0) == ()


@pytest.mark.parametrize("name", ["sat-1", "mon-9", "mon-0", "mon", ""])
def test_a_time_outside_the_school_week_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        slots_mask([name])

    assert refusal.value.slug == "availability.unknown-slot"
    assert refusal.value.field == "slots"


@pytest.mark.parametrize("mask", [-1, 1 << 40])
def test_a_mask_beyond_the_school_week_is_refused(mask: int) -> None:
    with pytest.raises(Invalid):
        slots_names(mask)


def test_a_person_carries_two_pairings_in_each_role_unless_told_otherwise() -> None:
    assert (Capacity().give, Capacity().take) == (2, 2)
    assert Capacity(give=0, take=8).take == 8


@pytest.mark.parametrize(("give", "take", "field"), [(9, 2, "give"), (2, -1, "take")])
def test_a_capacity_beyond_eight_or_below_zero_is_refused(give: int, take: int, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Capacity(give=give, take=take)

    assert refusal.value.slug == "availability.capacity-out-of-range"
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("states", "concluded"),
    [
        ("FORMED", True),
        ("FORMED DECLINED EXPIRED DISSOLVED", True),
        ("FORMED PROPOSED", False),
        ("FORMED TAKER_AGREED", False),
        ("FORMED ACCEPTED", False),
        ("DECLINED EXPIRED DISSOLVED", False),
        ("", False),
    ],
)
def test_a_run_is_concluded_when_all_is_decided_and_one_pair_is_formed(states: str, concluded: bool) -> None:
    assert is_concluded(PairingState(state) for state in states.split()) is concluded


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("PROPOSED", "EXPIRED"),
        ("TAKER_AGREED", "EXPIRED"),
        ("ACCEPTED", "EXPIRED"),
        ("FORMED", "DISSOLVED"),
        ("DECLINED", "DECLINED"),
        ("EXPIRED", "EXPIRED"),
        ("DISSOLVED", "DISSOLVED"),
    ],
)
def test_a_pairing_ends_in_its_own_way_when_one_of_the_two_is_gone(before: str, after: str) -> None:
    assert part(a_pairing(PairingState(before))).state.value == after


def test_what_is_carried_already_is_taken_off_the_capacity_and_never_below_nothing() -> None:
    assert Capacity(give=3, take=1).left(gives=2, takes=2) == Capacity(give=1, take=0)


@pytest.mark.parametrize("state", [state for state in RunState if state is not RunState.REVIEW])
def test_an_end_is_chosen_during_the_review_only(state: RunState) -> None:
    with pytest.raises(Conflict) as refusal:
        check_choice(state)

    assert refusal.value.facts == {"state": state.value, "legal": legal_steps(state)}


@pytest.mark.parametrize("stage", ["CLOSED", "REPORTED", "ARCHIVED"])
def test_a_cycle_that_is_over_is_not_matched(stage: str) -> None:
    with pytest.raises(Conflict):
        check_cycle(stage)


@pytest.mark.parametrize("stage", [None, "APPROVED", "MATCHING", "ACTIVE", "POST_DIAGNOSTICS"])
def test_any_other_cycle_is_matched(stage: str | None) -> None:
    check_cycle(stage)


@pytest.mark.parametrize(
    ("first", "last", "slug"),
    [
        (date(2026, 10, 2), date(2026, 10, 1), "pairing.term-reversed"),
        (date(2026, 10, 1), date(2027, 6, 16), "pairing.term-beyond-cycle"),
    ],
)
def test_a_term_runs_forward_and_ends_with_the_cycle(first: date, last: date, slug: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_term(first, last, cycle_ends_on=date(2027, 6, 15))

    assert refusal.value.slug == slug


def test_a_term_of_one_day_is_a_term() -> None:
    check_term(date(2027, 6, 15), date(2027, 6, 15), cycle_ends_on=date(2027, 6, 15))


def test_today_is_the_day_at_the_place() -> None:
    assert today_at_place(datetime(2026, 9, 7, 21, 30, tzinfo=UTC)) == date(2026, 9, 8)
