"""The published layer: protected numbers, read by a role that cannot see anything else."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text

from chassis.relay import connect_plain
from chassis.testing import eventually
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure
from tests.reporting.year import AS_OF, JUNE, Year, a_school_year, accepted
from tests.stand import Running, Stand

ANALYST = ["/city/analyst"]


@pytest_asyncio.fixture(autouse=True)
async def empty_city(infrastructure: Infrastructure) -> None:
    """A publication takes the reports of the whole city and all that was published before: begin with none."""
    connection = await connect_plain(infrastructure.postgres.url(database_of("reporting"), "postgres"))
    try:
        await connection.execute("truncate facts.reports, published.publications cascade")
    finally:
        await connection.close()


async def publish(reporting: Running, publication: UUID) -> dict[str, Any]:
    door = f"/publications/{publication}"
    ordered = await reporting.call("PUT", door, by=uuid4(), groups=ANALYST, json={"as_of": AS_OF, "title": "2026/27"})
    assert ordered.status_code == 202, ordered.text

    async def state() -> str:
        return str((await reporting.call("GET", door, by=uuid4(), groups=ANALYST)).json()["state"])

    async def is_done() -> bool:
        return await state() != "COMPUTING"

    await eventually(is_done, equals=True, within=30)
    found: dict[str, Any] = (await reporting.call("GET", door, by=uuid4(), groups=ANALYST)).json()
    return found


async def district_numbers(reporting: Running, year: Year, publication: UUID) -> dict[tuple[str, str], Any]:
    path = f"/districts/{year.district}/published?publication_id={publication}&limit=500"
    answer = await reporting.call("GET", path, by=uuid4(), groups=year.groups["coordinator"])
    return {(one["place"], one["indicator"]): one for one in answer.json()["items"]}


async def test_district_reads_the_published_numbers_of_accepted_reports(stand: Stand) -> None:
    reporting = await stand.service("reporting", published_url=stand.infrastructure.published_url)
    first = await a_school_year(stand, reporting, staff=40, engaged=12)
    await accepted(reporting, first)
    publication = uuid4()

    done = await publish(reporting, publication)

    assert done["state"] == "PUBLISHED", done
    numbers = await district_numbers(reporting, first, publication)
    shown = numbers[first.school, "E_ENG_ANY"]
    assert (shown["n_num"], shown["n_den"], shown["is_hidden"]) == (12, 40, False)
    assert "report.published" in "".join(await reporting.announced("report", first.school))


async def test_few_people_are_hidden_without_a_trace_of_the_number(stand: Stand) -> None:
    reporting = await stand.service("reporting", published_url=stand.infrastructure.published_url)
    year = await a_school_year(stand, reporting, staff=40, engaged=3)
    await accepted(reporting, year)
    publication = uuid4()

    await publish(reporting, publication)

    hidden = (await district_numbers(reporting, year, publication))[year.school, "E_ENG_ANY"]
    assert hidden["is_hidden"] is True
    assert (hidden["n_num"], hidden["value"], hidden["ci_low"]) == (None, None, None)


async def test_reader_of_the_published_layer_cannot_read_facts(stand: Stand) -> None:
    await stand.service("reporting")
    connection = await connect_plain(stand.infrastructure.published_url)
    try:
        assert await connection.fetchval("select count(*) >= 0 from published.publications")
        for table in ("facts.members", "facts.reports", "public.journal"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"select 1 from {table} limit 1")
    finally:
        await connection.close()


async def test_open_totals_need_no_token_and_name_no_school(stand: Stand) -> None:
    reporting = await stand.service("reporting", published_url=stand.infrastructure.published_url)
    year = await a_school_year(stand, reporting, staff=40, engaged=12)
    await accepted(reporting, year)
    await publish(reporting, uuid4())

    answer = await reporting.client.get("/open/city")

    assert answer.status_code == 200
    body = answer.json()
    assert body["publication"]["as_of"] == AS_OF
    assert {cell["kind"] for cell in body["cells"]} == {"city", "district"}
    assert all(cell["place_name"] == f"Имя {cell['place']}" for cell in body["cells"])
    assert all(one["definition"]["ru"] and one["definition"]["en"] for one in body["definitions"])


async def test_publication_repeated_changes_nothing_and_its_id_is_taken(stand: Stand) -> None:
    reporting = await stand.service("reporting", published_url=stand.infrastructure.published_url)
    await accepted(reporting, await a_school_year(stand, reporting, staff=40, engaged=3))
    publication = uuid4()
    door = f"/publications/{publication}"
    done = await publish(reporting, publication)

    again = await reporting.call("PUT", door, by=uuid4(), groups=ANALYST, json={"as_of": AS_OF, "title": "2026/27"})
    other = await reporting.call("PUT", door, by=uuid4(), groups=ANALYST, json={"as_of": AS_OF, "title": "other"})

    assert (again.status_code, again.json()) == (200, done)
    assert other.status_code == 409


async def test_date_that_has_not_come_is_not_published(stand: Stand) -> None:
    reporting = await stand.service("reporting", published_url=stand.infrastructure.published_url)
    stand.clock.move_to(JUNE)
    wanted = {"as_of": "2027-06-17", "title": "too early"}

    answer = await reporting.call("PUT", f"/publications/{uuid4()}", by=uuid4(), groups=ANALYST, json=wanted)

    assert (answer.status_code, answer.json()["field"]) == (422, "as_of")


async def test_published_report_is_corrected_as_a_new_version_and_never_by_a_repeat(stand: Stand) -> None:
    reporting = await stand.service("reporting", published_url=stand.infrastructure.published_url)
    year = await a_school_year(stand, reporting, staff=40, engaged=12)
    report, first, second = await accepted(reporting, year), uuid4(), uuid4()
    await publish(reporting, first)
    door, curator = f"/schools/{year.school}/reports/{report}", year.groups["curator"]
    same = {"cycle_id": str(year.cycle), "as_of": AS_OF}

    repeat = await reporting.call("PUT", door, by=uuid4(), groups=curator, json=same)
    await stand.publish(*year.pair(30, 31))
    await eventually(lambda: reporting.count("facts.meeting_steps", year.school), equals=52)
    correction = await reporting.call("PUT", door, by=uuid4(), groups=curator, json=same | {"version": 2})
    await publish(reporting, second)

    assert (repeat.status_code, repeat.json()["state"], repeat.json()["version"]) == (200, "PUBLISHED", 1)
    assert (correction.json()["state"], correction.json()["version"]) == ("COMPUTED", 2)
    # What was accepted before stands until the correction is accepted too.
    numbers = await district_numbers(reporting, year, second)
    assert numbers[year.school, "E_ENG_ANY"]["n_num"] == 12


async def test_changed_content_stops_the_publication_and_says_why(stand: Stand) -> None:
    reporting = await stand.service("reporting", published_url=stand.infrastructure.published_url)
    year = await a_school_year(stand, reporting, staff=40, engaged=3)
    await accepted(reporting, year)

    turn = text("""
        update facts.report_versions
        set content = replace(convert_from(content, 'utf8'), cast(:told as text), cast(:put as text))::bytea
    """)
    async with reporting.db.transaction(year.school) as tx:
        await tx.run(turn, {"told": '"staff":40', "put": '"staff":39'})
    done = await publish(reporting, uuid4())

    assert (done["state"], done["trouble"]) == ("FAILED", "report.content-changed")


async def test_nothing_published_is_said_as_nothing(stand: Stand) -> None:
    reporting = await stand.service("reporting", published_url=stand.infrastructure.published_url)

    answer = await reporting.client.get("/open/city")
    asked = await reporting.call("GET", "/city/published", by=uuid4(), groups=ANALYST)

    assert (answer.status_code, answer.json()["publication"], answer.json()["cells"]) == (200, None, [])
    assert asked.status_code == 404


async def test_nothing_accepted_is_nothing_to_publish(stand: Stand) -> None:
    reporting = await stand.service("reporting", published_url=stand.infrastructure.published_url)
    await a_school_year(stand, reporting, staff=6, engaged=3)

    done = await publish(reporting, uuid4())

    assert (done["state"], done["trouble"]) == ("FAILED", "publication.nothing-accepted")


async def test_analyst_reads_the_city_first_then_districts_then_schools(stand: Stand) -> None:
    reporting = await stand.service("reporting", published_url=stand.infrastructure.published_url)
    years = [await a_school_year(stand, reporting, staff=20, engaged=10) for _ in range(2)]
    for year in years:
        await accepted(reporting, year)
    await publish(reporting, uuid4())

    answer = await reporting.call("GET", "/city/published?limit=500", by=uuid4(), groups=ANALYST)

    numbers = answer.json()["items"]
    assert list(dict.fromkeys(one["kind"] for one in numbers)) == ["city", "district", "school"]
    assert (numbers[0]["indicator"], numbers[0]["n_num"], numbers[0]["n_den"]) == ("E_ENG_ANY", 20, 40)
    assert numbers[0]["ci_low"] < 0.5 < numbers[0]["ci_high"]
