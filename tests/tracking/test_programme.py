"""Goals, a call for help, the wish for another pair, the health of pairs, and what erasure takes away."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from chassis.testing import eventually
from contracts.registry import CycleStage, PersonErased
from services.tracking import actions
from tests.stand import Stand
from tests.tracking.pairs import NOW, a_cycle, a_held_meeting, a_stage, a_working_pair

GOAL = {"text": "К марту я провожу урок с цифровой лабораторией в 8 «Б»", "due_on": "2027-03-01", "sign": "lesson_held"}


async def test_goal_is_agreed_once_and_achieved_once_by_both_at_once(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    door = f"assignments/{pair.id}/goals/{uuid4()}"

    first = await pair.taker("PUT", door, json=GOAL)
    again = await pair.taker("PUT", door, json=GOAL)
    other = await pair.taker("PUT", door, json={**GOAL, "text": "другая"})
    done = await asyncio.gather(*(side("POST", f"{door}/achieve") for side in (pair.giver, pair.taker)))

    assert [one.status_code for one in (first, again, other)] == [201, 200, 409]
    assert {one.json()["state"] for one in done} == {"ACHIEVED"}
    assert await tracking.announced("goal", pair.school) == ["neo.tracking.goal.achieved.v1"]
    goals = (await pair.giver("GET", "assignments")).json()["items"][0]["goals"]
    assert [(goal["text"], goal["state"]) for goal in goals] == [(GOAL["text"], "ACHIEVED")]


@pytest.mark.parametrize(
    ("field", "value"),
    [("sign", "mood"), ("due_on", "2026-10-19"), ("due_on", "2027-05-16"), ("text", " ")],
)
async def test_goal_that_is_not_smart_is_refused_by_its_field(stand: Stand, field: str, value: str) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)

    answer = await pair.taker("PUT", f"assignments/{pair.id}/goals/{uuid4()}", json={**GOAL, field: value})

    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_closed_cycle_takes_no_new_goals_or_meetings_whichever_fact_came_first(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    cycle = pair.formed.cycle_id
    closed = a_stage(pair.school, cycle, CycleStage.CLOSED, revision=5)
    await stand.publish(closed, closed, a_stage(pair.school, cycle, CycleStage.ACTIVE, revision=4))
    await stand.publish(a_cycle(pair.school, cycle), a_cycle(pair.school, cycle))
    await eventually(
        lambda: tracking.count("cycles where ends_on is not null and stage = 'CLOSED'", pair.school), equals=1
    )

    goal = await pair.taker("PUT", f"assignments/{pair.id}/goals/{uuid4()}", json=GOAL)
    meeting = await pair.taker(
        "PUT",
        f"assignments/{pair.id}/meetings/{uuid4()}",
        json={"kind": "visit", "starts_at": NOW.isoformat(), "minutes": 40},
    )

    assert [one.json()["type"] for one in (goal, meeting)] == ["urn:neo:problem:cycle.closed"] * 2


async def test_call_for_help_is_told_once_and_seen_by_the_curator_alone(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)

    answers = [await pair.taker("POST", f"assignments/{pair.id}/{wish}") for wish in ("help", "help", "rematch")]

    seen = await pair.seen()
    partner = (await pair.giver("GET", "assignments")).text
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert (seen["asks_for_help"], seen["wishes_rematch"]) == (True, True)
    assert "help" not in partner
    assert "rematch" not in partner
    assert await tracking.announced("stalled", pair.school) == ["neo.tracking.pair.stalled.v1"]
    assert await tracking.announced("rematch", pair.school) == []
    assert (await pair.curator("GET", "health")).json()["red"] == 1
    await pair.step("helped")
    assert (await pair.curator("GET", "health")).json()["green"] == 1


async def test_pair_that_has_not_met_for_six_weeks_is_told_of_once(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)

    stand.clock.move_to(NOW + timedelta(days=41))
    await actions.watch_pairs(tracking.db)
    before = await tracking.announced("stalled", pair.school)
    stand.clock.move_to(NOW + timedelta(days=42))
    for _ in range(2):
        await asyncio.gather(actions.watch_pairs(tracking.db), actions.watch_pairs(tracking.db))

    assert before == []
    assert await tracking.announced("stalled", pair.school) == ["neo.tracking.pair.stalled.v1"]


async def test_health_follows_the_meetings(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    await a_held_meeting(stand, pair, NOW + timedelta(days=10))
    colours = []

    for days in (30, 35, 60, 75):
        stand.clock.move_to(NOW + timedelta(days=days))
        page = (await pair.curator("GET", f"health?cycle_id={pair.formed.cycle_id}")).json()
        colours.append(page["rows"]["items"][0]["colour"])

    # Day 60 lies in the winter holidays: only 41 of the 50 days since the meeting count.
    assert colours == ["green", "amber", "amber", "red"]


async def test_poor_mark_turns_a_pair_amber_without_showing_the_mark(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    meeting = await a_held_meeting(stand, pair, NOW + timedelta(days=1))

    await pair.taker("PUT", f"meetings/{meeting}/reflection", json={"usefulness": 2})
    health = await pair.curator("GET", "health")

    assert (health.json()["amber"], "usefulness" in health.text) == (1, False)


async def test_erasure_deletes_texts_marks_and_leaves_the_facts(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    meeting = await a_held_meeting(stand, pair, NOW + timedelta(days=1))
    for side, text in ((pair.giver, "мысль дающего"), (pair.taker, "мысль берущего")):
        await side("PUT", f"meetings/{meeting}/reflection", json={"text": text, "usefulness": 4})
    await pair.taker("PUT", f"assignments/{pair.id}/goals/{uuid4()}", json=GOAL)
    erased = an_erasure(pair.formed.taker_id, pair.school)

    await stand.publish(erased, erased)
    await eventually(lambda: tracking.count("goals where text is null", pair.school), equals=1)

    mine = (await pair.giver("GET", "meetings")).json()["items"][0]
    left = {row["person_id"]: (row["text"], row["usefulness"]) for row in mine["reflections"]}
    assert mine["state"] == "HELD"
    assert left == {
        # The partner's words may name the person; the partner's mark does not.
        str(pair.formed.giver_id): (None, 4),
        str(pair.formed.taker_id): (None, None),
    }


def an_erasure(person: UUID, school: str) -> PersonErased:
    return PersonErased(person_id=person, school_ids=(school,), occurred_at=NOW)
