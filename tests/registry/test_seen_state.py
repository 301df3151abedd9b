"""Two work on one cycle, person or place: who saw an older state of it changes nothing and is told."""

from typing import Any
from uuid import uuid4

import httpx

from tests.registry.cycle import a_cycle, a_draft
from tests.registry.town import ANALYST, a_place, a_school, some_id
from tests.stand import Stand

DECISION = {"due_on": "2026-10-05"}


async def test_head_who_saw_an_older_roadmap_decides_nothing(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    cycle_id = await a_cycle(school)
    address = f"/cycles/{cycle_id}/roadmap"
    read = (await school.call("head", "GET", address)).headers["etag"]

    first = await school.call("head", "PUT", f"{address}/2", json=DECISION, headers={"If-Match": read})
    second = await school.call("head", "PUT", f"{address}/3", json=DECISION, headers={"If-Match": read})
    now = await school.call("head", "GET", address)

    assert (first.status_code, second.status_code) == (200, 412)
    assert first.headers["etag"] == now.headers["etag"] != read
    told = second.json()
    assert (told["type"], told["field"]) == ("urn:neo:problem:state.moved-on", "If-Match")
    assert told["etag"] == now.headers["etag"]
    assert now.json() == first.json()


async def test_cycle_that_has_moved_is_not_moved_by_who_saw_the_draft(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    cycle_id = await a_draft(school)
    read = (await school.call("curator", "GET", f"/cycles/{cycle_id}")).headers["etag"]
    assert (await school.call("head", "POST", f"/cycles/{cycle_id}/approve")).status_code == 200

    stale = await school.call("head", "POST", f"/cycles/{cycle_id}/approve", headers={"If-Match": read})

    assert (stale.status_code, stale.json()["state"]) == (412, "APPROVED")
    # Without the header it is as it always was: the state itself refuses.
    assert (await school.call("head", "POST", f"/cycles/{cycle_id}/approve")).status_code == 409


async def test_roles_are_given_on_the_card_that_was_seen(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    person = await school.add()
    read = (await school.call("head", "GET", f"/people/{person}")).headers["etag"]
    door, seen = f"/people/{person}/roles", {"If-Match": read}

    first = await school.call("curator", "PUT", door, json={"roles": ["teacher", "observer"]}, headers=seen)
    second = await school.call("head", "PUT", door, json={"roles": ["curator"]}, headers=seen)
    now = await school.call("head", "GET", f"/people/{person}")

    assert (first.status_code, second.status_code) == (200, 412)
    assert (second.json()["roles"], now.json()["roles"]) == (["teacher", "observer"], ["teacher", "observer"])
    assert first.headers["etag"] == now.headers["etag"] == second.json()["etag"] != read


async def test_role_profiles_are_said_after_the_last_word_that_was_seen(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    person = await school.add()
    door = f"/people/{person}/role-profiles"
    read = (await school.call("curator", "GET", door)).headers["etag"]
    joined = (await school.call("curator", "GET", f"/people/{person}")).json()["joined_on"]

    def said(code: str) -> dict[str, object]:
        return {"profiles": [code], "valid_from": joined}

    first = await school.call("curator", "PUT", door, json=said("METHODIST"), headers={"If-Match": read})
    second = await school.call("curator", "PUT", door, json=said("SUBJECT_TEACHER"), headers={"If-Match": read})
    now = await school.call("curator", "GET", door)

    assert (first.status_code, second.status_code) == (200, 412)
    assert [one["code"] for one in now.json()["profiles"]] == ["METHODIST"]
    assert first.headers["etag"] == now.headers["etag"] == second.json()["etag"] != read


async def test_place_is_said_anew_on_what_was_known_of_it(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    door = f"/places/{school.school_id}"

    async def call(method: str, **request: Any) -> httpx.Response:
        return await registry.call(method, door, by=uuid4(), groups=ANALYST, **request)

    read = await call("GET")
    seen, kept = {"If-Match": read.headers["etag"]}, a_place("school", school.district, valid_from="2026-09-02")
    first = await call("PUT", json={**kept, "name": "first"}, headers=seen)
    second = await call("PUT", json={**kept, "name": "second"}, headers=seen)

    assert (first.status_code, second.status_code) == (200, 412)
    assert first.headers["etag"] == second.json()["etag"] == (await call("GET")).headers["etag"]
    assert [one["name"] for one in (await call("GET", params={"on": "2026-09-02"})).json()["history"]][-1] == "first"


async def test_place_that_nobody_knows_is_nobodys_state(stand: Stand) -> None:
    registry = await stand.service("registry")
    place = a_place("city", None)

    answer = await registry.call(
        "PUT", f"/places/{some_id('city')}", by=uuid4(), groups=ANALYST, json=place, headers={"If-Match": "*"}
    )

    assert answer.status_code == 412
