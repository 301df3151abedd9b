"""A report's way: computed, reviewed, signed, submitted, accepted or returned; illegal steps are refused."""

import asyncio
import time
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from chassis.testing import eventually
from contracts.registry import PlaceChanged, PlaceKind
from tests.reporting.year import AS_OF, AUTUMN, SPRING, Year, a_school_year, accepted
from tests.stand import Running, Stand


def wanted(year: Year, **other: Any) -> dict[str, Any]:
    return {"cycle_id": str(year.cycle), "as_of": AS_OF} | other


async def walk(reporting: Running, year: Year, report: UUID, *steps: str) -> int:
    """Take the steps as those who may; the status of the last one."""
    door, status = f"/schools/{year.school}/reports/{report}", 0
    for step in steps:
        role = "curator" if step in ("compute", "review") else "head"
        method, path = ("PUT", door) if step == "compute" else ("POST", f"{door}/{step}")
        answer = await reporting.call(method, path, by=uuid4(), groups=year.groups[role], json=wanted(year))
        status = answer.status_code
    return status


async def test_report_goes_all_the_way_and_is_announced(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting)

    await accepted(reporting, year)

    facts = await reporting.announced("report", year.school)
    assert [fact.split(".")[3] for fact in facts] == ["signed", "submitted", "accepted"]


async def test_signature_needs_a_fresh_sign_in(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting)
    door, groups = f"/schools/{year.school}/reports/{uuid4()}", year.groups
    await reporting.call(
        "PUT", door, by=uuid4(), groups=groups["curator"], json={"cycle_id": str(year.cycle), "as_of": AS_OF}
    )
    await reporting.call("POST", f"{door}/review", by=uuid4(), groups=groups["curator"])
    stale = reporting.tokens.headers(uuid4(), *groups["head"], auth_time=int(time.time()) - 3600)

    answer = await reporting.client.post(f"{door}/sign", headers=stale)

    assert answer.status_code == 403
    assert answer.json()["type"].endswith("report.authenticate-again")


async def test_illegal_step_names_the_legal_ones(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting)
    door, groups = f"/schools/{year.school}/reports/{uuid4()}", year.groups
    await reporting.call(
        "PUT", door, by=uuid4(), groups=groups["curator"], json={"cycle_id": str(year.cycle), "as_of": AS_OF}
    )

    answer = await reporting.call("POST", f"{door}/submit", by=uuid4(), groups=groups["head"])

    assert answer.status_code == 409
    assert answer.json()["legal"] == ["REVIEWED"]


async def test_returned_report_comes_again_as_a_new_version(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting)
    report, groups = uuid4(), year.groups
    door, wanted = f"/schools/{year.school}/reports/{report}", {"cycle_id": str(year.cycle), "as_of": AS_OF}
    await reporting.call("PUT", door, by=uuid4(), groups=groups["curator"], json=wanted)
    await reporting.call("POST", f"{door}/review", by=uuid4(), groups=groups["curator"])
    await reporting.call("POST", f"{door}/sign", by=uuid4(), groups=groups["head"])
    await reporting.call("POST", f"{door}/submit", by=uuid4(), groups=groups["head"])
    district = f"/districts/{year.district}/reports/{report}"

    back = await reporting.call(
        "POST", f"{district}/return", by=uuid4(), groups=groups["coordinator"], json={"reason": "проверьте численность"}
    )
    again = await reporting.call("PUT", door, by=uuid4(), groups=groups["curator"], json=wanted)

    assert back.json()["state"] == "RETURNED"
    assert (again.json()["version"], again.json()["state"]) == (2, "COMPUTED")


async def test_coordinator_of_another_district_sees_nothing(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting)
    report = await accepted(reporting, year)
    stranger = ["/districts/elsewhere/coordinator"]

    listed = await reporting.call("GET", "/districts/elsewhere/reports", by=uuid4(), groups=stranger)
    taken = await reporting.call("POST", f"/districts/elsewhere/reports/{report}/accept", by=uuid4(), groups=stranger)
    across = await reporting.call("GET", f"/districts/{year.district}/reports", by=uuid4(), groups=stranger)

    assert listed.json()["items"] == []
    assert (taken.status_code, across.status_code) == (404, 403)


async def test_head_reads_exactly_what_is_signed(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=6, engaged=3)
    report = uuid4()
    await walk(reporting, year, report, "compute", "review")
    # What happens after the freeze does not change what is signed.
    await stand.publish(*year.pair(4, 5))
    await eventually(lambda: reporting.count("facts.assignment_steps", year.school), equals=12)
    door = f"/schools/{year.school}/reports/{report}"

    shown = (await reporting.call("GET", door, by=uuid4(), groups=year.groups["head"])).json()
    signed = (await reporting.call("POST", f"{door}/sign", by=uuid4(), groups=year.groups["head"])).json()

    numbers = {one["indicator"]: one["n_num"] for one in shown["numbers"]}
    assert numbers["E_ENG_ANY"] == 3
    assert (signed["sha256"], signed["signature_kind"]) == (shown["sha256"], "ПЭП")


async def test_content_that_was_changed_after_the_signature_goes_nowhere(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=6, engaged=4)
    report = uuid4()
    await walk(reporting, year, report, "compute", "review", "sign")
    change = text(
        "update facts.report_versions "
        "set content = replace(convert_from(content, 'utf8'), 'engaged_any', 'engaged_all')::bytea"
    )
    async with reporting.db.transaction(year.school) as tx:
        await tx.run(change)

    answer = await reporting.call(
        "POST", f"/schools/{year.school}/reports/{report}/submit", by=uuid4(), groups=year.groups["head"]
    )

    assert answer.status_code == 409
    assert answer.json()["type"].endswith("report.content-changed")


async def test_same_order_twice_at_once_is_one_report(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=6, engaged=4)
    report = uuid4()

    statuses = await asyncio.gather(*(walk(reporting, year, report, "compute") for _ in range(3)))

    assert sorted(statuses) == [200, 200, 201]


async def test_of_two_signatures_at_once_exactly_one_stands(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=6, engaged=4)
    report = uuid4()
    await walk(reporting, year, report, "compute", "review")

    statuses = await asyncio.gather(*(walk(reporting, year, report, "sign") for _ in range(2)))

    assert sorted(statuses) == [200, 409]
    assert len(await reporting.announced("report.signed", str(report))) == 1


async def test_id_of_another_schools_report_and_a_second_report_of_a_date_are_refused(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    first, second = (
        await a_school_year(stand, reporting, staff=6, engaged=4),
        await a_school_year(stand, reporting, staff=6, engaged=4),
    )
    report = uuid4()
    await walk(reporting, first, report, "compute")

    assert await walk(reporting, second, report, "compute") == 409
    assert await walk(reporting, first, uuid4(), "compute") == 409


@pytest.mark.parametrize(
    ("as_of", "slug"), [("2027-06-17", "report.as-of-in-future"), ("2026-08-31", "report.as-of-before-cycle")]
)
async def test_date_outside_the_cycle_and_its_present_is_refused(stand: Stand, as_of: str, slug: str) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=6, engaged=4)
    door = f"/schools/{year.school}/reports/{uuid4()}"

    answer = await reporting.call(
        "PUT", door, by=uuid4(), groups=year.groups["curator"], json=wanted(year, as_of=as_of)
    )

    assert (answer.status_code, answer.json()["field"]) == (422, "as_of")
    assert answer.json()["type"].endswith(slug)


async def test_version_that_is_not_the_next_one_is_refused(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=6, engaged=4)
    door, curator = f"/schools/{year.school}/reports/{uuid4()}", year.groups["curator"]
    await reporting.call("PUT", door, by=uuid4(), groups=curator, json=wanted(year))

    same, next_one, later = [
        await reporting.call("PUT", door, by=uuid4(), groups=curator, json=wanted(year, version=version))
        for version in (1, 2, 3)
    ]

    assert (same.status_code, next_one.status_code, later.status_code) == (200, 409, 409)
    assert next_one.json()["legal"] == ["REVIEWED"]


async def test_report_stays_with_the_district_of_its_date_after_the_school_has_moved(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=6, engaged=4)
    report, new = uuid4(), f"district-{uuid4().hex[:8]}"
    await walk(reporting, year, report, "compute", "review", "sign", "submit")
    moved = PlaceChanged(
        place_id=year.school,
        parent=new,
        kind=PlaceKind.SCHOOL,
        zone="Europe/Moscow",
        valid_from=date(2027, 6, 16),
        occurred_at=SPRING,
        revision=2,
    )
    await stand.publish(moved, moved)
    await eventually(lambda: reporting.count(f"facts.places where place_id = '{year.school}'"), equals=2)

    async def seen_by(district: str) -> list[str]:
        groups = [f"/districts/{district}/coordinator"]
        answer = await reporting.call("GET", f"/districts/{district}/reports", by=uuid4(), groups=groups)
        return [one["report_id"] for one in answer.json()["items"]]

    assert await seen_by(year.district) == [str(report)]
    assert await seen_by(new) == []


async def test_place_holds_up_to_and_with_its_last_day(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=6, engaged=4)
    report = uuid4()
    closed = PlaceChanged(
        place_id=year.school,
        parent=year.district,
        kind=PlaceKind.SCHOOL,
        zone="Europe/Moscow",
        valid_from=date(2026, 9, 1),
        valid_to=date.fromisoformat(AS_OF),
        occurred_at=AUTUMN,
        revision=2,
    )
    await stand.publish(closed)
    await eventually(lambda: reporting.count(f"facts.places where place_id = '{year.school}'"), equals=2)
    await walk(reporting, year, report, "compute", "review", "sign", "submit")

    answer = await reporting.call(
        "POST", f"/districts/{year.district}/reports/{report}/accept", by=uuid4(), groups=year.groups["coordinator"]
    )

    assert answer.json()["state"] == "ACCEPTED"


async def test_district_sees_no_numbers_and_nothing_that_was_not_sent_up(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=6, engaged=4)
    report, door = uuid4(), f"/districts/{year.district}/reports"
    coordinator = year.groups["coordinator"]
    await walk(reporting, year, report, "compute", "review", "sign")
    before = await reporting.call("GET", door, by=uuid4(), groups=coordinator)
    early = await reporting.call("POST", f"{door}/{report}/accept", by=uuid4(), groups=coordinator)

    await walk(reporting, year, report, "submit")

    after = (await reporting.call("GET", f"{door}?state=SUBMITTED", by=uuid4(), groups=coordinator)).json()["items"]
    assert (before.json()["items"], early.status_code) == ([], 404)
    assert [one["state"] for one in after] == ["SUBMITTED"]
    assert not {"numbers", "content", "counters"} & set(after[0])
