"""What a report says otherwise than the one before it, and how punctually a district's schools report."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from services.reporting.domain.differences import differences
from services.reporting.domain.punctuality import Sent, punctuality
from tests.reporting.year import AS_OF, Year, a_school_year, accepted
from tests.stand import Running, Stand

DAY = date(2027, 6, 15)


def a_frozen_cell(indicator: str, hits: float, trials: float = 40, *, version: str = "2026.1") -> dict[str, object]:
    told = {"indicator": indicator, "unit": "share", "n_num": hits, "n_den": trials, "value": hits / trials}
    return {**told, "ci_low": None, "ci_high": None, "definition_version": version}


def test_only_indicators_whose_numbers_differ_are_told() -> None:
    before = [a_frozen_cell("A", 10), a_frozen_cell("B", 5), a_frozen_cell("GONE", 1)]
    after = [a_frozen_cell("A", 10), a_frozen_cell("B", 35), a_frozen_cell("NEW", 2)]

    found = differences(before, after)

    assert [(one.indicator, one.before is None, one.after is None) for one in found] == [
        ("B", False, False),
        ("NEW", True, False),
        ("GONE", False, True),
    ]
    assert found[0].change is not None
    assert found[0].change.is_distinguishable


def test_numbers_under_another_definition_are_told_and_not_compared() -> None:
    (found,) = differences([a_frozen_cell("A", 10)], [a_frozen_cell("A", 11, version="2027.1")])

    assert found.change is None


def test_report_is_on_time_to_the_end_of_its_last_day_at_home() -> None:
    last_minute = datetime(2027, 6, 25, 20, 59, tzinfo=UTC)
    too_late = datetime(2027, 6, 25, 21, 0, tzinfo=UTC)
    sent = [Sent("a", last_minute, last_minute), Sent("b", too_late, None), Sent("elsewhere", last_minute, None)]

    counted = punctuality(DAY, ["a", "b", "c"], sent)

    assert (counted.schools, counted.sent, counted.on_time, counted.accepted) == (3, 2, 1, 1)
    assert counted.missing == ("c",)
    assert counted.due_on == date(2027, 6, 25)


async def call(reporting: Running, year: Year, role: str, path: str, method: str = "GET", **request: Any) -> Any:
    answer = await reporting.call(method, path, by=uuid4(), groups=year.groups[role], **request)
    assert answer.status_code < 300, answer.text
    return answer.json()


async def test_new_version_is_told_apart_from_the_returned_one(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=12, engaged=4)
    report, school = uuid4(), f"/schools/{year.school}"
    path, wanted = f"{school}/reports/{report}", {"cycle_id": str(year.cycle), "as_of": AS_OF}
    await call(reporting, year, "curator", path, "PUT", json=wanted)
    first = await call(reporting, year, "head", f"{path}/changes")
    await call(reporting, year, "curator", f"{path}/review", "POST")
    for step in ("sign", "submit"):
        await call(reporting, year, "head", f"{path}/{step}", "POST")
    back = f"/districts/{year.district}/reports/{report}/return"
    await call(reporting, year, "coordinator", back, "POST", json={"reason": "check the staff"})
    await call(reporting, year, "curator", path, "PUT", json=wanted)

    changes = await call(reporting, year, "head", f"{path}/changes")
    shown = await call(reporting, year, "head", path)

    assert (first["against"], first["items"]) == (None, [])
    assert changes["against"] == {"report_id": str(report), "version": 1, "as_of": AS_OF, "is_same_report": True}
    assert changes["items"] == []
    assert changes["same"] == len(shown["numbers"])
    assert shown["before"]["return_reason"] == "check the staff"
    assert shown["before"]["is_same"] is True


async def test_district_sees_who_reported_and_no_other_district_does(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=12, engaged=4)
    await accepted(reporting, year)

    (day,) = await call(reporting, year, "coordinator", f"/districts/{year.district}/punctuality")
    nothing = await call(reporting, Year("nowhere"), "coordinator", "/districts/nowhere/punctuality")
    refused = await reporting.call(
        "GET", f"/districts/{year.district}/punctuality", by=uuid4(), groups=["/districts/nowhere/coordinator"]
    )
    strange = await reporting.call(
        "GET", f"/schools/{year.school}/reports/{uuid4()}/changes", by=uuid4(), groups=year.groups["coordinator"]
    )

    assert (day["as_of"], day["schools"], day["sent"], day["accepted"]) == (AS_OF, 1, 1, 1)
    assert day["missing"] == []
    assert nothing == []
    assert (refused.status_code, strange.status_code) == (403, 403)
