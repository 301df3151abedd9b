"""The published layer: protected numbers, read by a role that cannot see anything else."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from chassis.relay import connect_plain
from chassis.testing import eventually
from tests.reporting.year import AS_OF, Year, a_school_year, accepted
from tests.stand import Running, Stand

ANALYST = ["/city/analyst"]


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
    first = await a_school_year(stand, reporting, staff=40, engaged=30)
    await accepted(reporting, first)
    publication = uuid4()

    done = await publish(reporting, publication)

    assert done["state"] == "PUBLISHED", done
    numbers = await district_numbers(reporting, first, publication)
    shown = numbers[first.school, "E_ENG_ANY"]
    assert (shown["n_num"], shown["n_den"], shown["is_hidden"]) == (30, 40, False)
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
    year = await a_school_year(stand, reporting, staff=40, engaged=30)
    await accepted(reporting, year)
    await publish(reporting, uuid4())

    answer = await reporting.client.get("/open/city")

    assert answer.status_code == 200
    body = answer.json()
    assert body["publication"]["as_of"] == AS_OF
    assert {cell["kind"] for cell in body["cells"]} == {"city", "district"}
    assert all(one["definition"]["ru"] and one["definition"]["en"] for one in body["definitions"])


@pytest.mark.parametrize(
    ("method", "path", "groups"),
    [
        ("GET", "/city/published", ["/districts/x/coordinator"]),
        ("GET", "/districts/x/published", ["/districts/y/coordinator"]),
        ("GET", "/districts/x/published", ["/city/analyst"]),
        ("PUT", f"/publications/{uuid4()}", ["/districts/x/coordinator"]),
        ("GET", "/schools/a/cells?cycle_id=5cf6c0a8-0000-4000-8000-000000000000", ["/schools/b/curator"]),
        ("GET", "/schools/a/cells?cycle_id=5cf6c0a8-0000-4000-8000-000000000000", ["/schools/a/teacher"]),
        ("GET", "/schools/a/reports", ["/districts/x/coordinator", "/city/analyst"]),
        ("POST", f"/schools/a/reports/{uuid4()}/sign", ["/schools/a/curator"]),
    ],
)
async def test_wrong_role_or_place_is_refused(stand: Stand, method: str, path: str, groups: list[str]) -> None:
    reporting = await stand.service("reporting")

    refused = await reporting.call(method, path, by=uuid4(), groups=groups, json={"as_of": AS_OF, "title": "x"})
    nobody = await reporting.client.request(method, path)

    assert (refused.status_code, nobody.status_code) == (403, 401)
