"""Places that never were: their pages are not found, and a place of which nothing was published is called by name."""

from uuid import uuid4

import pytest

from chassis.testing import TokenFactory
from tests.gateway.house import visiting
from tests.portal.places import ANALYST, Visitor, a_portal, headings
from tests.registry.town import ANALYST as ANALYSTS
from tests.registry.town import School, a_place, a_school, at
from tests.stand import Stand

NOT_FOUND = ["Такой страницы нет"]


@pytest.mark.usefixtures("empty_city")
async def test_matrix_and_trend_of_a_place_that_never_was_are_not_found(stand: Stand, tokens: TokenFactory) -> None:
    house = await a_portal(stand, tokens)
    school, other = await a_school(house.registry), await a_school(house.registry)
    root = f"/districts/{school.district}"
    never = (
        "/city?district=nowhere",
        "/city?district=No%20Where",
        "/city/picture?district=nowhere",
        "/city.csv?district=nowhere",
        f"/city?district={school.school_id}",
        "/city/trend?place=nowhere",
        f"{root}/trend?place=nowhere",
        f"{root}/trend?place={other.school_id}",
    )

    async with visiting(house.app) as client:
        visitor = Visitor(client, tokens, [ANALYST, f"{root}/coordinator"])
        unknown = {path: await visitor.open(path) for path in never}
        district = await visitor.open(f"/city?district={school.district}")
        trends = [
            await visitor.open(path)
            for path in (f"/city/trend?place={school.school_id}", f"{root}/trend?place={school.school_id}")
        ]
        own = await visitor.open(f"{root}/trend?place={school.district}")

    assert {path: (page.status_code, headings(page)) for path, page in unknown.items()} == dict.fromkeys(
        never, (404, NOT_FOUND)
    )
    assert (district.status_code, headings(district)) == (200, ["Школы: a district"])
    assert [(one.status_code, headings(one)) for one in trends] == [(200, ["a school: от публикации к публикации"])] * 2
    assert (own.status_code, headings(own)) == (200, ["a district: от публикации к публикации"])


async def close(stand: Stand, school: School) -> None:
    """The school is not there any more."""
    closed = a_place("school", school.district, valid_to="2027-01-31")
    await school.registry.call("PUT", f"/places/{school.school_id}", by=uuid4(), groups=ANALYSTS, json=closed)
    at(stand, "2027-02-02")
    gone = await school.registry.call("GET", f"/places/{school.school_id}", by=uuid4(), groups=ANALYSTS)
    assert gone.json()["type"].endswith("place.absent"), gone.text


async def test_log_and_archive_of_a_place_that_never_was_are_not_found(stand: Stand, tokens: TokenFactory) -> None:
    house = await a_portal(stand, tokens, "diagnostics", "matching", "tracking", "documents")
    school = await a_school(house.registry)
    roots = ("", f"/districts/{school.district}")
    never = [
        f"{root}{path}"
        for root in roots
        for path in ("/access-log/nowhere", f"/access-log/nowhere/{uuid4()}", "/erasures/archive?at=nowhere")
    ]

    async with visiting(house.app) as client:
        auditor = Visitor(client, tokens, ["/city/auditor", f"/districts/{school.district}/auditor"])
        unknown = {path: await auditor.open(path) for path in never}
        log = await auditor.open(f"/access-log/{school.school_id}")
        archive = await auditor.open(f"/erasures/archive?at={school.school_id}")
        await close(stand, school)
        closed = await auditor.open(f"/access-log/{school.school_id}")

    assert {path: (page.status_code, headings(page)) for path, page in unknown.items()} == dict.fromkeys(
        never, (404, NOT_FOUND)
    )
    assert (log.status_code, headings(log)) == (200, ["Журнал доступа: a school"])
    assert (archive.status_code, "a school" in archive.text) == (200, True)
    assert closed.status_code == 200
