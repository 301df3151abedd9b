"""Two curators at one run: whoever says by `If-Match` which state they saw changes nothing in a later one."""

from uuid import uuid4

import pytest

from services.matching.api.seen import NONE, version_seen
from tests.matching.school import a_trio
from tests.matching.test_across import a_district
from tests.stand import Stand

CHOICE = {"variant": "dual-first"}


@pytest.mark.parametrize(
    ("seen", "said", "version"),
    [
        (None, None, None),
        (None, 7, 7),
        ("*", None, None),
        ('"7"', None, 7),
        ('"6", "7"', None, 7),
        ('"7"', 7, 7),
        ('"7"', 6, NONE),
        ('W/"7"', None, NONE),
        ("7", None, NONE),
        ('"07"', None, NONE),
        ('"7-5f2a9c01"', None, NONE),
        ("", None, NONE),
    ],
)
def test_tag_and_number_name_one_version(seen: str | None, said: int | None, version: int | None) -> None:
    assert version_seen(seen, said) == version


async def test_late_curator_is_told_by_the_standard_what_changed_meanwhile(stand: Stand) -> None:
    trio = await a_trio(stand)
    door = f"/runs/{(await trio.school.solved())['run_id']}"
    read = (await trio.school.curate("GET", door)).headers["etag"]
    late = {"headers": {"If-Match": read}}

    first = await trio.school.curate("POST", f"{door}/choose", json=CHOICE, **late)
    ban = {"ban": {"giver_id": str(trio.anna), "taker_id": str(trio.vera)}}
    answers = [
        await trio.school.curate("POST", f"{door}/choose", json={"variant": "coverage-first"}, **late),
        await trio.school.curate("POST", f"{door}/publish", **late),
        await trio.school.curate("PUT", f"{door}/edits/{uuid4()}", json=ban, **late),
        await trio.school.curate("POST", f"{door}/cancel", **late),
    ]

    assert (first.status_code, [one.status_code for one in answers]) == (200, [412] * 4)
    told = answers[0].json()
    assert (told["type"], told["field"]) == ("urn:neo:problem:state.moved-on", "If-Match")
    assert (told["state"], [one["what"] for one in told["changes"]]) == ("REVIEW", ["chosen"])
    assert told["etag"] == first.headers["etag"] == (await trio.school.curate("GET", door)).headers["etag"] != read


async def test_edit_carries_the_tag_of_its_run(stand: Stand) -> None:
    trio = await a_trio(stand)
    run = await trio.school.solved()
    door, ban = f"/runs/{run['run_id']}", {"ban": {"giver_id": str(trio.anna), "taker_id": str(trio.vera)}}
    read = (await trio.school.curate("GET", door)).headers["etag"]

    made = await trio.school.curate("PUT", f"{door}/edits/{uuid4()}", json=ban, headers={"If-Match": read})

    assert made.status_code == 202
    assert made.headers["etag"] != read


async def test_coordinator_who_saw_an_older_run_proposes_nothing(stand: Stand) -> None:
    district = await a_district(stand)
    door = f"/runs/{(await district.solved())['run_id']}"
    read = (await district.call("GET", door)).headers["etag"]
    assert (await district.call("POST", f"{door}/propose", headers={"If-Match": read})).status_code == 200

    again = await district.call("POST", f"{door}/propose", headers={"If-Match": read})
    cancelled = await district.call("POST", f"{door}/cancel", headers={"If-Match": read})

    assert (again.status_code, cancelled.status_code) == (412, 412)
