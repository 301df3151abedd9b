"""Curator and head work on one cycle: who saw an older state of it changes nothing and is told."""

from tests.registry.cycle import a_cycle, a_draft
from tests.registry.town import a_school
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
