"""A report's way: computed, reviewed, signed, submitted, accepted or returned; illegal steps are refused."""

import time
from uuid import uuid4

from tests.reporting.year import AS_OF, a_school_year, accepted
from tests.stand import Stand


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
