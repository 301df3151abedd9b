"""What diagnostics hears: kept once, in whatever order, and forgotten when a person asks."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from chassis.testing import eventually
from contracts.event import Event
from contracts.registry import CycleStage, PersonErased, PersonLeft
from contracts.topology import HEARS
from services.diagnostics.consumers import subscriptions
from tests.diagnostics.classroom import (
    NOW,
    Classroom,
    a_classroom,
    a_consent,
    a_cycle,
    a_member,
    a_stage,
)
from tests.stand import Running, Stand, a_school

ABOUT_PEOPLE = ("participants", "sheets", "profiles", "releases", "needs", "offers", "consents")
PERSON = uuid4()


def a_leaver(school: str, person: UUID, *, revision: int = 1) -> PersonLeft:
    return PersonLeft(school_id=school, person_id=person, left_on=date(2026, 9, 10), revision=revision, occurred_at=NOW)


def an_erasure(school: str, person: UUID) -> PersonErased:
    return PersonErased(person_id=person, school_ids=(school,), occurred_at=NOW)


async def shows(look: Callable[[], Awaitable[object]], wanted: object) -> None:
    await eventually(look, equals=wanted)


async def rows(running: Running, table: str, school: str) -> list[Mapping[str, Any]]:
    async with running.db.transaction(school) as tx:
        return [dict(row) for row in await tx.rows(text(f"select * from {table} order by 1, 2"))]


def test_every_fact_that_is_heard_has_one_handler() -> None:
    heard = [subscription.event for subscription in subscriptions()]

    assert len(heard) == len(set(heard))
    assert set(heard) == set(HEARS["diagnostics"])


@pytest.mark.parametrize(
    ("table", "fact", "key", "value"),
    [
        ("members", lambda school: a_member(school, PERSON, subjects=("PHY",)), "subjects", ["PHY"]),
        ("members", lambda school: a_leaver(school, PERSON), "left_on", date(2026, 9, 10)),
        ("members", lambda school: an_erasure(school, PERSON), "is_erased", True),
        ("cycles", lambda school: a_cycle(school, uuid4()), "stage", "APPROVED"),
        ("cycles", lambda school: a_stage(school, uuid4(), CycleStage.ACTIVE, revision=4), "stage", "ACTIVE"),
        ("consents", lambda school: a_consent(school, PERSON, is_given=True), "is_given", True),
        ("consents", lambda school: a_consent(school, PERSON, is_given=False), "is_given", False),
    ],
)
async def test_same_fact_twice_is_kept_once(
    stand: Stand, table: str, fact: Callable[[str], Event], key: str, value: object
) -> None:
    running = await stand.service("diagnostics")
    school = a_school()
    event = fact(school)
    behind = [fact(a_school()) for _ in range(2)] if table != "members" else [a_member(a_school())]

    await stand.publish(event, event, *behind)

    async def kept() -> list[object]:
        return [row[key] for row in await rows(running, table, school)]

    await shows(kept, [value])
    await stand.publish(event)
    await shows(kept, [value])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_newest_membership_wins_in_whatever_order(stand: Stand, order: Sequence[int]) -> None:
    running = await stand.service("diagnostics")
    school, person = a_school(), uuid4()
    facts = [
        a_member(school, person, subjects=("CHE",), revision=1),
        a_leaver(school, person, revision=2),
        a_member(school, person, subjects=("PHY",), revision=3),
    ]

    for place in order:
        await stand.publish(facts[place])
    await stand.publish(a_member(school, revision=1))

    async def kept() -> list[object]:
        found = await rows(running, "members", school)
        return [(row["subjects"], row["left_on"], row["revision"]) for row in found if row["person_id"] == person]

    await shows(kept, [(["PHY"], None, 3)])
    await eventually(lambda: running.count("members", school), equals=2)


async def test_stage_that_comes_before_its_cycle_is_kept(stand: Stand) -> None:
    running = await stand.service("diagnostics")
    school, cycle = a_school(), a_cycle("-").cycle_id

    async def kept() -> list[object]:
        return [(row["stage"], row["ends_on"]) for row in await rows(running, "cycles", school)]

    await stand.publish(a_stage(school, cycle, CycleStage.ACTIVE, revision=6))
    await shows(kept, [("ACTIVE", None)])
    await stand.publish(a_stage(school, cycle, CycleStage.MATCHING, revision=4), a_cycle(school, cycle))

    await shows(kept, [("ACTIVE", date(2027, 6, 15))])


async def an_involved_person(room: Classroom) -> UUID:
    """Someone who answered, rated, was scored, and released, needs and offers something."""
    campaign = await room.opened()
    person, other = room.teachers[:2]
    await room.score(campaign, person, own=3, seen=2)
    await room.score(campaign, other, own=3, seen=2)
    await room.rate(campaign, person, other, 4)
    await room.release(person, "M02")
    await room.release(other, "M02")
    await room.call("PUT", f"/my/needs/{room.cycle}/M02", by=person, json={"wish": 1})
    offer = {"formats": ["meeting"], "minutes": 45, "outside_school": False}
    await room.call("PUT", f"/my/offers/{room.cycle}/D08", by=person, json=offer)
    await room.stand.publish(a_consent(room.school, person, is_given=True))
    await eventually(lambda: room.running.count("consents", room.school), equals=1)
    return person


async def test_erased_person_leaves_nothing_but_the_bare_id(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=2)
    person = await an_involved_person(room)
    running, school = room.running, room.school

    async def traces() -> int:
        found = [row for table in ABOUT_PEOPLE for row in await rows(running, table, school)]
        return sum(str(person) in map(str, row.values()) for row in found)

    assert await traces() > 20
    await stand.publish(an_erasure(school, person))
    await eventually(traces, equals=0)

    others = await rows(running, "profiles", school)
    assert {row["person_id"] for row in others} == {room.teachers[1]}
    (member,) = [row for row in await rows(running, "members", school) if row["person_id"] == person]
    assert (member["roles"], member["role_profiles"], member["subjects"]) == ([], [], [])


@pytest.mark.parametrize("is_erased_first", [True, False])
async def test_erased_person_does_not_come_back_with_late_news(stand: Stand, is_erased_first: bool) -> None:
    running = await stand.service("diagnostics")
    school, person = a_school(), uuid4()
    facts = [an_erasure(school, person), a_member(school, person, revision=9)]

    async def kept() -> list[object]:
        return [(row["roles"], row["is_erased"]) for row in await rows(running, "members", school)]

    for fact in facts if is_erased_first else reversed(facts):
        await stand.publish(fact)
    await shows(kept, [([], True)])
    await stand.publish(a_member(school, person, revision=10), a_leaver(school, person, revision=11))
    await stand.publish(a_member(school))
    await eventually(lambda: running.count("members", school), equals=2)

    assert ([], True) in await kept()


async def test_erasure_in_one_school_leaves_other_schools_alone(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=2)
    person = await an_involved_person(room)

    await stand.publish(an_erasure(a_school(), person), a_member(room.school))
    await eventually(lambda: room.running.count("members", room.school), equals=4)

    assert person in {row["person_id"] for row in await rows(room.running, "profiles", room.school)}
