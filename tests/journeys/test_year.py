"""The main job from end to end: a school year through the public API of a whole city in one process.

Afterwards a person who has lived through all of it is forgotten: no name is anywhere, and the totals are the same.
"""

import io
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
from nats.aio.client import Client

from chassis.bus import connect
from chassis.relay import connect_plain
from chassis.telemetry import json_lines
from chassis.testing import eventually
from contracts.topology import SERVICES
from deploy.databases import database_of
from deploy.demo.client import Door, Person
from deploy.demo.world import demo_id
from deploy.local.city import City
from deploy.local.folder import Folder
from deploy.nats import ADMIN
from deploy.operations.erasures import scrub
from tests.architecture.test_looks import KEEPERS
from tests.journeys.lived import ANSWERS_BEFORE_THE_BREAK, SCHOOL, Lived, Somebody, a_lived_city, somebody
from tests.journeys.looks import walk
from tests.journeys.search import files_of, files_with, lines_with, messages_with, tables_with

pytestmark = [
    pytest.mark.slow,
    # python-keycloak leaves its idle connections to the collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
# Doors that must have shown somebody in this city; the walk may find more.
WATCHED = {
    "registry /schools/{school}/people",
    "registry /schools/{school}/accounts",
    "registry /schools/{school}/attestation",
    "registry /people/{person_id}/erasure",
    "diagnostics /schools/{school}/released",
    "diagnostics /schools/{school}/campaigns/{campaign_id}/observers",
    "matching /schools/{school}/runs/{run_id}/proposals",
    "matching /schools/{school}/pairings",
    "tracking /schools/{school}/assignments",
}
AFTERWARDS = datetime(2027, 10, 20, 9, tzinfo=UTC)
ARCHIVE = "documents.archived_scans"


@pytest_asyncio.fixture(scope="module")
async def lived() -> AsyncIterator[Lived]:
    async with a_lived_city() as found:
        yield found


async def test_a_school_lives_through_its_year_with_a_break_and_the_city_reads_its_totals(lived: Lived) -> None:
    report = lived.report

    # Whoever asked anew would have all the answers of the first run once more.
    assert ANSWERS_BEFORE_THE_BREAK < lived.before < lived.after <= report["calls"]
    assert [step["name"] for step in report["steps"]] == [
        "join",
        "diagnose",
        "match",
        "work",
        "diagnose-again",
        "report",
        "autumn",
    ]
    assert report["schools"][0]["formed"] > 0
    counts = {step["name"]: step["counts"] for step in report["steps"]}
    assert counts["match"]["gap"] == 0.0
    assert counts["work"]["held"] > 0
    assert counts["work"]["stalled"] >= 1
    kinds = {cell["kind"] for cell in report["city"]}
    assert {"city", "district", "school"} <= kinds
    assert all(cell["definition"] and cell["definition_version"] for cell in report["city"])
    hidden = [cell for cell in report["city"] if cell["is_hidden"]]
    assert all(cell["n_num"] is None or cell["n_num"] == 0 or cell["n_num"] >= 5 for cell in hidden)


async def test_after_an_erasure_no_name_is_left_and_the_totals_are_the_same(lived: Lived) -> None:
    # Between two calls the whole city is searched: a kept connection would be closed meanwhile.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        await _forget(lived.city, lived.folder, Door(lived.city.url, session), lived.staff)


async def _forget(city: City, folder: Folder, door: Door, staff: Path) -> None:
    folder.clock.move_to(AFTERWARDS)
    urls = {name: city.infrastructure.postgres.url(database_of(name), "postgres") for name in SERVICES}
    curator, analyst = Person(door, f"{SCHOOL}.curator"), Person(door, "city.analyst")
    person_id, one = await _leave_traces(door, curator, staff)
    await _everything_is_written_down(door, curator, urls, person_id)
    before = await _totals(curator, analyst, version=1)
    assert await tables_with(one.words, urls) == {
        "registry.people",
        "registry.memberships",
        "registry.staff_import_lines",
        "tracking.reflections",
        "documents.scans",
    }

    with _everything_logged() as logged:
        await _erase(door, person_id)
        after = await _totals(curator, analyst, version=2)
        await scrub(urls)

    assert await _looks_of(urls, person_id) == {"at": 0, "by": 0}
    assert after == before
    assert await tables_with(one.words, urls) == {ARCHIVE}
    async with _broker(city) as client:
        assert await messages_with(one.words, client) == []
    assert lines_with(one.words, logged, folder.path / "neo.log") == []
    assert len(logged.getvalue()) > 0
    await _nothing_in_files(folder, urls, one)


async def _everything_is_written_down(door: Door, curator: Person, urls: Mapping[str, str], person_id: str) -> None:
    """Whoever is shown something of somebody else leaves a line in the access log, whatever the door."""
    people = {str(one["person_id"]) for one in await curator.every(f"/registry/v1/schools/{SCHOOL}/people")}
    cycle, paper = demo_id(f"{SCHOOL}/cycle"), demo_id(f"{SCHOOL}/order-1")
    runs = await curator.every(f"/matching/v1/schools/{SCHOOL}/runs")
    campaigns = await curator.every(f"/diagnostics/v1/schools/{SCHOOL}/campaigns")
    known = {
        "school": SCHOOL,
        "place_id": SCHOOL,
        "person_id": person_id,
        "cycle_id": str(cycle),
        "paper_id": str(paper),
        "run_id": next(str(run["run_id"]) for run in runs if run["state"] in ("PUBLISHED", "CONFIRMED")),
        "campaign_id": str(campaigns[0]["campaign_id"]),
    }
    callers = [curator, Person(door, f"{SCHOOL}.head"), Person(door, "city.auditor")]

    walked = await walk(callers, known, people, urls)

    assert walked.silent == set()
    assert walked.watched >= WATCHED
    assert (await _looks_of(urls, person_id))["at"] > len(WATCHED) // 2


async def _looks_of(urls: Mapping[str, str], person_id: str) -> dict[str, int]:
    """Lines about and by a person in all services, as their superuser sees them."""
    found = {"at": 0, "by": 0}
    for service in KEEPERS:
        connection = await connect_plain(urls[service])
        try:
            found["at"] += await connection.fetchval("select count(*) from looks where person_id = $1", person_id)
            found["by"] += await connection.fetchval("select count(*) from looks where looker_id = $1", person_id)
        finally:
            await connection.close()
    return found


async def _nothing_in_files(folder: Folder, urls: dict[str, str], one: Somebody) -> None:
    connection = await connect_plain(urls["registry"])
    try:
        await connection.execute("checkpoint")
    finally:
        await connection.close()
    restricted = await files_of(urls["documents"], "archived_scans", folder.path / "postgres")
    assert restricted
    assert list(files_with(one.words, folder.path, but=restricted)) == []


async def _leave_traces(door: Door, curator: Person, staff: Path) -> tuple[str, Somebody]:
    """Somebody who met with a partner, with texts by and about the person, a scan, and a file that waits."""
    pairs = await curator.every(f"/tracking/v1/schools/{SCHOOL}/assignments")
    pair = next(one for one in pairs if one["state"] == "COMPLETED")
    taker, giver = pair["taker_id"], pair["giver_id"]
    people = {one["person_id"]: one for one in await curator.every(f"/registry/v1/schools/{SCHOOL}/people")}
    one = next(found for number in range(100) if (found := somebody(number)).family == people[taker]["family_name"])
    usernames = {row["person_id"]: row["username"] for row in await _accounts(curator)}
    mine, theirs = Person(door, usernames[taker], taker), Person(door, usernames[giver], giver)
    meetings = await theirs.every(f"/tracking/v1/schools/{SCHOOL}/my/meetings")
    meeting = next(
        row for row in meetings if row["assignment_id"] == pair["assignment_id"] and row["state"] in ("HELD", "CLOSED")
    )
    address = f"/tracking/v1/schools/{SCHOOL}/my/meetings/{meeting['meeting_id']}/reflection"
    await theirs.put(address, {"usefulness": 5, "text": f"{one.given} показала, как считать: {one.phone}"})
    await mine.put(address, {"usefulness": 4, "text": f"Записала: {one.mail}"})
    await _upload(curator, f"/documents/v1/schools/{SCHOOL}/papers/{demo_id(f'{SCHOOL}/order-1')}/scan", one)
    form = aiohttp.FormData()
    form.add_field("file", staff.read_bytes(), filename=staff.name)
    await curator.call("PUT", f"/registry/v1/schools/{SCHOOL}/staff-imports/{uuid4()}", data=form)
    return taker, one


async def _accounts(curator: Person) -> list[Any]:
    return await curator.every(f"/registry/v1/schools/{SCHOOL}/accounts")


async def _upload(curator: Person, address: str, one: Somebody) -> None:
    form = aiohttp.FormData()
    form.add_field("scan", f"%PDF-1.7 {one.family} {one.given}".encode(), filename="order.pdf")
    await curator.call("PUT", address, data=form)


async def _totals(curator: Person, analyst: Person, *, version: int) -> list[Any]:
    """The numbers of the school's report as of the same day, computed anew, and what the city has published."""
    report = f"/reporting/v1/schools/{SCHOOL}/reports/{demo_id(f'{SCHOOL}/report')}"
    known = await curator.get(report)
    if known["version"] < version:
        wanted = {"cycle_id": known["cycle_id"], "as_of": known["as_of"], "version": version}
        known = await curator.put(report, wanted)
        assert known["version"] == version
    numbers = (await curator.get(report))["numbers"]
    publication = demo_id("publication")
    published = await analyst.every(f"/reporting/v1/city/published?publication_id={publication}")
    assert len(numbers) > 10
    return [numbers, published]


async def _erase(door: Door, person_id: str) -> None:
    auditor = Person(door, "city.auditor")
    address = f"/registry/v1/erasures/{uuid4()}"
    await auditor.put(address, {"person_id": person_id, "basis": "WITHDRAWN", "request_number": "17/2027"})

    async def state() -> str:
        return str((await auditor.get(address))["state"])

    await eventually(state, equals="DONE", within=30)


@contextmanager
def _everything_logged() -> Iterator[io.StringIO]:
    """All lines of all loggers, down to the smallest."""
    written, root = io.StringIO(), logging.getLogger()
    handler, level = json_lines(written), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


@asynccontextmanager
async def _broker(city: City) -> AsyncIterator[Client]:
    nats = city.infrastructure.nats
    client = await connect(nats.url, user=ADMIN, password=nats.passwords[ADMIN])
    try:
        yield client
    finally:
        await client.close()
