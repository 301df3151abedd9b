"""How pairs end: departures, withdrawn consents, work that ends early or as planned, a match that does not fit."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.documents import ConsentPurpose, ConsentWithdrawn
from contracts.event import Event
from contracts.registry import PersonErased, PersonLeft
from contracts.tracking import (
    AssignmentCompleted,
    AssignmentTerminated,
    Basis,
    RematchRequested,
    TerminationReason,
)
from tests.matching.pairs import formed, proposed, state_of, told
from tests.matching.school import NOW, Trio
from tests.stand import Stand


def an_assignment(pair: Trio, pairing: str) -> dict[str, Any]:
    return {
        "assignment_id": uuid4(),
        "pairing_id": UUID(pairing),
        "cycle_id": pair.school.cycle,
        "giver_id": pair.anna,
        "taker_id": pair.vera,
        "competency": "D01",
        "giver_school": pair.school.id,
        "taker_school": pair.school.id,
        "basis": Basis.LOCAL_ACT,
        "occurred_at": NOW,
    }


def a_termination(pair: Trio, pairing: str) -> AssignmentTerminated:
    return AssignmentTerminated(**an_assignment(pair, pairing), reason=TerminationReason.INCOMPATIBILITY)


def a_rematch(pair: Trio, pairing: str) -> RematchRequested:
    return RematchRequested(**an_assignment(pair, pairing), school_id=pair.school.id)


def a_departure(pair: Trio, person: UUID) -> PersonLeft:
    left_on = date(2026, 10, 12)
    return PersonLeft(school_id=pair.school.id, person_id=person, left_on=left_on, revision=2, occurred_at=NOW)


@pytest.mark.parametrize("who", ["anna", "vera"])
async def test_the_proposals_of_a_leaver_expire_for_both(stand: Stand, who: str) -> None:
    pair, pairing = await proposed(stand)
    await pair.school.say(pair.vera, pairing, "accept")
    departure = a_departure(pair, getattr(pair, who))

    await pair.school.hear(departure, departure)

    assert await state_of(pair) == "EXPIRED"
    assert await told(pair) == ["proposed", "expired"]


async def test_the_formed_pair_of_a_leaver_dissolves_and_a_return_in_between_keeps_it(stand: Stand) -> None:
    pair, _ = await formed(stand)
    school = pair.school

    await school.hear(school.member(pair.anna, revision=3))
    await school.hear(a_departure(pair, pair.anna))
    kept = await state_of(pair)
    await school.hear(school.member(pair.anna, left_on=date(2026, 10, 12), revision=4))

    assert (kept, await state_of(pair)) == ("FORMED", "DISSOLVED")
    assert await told(pair) == ["proposed", "accepted", "formed", "dissolved"]


async def test_the_pairs_of_an_erased_person_end(stand: Stand) -> None:
    pair, _ = await formed(stand)

    await pair.school.hear(PersonErased(person_id=pair.vera, school_ids=(pair.school.id,), occurred_at=NOW))

    assert await state_of(pair) == "DISSOLVED"


async def test_who_leaves_one_school_keeps_the_pairs_of_the_other(stand: Stand) -> None:
    here, _ = await formed(stand)
    elsewhere = PersonLeft(
        school_id="elsewhere", person_id=here.anna, left_on=date(2026, 10, 12), revision=9, occurred_at=NOW
    )

    # Both facts may be folded into one transaction that sees both schools.
    await here.school.hear(elsewhere, a_departure(here, here.boris))

    assert await state_of(here) == "FORMED"


async def test_a_withdrawn_consent_stops_proposals_and_leaves_what_is_formed(stand: Stand) -> None:
    pair, _ = await proposed(stand)
    other, _ = await formed(stand)

    def withdrawn(one: Trio) -> Event:
        purpose = ConsentPurpose.PD_PLATFORM
        return ConsentWithdrawn(
            school_id=one.school.id, person_id=one.vera, purpose=purpose, revision=2, occurred_at=NOW
        )

    await pair.school.hear(withdrawn(pair), withdrawn(other))

    assert (await state_of(pair), await state_of(other)) == ("EXPIRED", "FORMED")


async def test_a_terminated_assignment_dissolves_its_pair_once_and_frees_both(stand: Stand) -> None:
    pair, pairing = await formed(stand)
    end = a_termination(pair, pairing)

    await pair.school.hear(end, end)

    assert await state_of(pair) == "DISSOLVED"
    assert await told(pair) == ["proposed", "accepted", "formed", "dissolved"]
    assert (await pair.school.solved())["demand"] == 1


async def test_a_completed_assignment_frees_capacity_and_its_need_stays_served(stand: Stand) -> None:
    pair, pairing = await formed(stand)
    school = pair.school
    await school.free(pair.anna, give=1)
    await school.hear(*school.strong(pair.anna, "D03"), *school.needs(pair.vera, "D03"))
    full = await school.solved()

    await school.hear(AssignmentCompleted(**an_assignment(pair, pairing)))
    freed = await school.solved()

    assert (await state_of(pair), full["demand"], freed["demand"]) == ("FORMED", 1, 1)
    assert await school.proposed(full["run_id"]) == set()
    assert await school.proposed(freed["run_id"]) == {(pair.anna, pair.vera, "D03")}


async def test_two_who_meet_already_are_not_proposed_for_a_second_topic(stand: Stand) -> None:
    pair, _ = await formed(stand)
    school = pair.school
    await school.hear(*school.strong(pair.anna, "D03"), *school.needs(pair.vera, "D03"))

    run = await school.solved()

    unmet = (await school.curate("GET", f"/runs/{run['run_id']}/unmet")).json()["items"]
    assert await school.proposed(run["run_id"]) == set()
    assert [one["rule"] for one in unmet] == ["pair-taken"]


async def test_a_pair_that_does_not_fit_is_matched_with_others_in_this_cycle(stand: Stand) -> None:
    pair, pairing = await formed(stand)
    school = pair.school
    await school.hear(*school.strong(pair.boris))
    await school.free(pair.boris)

    await school.hear(a_rematch(pair, pairing), a_termination(pair, pairing))
    run = await school.solved()

    assert await state_of(pair) == "DISSOLVED"
    assert await told(pair) == ["proposed", "accepted", "formed", "dissolved"]
    assert await school.proposed(run["run_id"]) == {(pair.boris, pair.vera, "D01")}
