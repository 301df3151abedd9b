"""A person who has lived through the whole year is forgotten: no name anywhere afterwards, and the same totals."""

import io
import logging
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from nats.aio.client import Client

from chassis.bus import connect
from chassis.relay import connect_plain
from chassis.telemetry import json_lines
from chassis.testing import eventually
from contracts.topology import SERVICES
from deploy.databases import database_of
from deploy.demo.client import Door, Person
from deploy.demo.run import BEGINNING, Plan, play
from deploy.demo.staff_files import HEADER, generate, write_csv
from deploy.demo.world import demo_id
from deploy.local.city import City, running_city, take_port
from deploy.local.folder import Folder, hold
from deploy.nats import ADMIN
from deploy.operations.erasures import scrub
from deploy.show import Voice
from tests.architecture.test_looks import KEEPERS
from tests.journeys.looks import walk
from tests.journeys.search import Words, files_of, files_with, lines_with, messages_with, tables_with

SCHOOL = "spb-777"
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
_SYLLABLES = ("ба", "ве", "ги", "до", "жу", "зы", "ке", "ли", "му", "ня")


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of the file, with everything by which one could be recognised."""

    family: str
    given: str
    mail: str
    phone: str

    @property
    def words(self) -> Words:
        return Words((self.family, self.given, self.mail, self.phone))


def somebody(number: int) -> Somebody:
    """Names that nobody else bears, and no word of any text contains."""
    mark = _SYLLABLES[number // 10 % 10] + _SYLLABLES[number % 10]
    return Somebody(f"Щ{mark}щеглова", f"Э{mark}элла", f"zq{number}xw@zqx.example", f"+7 000 717-{number:04d}")


def write_staff(path: Path) -> None:
    """A school's file in which everybody has a name, an address and a telephone of their own."""
    header, *rows = generate(24, 5)
    place = {title: header.index(title) for title in HEADER}
    numbers = sorted({row[0] for row in rows})
    for row in rows:
        one = somebody(numbers.index(row[0]))
        row[place["Фамилия"]], row[place["Имя"]], row[place["E-mail"]] = one.family, one.given, one.mail
        row.append(one.phone)
    write_csv(path, [[*header, "Телефон"], *rows])


@pytest.mark.slow
# python-keycloak leaves its idle connections to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
async def test_after_an_erasure_no_name_is_left_and_the_totals_are_the_same(tmp_path: Path) -> None:
    staff = tmp_path / f"{SCHOOL}.csv"
    write_staff(staff)
    with (
        # Not in pytest's own folder: another run beside this one would shut PostgreSQL's user out of it.
        tempfile.TemporaryDirectory(prefix="neo-erasure-", ignore_cleanup_errors=True) as place,
        take_port(0) as bound,
        hold(Path(place) / "city") as folder,
    ):
        folder.begin_demo(BEGINNING)
        # Between two calls the whole city is searched: a kept connection would be closed meanwhile.
        calling = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        async with running_city(folder, bound, is_durable=False) as city, calling as session:
            await play(city.url, Plan(staff=(staff,), seed=5), Voice(to=io.StringIO()), scratch=tmp_path)
            await _forget(city, folder, Door(city.url, session), staff)


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
