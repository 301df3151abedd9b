"""Every door of reporting: nobody without a token, nobody of another place or role, and the pages behind it."""

from uuid import uuid4

import pytest

from tests.reporting.year import AS_OF, a_school_year, accepted
from tests.stand import Stand

CYCLE = "5cf6c0a8-0000-4000-8000-000000000000"
REPORT = f"/schools/a/reports/{CYCLE}"
UP = f"/districts/x/reports/{CYCLE}"


@pytest.mark.parametrize(
    ("method", "path", "groups"),
    [
        ("GET", "/city/published", ["/districts/x/coordinator"]),
        ("GET", "/districts/x/published", ["/districts/y/coordinator"]),
        ("GET", "/districts/x/published", ["/city/analyst"]),
        ("PUT", f"/publications/{uuid4()}", ["/districts/x/coordinator"]),
        ("GET", "/schools/a/cells?cycle_id=" + CYCLE, ["/schools/b/curator"]),
        ("GET", "/schools/a/cells?cycle_id=" + CYCLE, ["/schools/a/teacher"]),
        ("GET", "/schools/a/reports", ["/districts/x/coordinator", "/city/analyst"]),
        ("GET", REPORT, ["/schools/a/observer", "/schools/b/head"]),
        ("POST", f"{REPORT}/review", ["/schools/a/head"]),
        ("POST", f"{REPORT}/sign", ["/schools/a/curator"]),
        ("POST", f"{REPORT}/submit", ["/schools/b/head"]),
        ("GET", "/districts/x/reports", ["/city/analyst", "/districts/y/coordinator"]),
        ("POST", f"{UP}/accept", ["/districts/y/coordinator"]),
        ("POST", f"{UP}/return", ["/schools/a/head", "/city/analyst"]),
        ("GET", "/publications", ["/schools/a/head"]),
        ("GET", f"/publications/{CYCLE}", ["/schools/a/curator"]),
        ("GET", "/indicators", ["/services/registry"]),
    ],
)
async def test_wrong_role_or_place_is_refused(stand: Stand, method: str, path: str, groups: list[str]) -> None:
    reporting = await stand.service("reporting")

    refused = await reporting.call(method, path, by=uuid4(), groups=groups, json={"as_of": AS_OF, "title": "x"})
    nobody = await reporting.client.request(method, path)

    assert (refused.status_code, nobody.status_code) == (403, 401)


async def test_teacher_and_service_without_a_role_in_reports_are_refused(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    body = {"as_of": AS_OF, "cycle_id": CYCLE}

    statuses = [
        (await reporting.call("PUT", REPORT, by=uuid4(), groups=[group], json=body)).status_code
        for group in ("/schools/a/teacher", "/schools/a/head", "/schools/a/observer", "/city/analyst")
    ]

    assert statuses == [403] * 4


async def test_indicators_are_defined_in_both_languages_for_any_role(stand: Stand) -> None:
    reporting = await stand.service("reporting")

    answer = await reporting.call("GET", "/indicators", by=uuid4(), groups=["/schools/a/teacher"])

    codes = {one["code"] for one in answer.json()}
    assert {"E_ENG_ANY", "E_DUAL", "P_GAIN_D.reliable", "P_CSAT.response_rate"} <= codes
    assert all(set(one["definition"]) == {"ru", "en"} for one in answer.json())


async def test_open_city_is_told_to_be_open_in_the_description(stand: Stand) -> None:
    reporting = await stand.service("reporting")

    described = reporting.app.openapi()["paths"]

    assert described["/v1/open/city"]["get"]["security"] == []


async def test_reports_of_a_school_are_listed_page_by_page(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=6, engaged=4)
    curator, door = year.groups["curator"], f"/schools/{year.school}/reports"
    for as_of in ("2027-02-01", AS_OF):
        body = {"cycle_id": str(year.cycle), "as_of": as_of}
        await reporting.call("PUT", f"{door}/{uuid4()}", by=uuid4(), groups=curator, json=body)

    first = (await reporting.call("GET", f"{door}?limit=1", by=uuid4(), groups=curator)).json()
    second = (await reporting.call("GET", f"{door}?limit=1&after={first['next']}", by=uuid4(), groups=curator)).json()

    assert sorted(one["as_of"] for one in first["items"] + second["items"]) == ["2027-02-01", AS_OF]
    assert second["next"] is None


async def test_curator_of_another_school_finds_no_report(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year, other = [await a_school_year(stand, reporting, staff=6, engaged=4) for _ in range(2)]
    report = await accepted(reporting, year)

    answer = await reporting.call(
        "GET", f"/schools/{other.school}/reports/{report}", by=uuid4(), groups=other.groups["curator"]
    )

    assert answer.status_code == 404
