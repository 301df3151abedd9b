"""Meetings: planned by either, confirmed by both with one tap, settled by silence, thought back on in private."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from services.tracking import actions
from tests.stand import Stand, a_school
from tests.tracking.pairs import NOW, Pair, a_held_meeting, a_pairing, a_working_pair, an_opened_pair

START = NOW + timedelta(days=1)
AFTER = START + timedelta(hours=1)
YES = {"took_place": True}
NO = {"took_place": False}


async def verbs(pair: Pair, meeting: object) -> list[str]:
    return [subject.split(".")[3] for subject in await pair.tracking.announced("meeting", str(meeting))]


async def test_moved_meeting_is_planned_again_and_a_repeat_is_not(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    meeting = await pair.plan(START)

    await pair.plan(START, meeting_id=meeting)
    await pair.plan(START + timedelta(days=1), meeting_id=meeting)

    bodies = await tracking.bodies("meeting.planned", str(meeting))
    assert [b'"revision":1' in bodies[0], b'"revision":2' in bodies[1], len(bodies)] == [True, True, 2]


async def test_meeting_is_confirmed_after_its_start_only(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    meeting = await pair.plan(START)

    early = await pair.giver("POST", f"meetings/{meeting}/confirm", json=YES)

    assert (early.status_code, early.json()["legal"]) == (409, ["reschedule"])


async def test_two_confirmations_at_once_make_one_meeting_held(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    meeting = await pair.plan(START)
    stand.clock.move_to(AFTER)
    door = f"meetings/{meeting}/confirm"

    answers = await asyncio.gather(*(side("POST", door, json=YES) for side in (pair.giver, pair.taker) * 3))

    assert {answer.status_code for answer in answers} == {200}
    assert await verbs(pair, meeting) == ["planned", "held"]
    late = await pair.giver("POST", door, json=NO)
    assert (late.status_code, late.json()["state"], late.json()["legal"]) == (409, "HELD", [])


async def test_one_yes_and_seven_days_of_silence_make_a_meeting_held(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    meeting = await pair.plan(START)
    stand.clock.move_to(AFTER)
    await pair.giver("POST", f"meetings/{meeting}/confirm", json=YES)

    stand.clock.move_to(AFTER + timedelta(days=6, hours=23))
    await actions.settle_silence(tracking.db)
    before = await verbs(pair, meeting)
    stand.clock.move_to(AFTER + timedelta(days=7, minutes=1))
    await asyncio.gather(actions.settle_silence(tracking.db), actions.settle_silence(tracking.db))

    assert before == ["planned"]
    assert await verbs(pair, meeting) == ["planned", "held"]


async def test_one_no_and_silence_or_two_no_make_a_meeting_missed(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    by_one, by_both = await pair.plan(START), await pair.plan(START)
    stand.clock.move_to(AFTER)

    await pair.giver("POST", f"meetings/{by_one}/confirm", json=NO)
    for side in (pair.giver, pair.taker):
        await side("POST", f"meetings/{by_both}/confirm", json=NO)
    stand.clock.move_to(AFTER + timedelta(days=8))
    await actions.settle_silence(tracking.db)

    assert await verbs(pair, by_one) == await verbs(pair, by_both) == ["planned", "missed"]


async def test_yes_against_no_is_shown_to_the_curator_until_one_changes_mind(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    meeting = await pair.plan(START)
    stand.clock.move_to(AFTER)
    door = f"meetings/{meeting}/confirm"

    await pair.giver("POST", door, json=YES)
    disputed = await pair.taker("POST", door, json=NO)
    stand.clock.move_to(AFTER + timedelta(days=30))
    await actions.settle_silence(tracking.db)
    seen = await pair.seen()
    settled = await pair.taker("POST", door, json=YES)

    assert (disputed.json()["state"], seen["disputed_meetings"]) == ("CONFIRMED", 1)
    assert settled.json()["state"] == "HELD"
    assert (await pair.seen())["disputed_meetings"] == 0


async def test_both_silent_leaves_a_meeting_as_it_is(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    meeting = await pair.plan(START)

    stand.clock.move_to(AFTER + timedelta(days=30))
    await actions.settle_silence(tracking.db)

    assert await verbs(pair, meeting) == ["planned"]


async def test_only_a_working_pair_plans_and_only_its_two_people(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    stand.clock.move_to(NOW)
    pair = await an_opened_pair(stand, tracking)
    door = f"assignments/{pair.id}/meetings/{uuid4()}"
    body = {"kind": "trial", "starts_at": START.isoformat(), "minutes": 30}

    waiting = await pair.giver("PUT", door, json=body)
    stranger = await tracking.call(
        "PUT",
        f"/schools/{pair.school}/my/{door}",
        by=uuid4(),
        groups=[f"/schools/{pair.school}/teacher", f"/schools/{pair.school}/curator"],
        json=body,
    )
    odd = await pair.giver("PUT", door, json={**body, "kind": "party"})

    assert (waiting.status_code, waiting.json()["state"]) == (409, "OPENED")
    assert stranger.status_code == 404
    assert odd.status_code == 422


async def test_id_of_another_pairs_meeting_is_refused(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    other = await a_working_pair(stand, tracking, a_pairing(pair.school))
    far = await a_working_pair(stand, tracking, a_pairing(a_school()))
    meeting = await pair.plan(START)
    body = {"kind": "working", "starts_at": START.isoformat(), "minutes": 45}

    answers = [await one.giver("PUT", f"assignments/{one.id}/meetings/{meeting}", json=body) for one in (other, far)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert answers[0].json()["type"] == answers[1].json()["type"] == "urn:neo:problem:meeting.id-taken"


async def test_my_meetings_come_in_the_order_of_their_start_page_by_page(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    days = (3, 1, 2)
    planned = {day: str(await pair.plan(NOW + timedelta(days=day))) for day in days}

    first = (await pair.giver("GET", "meetings", params={"limit": 2})).json()
    second = (await pair.giver("GET", f"meetings?limit=2&after={first['next']}")).json()

    assert [row["meeting_id"] for row in first["items"] + second["items"]] == [planned[day] for day in sorted(days)]


async def test_reflection_is_read_by_the_two_alone_and_told_without_text_or_mark(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    meeting = await a_held_meeting(stand, pair, START)
    thought = {"usefulness": 4, "text": "возьму в работу карточки", "obstacles": ["time"]}

    first = await pair.taker("PUT", f"meetings/{meeting}/reflection", json=thought)
    again = await pair.taker("PUT", f"meetings/{meeting}/reflection", json={**thought, "usefulness": 5})

    seen_by_giver = (await pair.giver("GET", "meetings")).json()["items"][0]["reflections"]
    bodies = await tracking.bodies("reflection", pair.school)
    assert (first.status_code, again.status_code) == (200, 200)
    assert [(row["usefulness"], row["text"]) for row in seen_by_giver] == [(5, thought["text"])]
    assert len(bodies) == 1
    assert "карточки" not in bodies[0].decode()
    assert b"usefulness" not in bodies[0]
    for path in ("assignments", "health"):
        assert "карточки" not in (await pair.curator("GET", path)).text


async def test_reflection_must_say_something_known_about_a_meeting_that_took_place(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    planned = await pair.plan(START + timedelta(days=9))
    meeting = await a_held_meeting(stand, pair, START)
    door = f"meetings/{meeting}/reflection"

    early = await pair.taker("PUT", f"meetings/{planned}/reflection", json={"usefulness": 3})
    empty = await pair.taker("PUT", door, json={})
    odd = await pair.taker("PUT", door, json={"obstacles": ["boredom"]})
    long = await pair.taker("PUT", door, json={"text": "я" * 201})

    assert [one.status_code for one in (early, empty, odd, long)] == [409, 422, 422, 422]
    assert odd.json()["field"] == "obstacles"
