"""Two people at one pair's work: whoever saw an older state of it changes nothing and is told what holds now."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.stand import Stand
from tests.tracking.pairs import NOW, a_working_pair, an_opened_pair

START = NOW + timedelta(days=2)
ENDING = {"reason": "long_leave"}


def as_seen(tag: str) -> dict[str, Any]:
    return {"headers": {"If-Match": tag}}


async def test_second_curator_does_not_end_what_the_first_let_rest(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    read = await pair.curator("GET", f"assignments/{pair.id}")
    tag = read.headers["etag"]

    rested = await pair.curator("POST", f"assignments/{pair.id}/suspend", **as_seen(tag))
    late = await pair.curator("POST", f"assignments/{pair.id}/terminate", json=ENDING, **as_seen(tag))

    assert (rested.status_code, late.status_code) == (200, 412)
    assert read.json()["etag"] == tag
    now = await pair.curator("GET", f"assignments/{pair.id}")
    assert late.json()["etag"] == rested.headers["etag"] == rested.json()["etag"] == now.headers["etag"] != tag
    assert (late.json()["state"], "resume" in late.json()["legal"]) == ("SUSPENDED", True)


async def test_other_steps_ask_for_the_seen_state_too(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    working, opened = await a_working_pair(stand, tracking), await an_opened_pair(stand, tracking)
    asked = [("POST", step, None) for step in ("suspend", "resume", "complete", "helped")]

    answers = [
        await working.curator(method, f"assignments/{working.id}/{step}", json=body, **as_seen('"0"'))
        for method, step, body in asked
    ]
    basis = await opened.curator("PUT", f"assignments/{opened.id}/basis", json={"basis": "VOLUNTARY"}, **as_seen('"0"'))

    assert [one.status_code for one in (*answers, basis)] == [412] * 5


async def test_cry_for_help_is_seen_before_the_work_is_brought_to_its_end(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    tag = (await pair.curator("GET", f"assignments/{pair.id}")).headers["etag"]
    assert (await pair.taker("POST", f"assignments/{pair.id}/help")).status_code == 200

    late = await pair.curator("POST", f"assignments/{pair.id}/complete", **as_seen(tag))

    assert late.status_code == 412


async def test_call_for_help_that_came_after_the_look_is_not_answered_with_the_one_before(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    assert (await pair.taker("POST", f"assignments/{pair.id}/help")).status_code == 200
    (seen,) = (await pair.curator("GET", "health")).json()["rows"]["items"]
    door = f"assignments/{pair.id}/helped"

    helped = await pair.curator("POST", door, **as_seen(seen["etag"]))
    stand.clock.move_to(NOW + timedelta(hours=1))
    assert (await pair.taker("POST", f"assignments/{pair.id}/help")).status_code == 200
    late = await pair.curator("POST", door, **as_seen(seen["etag"]))
    (calls,) = (await pair.curator("GET", "health")).json()["rows"]["items"]
    again = await pair.curator("POST", door, **as_seen(calls["etag"]))

    assert (helped.status_code, late.status_code, again.status_code) == (200, 412, 200)
    assert (calls["asks_for_help"], again.json()["asks_for_help"]) == (True, False)
    assert late.json()["etag"] == calls["etag"]
    assert len({seen["etag"], helped.headers["etag"], calls["etag"]}) == 3


async def test_of_two_who_move_one_meeting_the_second_is_told(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    meeting = await pair.plan(START)
    (planned,) = (await pair.giver("GET", "meetings")).json()["items"]
    door, tag = f"assignments/{pair.id}/meetings/{meeting}", as_seen(planned["etag"])

    def moved(days: int) -> dict[str, Any]:
        return {"kind": "working", "starts_at": (START + timedelta(days=days)).isoformat(), "minutes": 45}

    first = await pair.giver("PUT", door, json=moved(1), **tag)
    second = await pair.taker("PUT", door, json=moved(2), **tag)

    assert (first.status_code, second.status_code) == (200, 412)
    (now,) = (await pair.taker("GET", "meetings")).json()["items"]
    assert now["etag"] == first.headers["etag"] == second.json()["etag"] != planned["etag"]


async def test_meeting_that_is_not_there_is_nobodys_state(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    plan = {"kind": "working", "starts_at": START.isoformat(), "minutes": 45}

    answer = await pair.giver("PUT", f"assignments/{pair.id}/meetings/{uuid4()}", json=plan, **as_seen('"1"'))

    assert answer.status_code == 412


async def test_settings_of_two_screens_do_not_overwrite_each_other(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await an_opened_pair(stand, tracking)
    read = await pair.giver("GET", "notification-settings")
    wish, tag = {"quiet_from": "22:00", "quiet_to": "07:00"}, as_seen(read.headers["etag"])

    first = await pair.giver("PUT", "notification-settings", json=wish, **tag)
    second = await pair.giver("PUT", "notification-settings", json={**wish, "quiet_to": "09:00"}, **tag)
    again = await pair.giver("GET", "notification-settings")

    assert (first.status_code, second.status_code) == (200, 412)
    assert again.json() == first.json()
    assert again.headers["etag"] == first.headers["etag"] == second.json()["etag"]
