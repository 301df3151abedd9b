"""Two curators at one appeal or one assignment: who saw an older state of it decides nothing."""

from typing import Any
from uuid import UUID

import httpx

from tests.diagnostics.classroom import Classroom, a_classroom
from tests.diagnostics.test_appeals import disputed, seen
from tests.stand import Stand


def as_seen(tag: str) -> dict[str, Any]:
    return {"headers": {"If-Match": tag}}


async def curate(room: Classroom, method: str, path: str, **request: Any) -> httpx.Response:
    return await room.call(method, path, by=room.curator, role="curator", **request)


async def test_appeal_that_was_decided_meanwhile_is_not_decided_again(stand: Stand) -> None:
    room = await a_classroom(stand)
    await room.score(await room.opened(), room.teachers[0], own=3, seen=2)
    appeal, _ = await disputed(room, room.teachers[0])
    await curate(room, "POST", f"/appeals/{appeal}/review")
    (shown,) = await seen(room)
    tag = as_seen(shown["etag"])

    rejected = await curate(room, "POST", f"/appeals/{appeal}/reject", **tag)
    upheld = await curate(room, "POST", f"/appeals/{appeal}/uphold", json={"source": "OBS"}, **tag)
    reviewed = await curate(room, "POST", f"/appeals/{appeal}/review", **tag)

    assert [one.status_code for one in (rejected, upheld, reviewed)] == [200, 412, 412]
    assert (upheld.json()["state"], upheld.json()["etag"]) == ("REJECTED", rejected.headers["etag"])


async def test_observer_is_assigned_and_released_as_the_list_showed(stand: Stand) -> None:
    room = await a_classroom(stand, observers=2)
    campaign, observer, person = await room.opened(), room.observers[0], room.teachers[0]
    door = f"/campaigns/{campaign}/observers/{observer}/people/{person}"

    made = await curate(room, "PUT", door, json={"competencies": ["M02", "M03"]})
    (listed,) = [
        one
        for one in await _listed(room, campaign)
        if (one["observer_id"], one["person_id"]) == (str(observer), str(person))
    ]
    first = await curate(room, "PUT", door, json={"competencies": ["M02"]}, **as_seen(listed["etag"]))
    second = await curate(room, "PUT", door, json={"competencies": ["M03"]}, **as_seen(listed["etag"]))
    released = await curate(room, "DELETE", door, **as_seen(listed["etag"]))

    assert made.headers["etag"] == made.json()["etag"] == listed["etag"]
    assert [one.status_code for one in (first, second, released)] == [200, 412, 412]
    assert (await curate(room, "DELETE", door, **as_seen(first.headers["etag"]))).status_code == 204


async def _listed(room: Classroom, campaign: UUID) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await curate(room, "GET", f"/campaigns/{campaign}/observers?limit=500")).json()[
        "items"
    ]
    return found
