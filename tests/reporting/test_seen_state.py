"""Curator, head and coordinator work on one report: whoever saw an older state of it moves nothing."""

from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.reporting.year import AS_OF, Year, a_school_year
from tests.stand import Running, Stand


async def take(reporting: Running, year: Year, report: UUID, step: str, seen: str | None = None) -> httpx.Response:
    """One step of the report by whoever may take it, as somebody saw it."""
    request: dict[str, Any] = {"headers": {"If-Match": seen}} if seen else {}
    door = f"/schools/{year.school}/reports/{report}"
    if step == "compute":
        wanted = {"cycle_id": str(year.cycle), "as_of": AS_OF}
        return await reporting.call("PUT", door, by=uuid4(), groups=year.groups["curator"], json=wanted, **request)
    if step in ("accept", "return"):
        role, door = "coordinator", f"/districts/{year.district}/reports/{report}"
        request |= {"json": {"reason": "проверьте численность"}} if step == "return" else {}
    else:
        role = "curator" if step == "review" else "head"
    return await reporting.call("POST", f"{door}/{step}", by=uuid4(), groups=year.groups[role], **request)


async def test_report_moves_from_the_state_that_was_seen_and_from_no_other(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year, report = await a_school_year(stand, reporting), uuid4()
    first = await take(reporting, year, report, "compute")
    seen, refused = [first.headers["etag"]], []

    for step in ("review", "sign", "submit", "return", "compute"):
        moved = await take(reporting, year, report, step, seen[-1])
        assert moved.status_code in (200, 201), moved.text
        refused.append((await take(reporting, year, report, step, seen[-1])).status_code)
        assert moved.headers["etag"] == moved.json()["etag"]
        seen.append(moved.headers["etag"])

    read = await reporting.call(
        "GET", f"/schools/{year.school}/reports/{report}", by=uuid4(), groups=year.groups["head"]
    )
    assert refused == [412] * 5
    assert len(set(seen)) == 6
    assert read.headers["etag"] == seen[-1]


async def test_head_is_told_where_the_report_stands(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year, report = await a_school_year(stand, reporting), uuid4()
    seen = (await take(reporting, year, report, "compute")).headers["etag"]
    await take(reporting, year, report, "review")

    late = await take(reporting, year, report, "sign", seen)

    assert late.status_code == 412
    assert (late.json()["state"], late.json()["version"]) == ("REVIEWED", 1)
    assert (await take(reporting, year, report, "sign", late.json()["etag"])).status_code == 200


async def test_whoever_saw_a_report_that_is_not_there_makes_none(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting)

    answers = [await take(reporting, year, uuid4(), "compute", seen) for seen in ('"1"', "*")]

    assert [one.status_code for one in answers] == [412, 412]
