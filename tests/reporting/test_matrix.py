"""The published layer as a matrix, and an indicator through publications."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest_asyncio

from deploy.local.infrastructure import Infrastructure
from services.reporting.api.kept import LONGEST, MOST_ANSWERS, Kept
from services.reporting.domain.trend import Point, changes
from tests.reporting.test_publications import ANALYST, empty_city, publish
from tests.reporting.year import Year, a_school_year, accepted
from tests.stand import Running, Stand

__all__ = ["empty_city"]

ENGAGED = "E_ENG_ANY"


@pytest_asyncio.fixture
async def reporting(stand: Stand, infrastructure: Infrastructure) -> Running:
    return await stand.service("reporting", published_url=infrastructure.published_url)


async def two_schools(stand: Stand, reporting: Running) -> tuple[Year, Year]:
    """Two schools of one district, published: in the first fewer are engaged."""
    first = await a_school_year(stand, reporting, staff=40, engaged=12)
    second = await a_school_year(stand, reporting, staff=40, engaged=20, district=first.district)
    for year in (first, second):
        await accepted(reporting, year)
    await publish(reporting, uuid4())
    return first, second


async def read(reporting: Running, year: Year, query: str) -> dict[str, Any]:
    path = f"/districts/{year.district}/matrix?{query}"
    answer = await reporting.call("GET", path, by=uuid4(), groups=year.groups["coordinator"])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_matrix_of_a_district_is_sorted_searched_and_read_in_pages(stand: Stand, reporting: Running) -> None:
    first, second = await two_schools(stand, reporting)

    page = await read(reporting, first, f"indicator={ENGAGED}&indicator=E_DUAL&by={ENGAGED}&order=down&limit=1")
    rest = await read(reporting, first, f"indicator={ENGAGED}&by={ENGAGED}&order=down&limit=1&after={page['next']}")
    found = await read(reporting, first, f"indicator={ENGAGED}&wanted={first.school}")
    nobody = await read(reporting, first, "wanted=%25")

    assert [row["place"] for row in page["items"] + rest["items"]] == [second.school, first.school]
    assert page["total"] == 2
    assert rest["next"] is None
    assert set(page["items"][0]["cells"]) == {ENGAGED, "E_DUAL"}
    assert page["items"][0]["cells"][ENGAGED]["n_num"] == 20
    assert [row["kind"] for row in page["above"]] == ["city", "district"]
    assert {one["indicator"]: one["places"] for one in page["medians"]}[ENGAGED] == 2
    assert [row["place"] for row in found["items"]] == [first.school]
    assert nobody["items"] == []


async def test_answer_that_was_kept_gives_way_to_a_new_publication_and_opens_no_door(
    stand: Stand, reporting: Running
) -> None:
    first, _ = await two_schools(stand, reporting)
    query = f"indicator={ENGAGED}"
    before = await read(reporting, first, query)
    same = await read(reporting, first, query)
    third = await a_school_year(stand, reporting, staff=40, engaged=30, district=first.district)
    await accepted(reporting, third)
    await publish(reporting, uuid4())

    after = await read(reporting, first, query)
    old = await read(reporting, first, f"{query}&publication_id={before['publication']['publication_id']}")
    path = f"/districts/{first.district}/matrix?{query}"
    stranger = await reporting.call("GET", path, by=uuid4(), groups=["/districts/elsewhere/coordinator"])

    assert same == before == old
    assert (before["total"], after["total"]) == (2, 3)
    assert stranger.status_code == 403


def test_only_the_answers_that_were_asked_for_last_are_kept() -> None:
    kept = Kept()
    for number in range(MOST_ANSWERS):
        kept.keep(number, b"{}")
    kept.find(0)
    kept.keep("one more", b"{}")
    kept.keep("too long", b" " * (LONGEST + 1))

    assert [kept.find(one) for one in (0, 1, "one more", "too long")] == [b"{}", None, b"{}", None]


async def test_matrix_of_the_city_has_districts_or_schools_as_rows(stand: Stand, reporting: Running) -> None:
    first, second = await two_schools(stand, reporting)

    async def rows(query: str) -> list[str]:
        path = f"/city/matrix?indicator={ENGAGED}&{query}"
        answer = await reporting.call("GET", path, by=uuid4(), groups=ANALYST)
        return [row["place"] for row in answer.json()["items"]]

    assert await rows("") == [first.district]
    assert sorted(await rows("kind=school")) == sorted([first.school, second.school])
    assert await rows("kind=school&district=elsewhere") == []


async def test_matrix_refuses_an_indicator_that_the_catalogue_does_not_have(reporting: Running) -> None:
    answer = await reporting.call("GET", "/city/matrix?indicator=NOBODY", by=uuid4(), groups=ANALYST)

    assert answer.status_code == 404
    assert answer.json()["type"].endswith("report.unknown-indicator")


async def test_trend_tells_of_a_district_through_publications(stand: Stand, reporting: Running) -> None:
    first, _ = await two_schools(stand, reporting)
    await publish(reporting, uuid4())

    path = f"/districts/{first.district}/trend?indicator={ENGAGED}"
    own = await reporting.call("GET", path, by=uuid4(), groups=first.groups["coordinator"])
    strange = await reporting.call("GET", f"{path}&place=spb", by=uuid4(), groups=first.groups["coordinator"])
    city = await reporting.call("GET", f"/city/trend?indicator={ENGAGED}", by=uuid4(), groups=ANALYST)

    assert [point["n_num"] for point in own.json()["points"]] == [32]
    assert own.json()["points"][0]["change"] is None
    assert strange.json()["points"] == []
    assert city.json()["place"] == "spb"


async def test_other_roles_find_these_doors_closed(reporting: Running) -> None:
    groups = ["/schools/somewhere/head", "/districts/here/coordinator"]

    answers = [
        await reporting.call("GET", path, by=uuid4(), groups=groups)
        for path in (
            "/city/matrix",
            f"/city/trend?indicator={ENGAGED}",
            "/districts/there/matrix",
            f"/districts/there/trend?indicator={ENGAGED}",
        )
    ]

    assert {answer.status_code for answer in answers} == {403}


def a_point(hits: float | None, trials: float = 100) -> Point:
    value = None if hits is None else hits / trials
    return Point("2026.1", n_num=hits, n_den=trials, value=value, ci_low=None, ci_high=None)


def test_small_change_is_not_told_from_chance_and_a_large_one_is() -> None:
    small, large = changes("share", [a_point(50), a_point(53), a_point(90)])[1:]

    assert small is not None
    assert large is not None
    assert (small.is_distinguishable, large.is_distinguishable) == (False, True)


def test_hidden_number_and_another_definition_are_not_compared() -> None:
    other = replace(a_point(60), definition_version="2027.1")

    assert changes("share", [a_point(50), a_point(None), a_point(60), other]) == [None, None, None, None]
    assert changes("share", []) == []
