"""Schools under diagnosis: their people and cycles are heard over the bus, their campaigns opened through the door."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg

from bench.ground import HOST, Ground
from bench.hop import NeverVisible
from bench.load import closed_loop, request
from chassis.bus import connect
from contracts.event import Event
from contracts.registry import CycleOpened, CycleStage, CycleStageChanged, MembershipChanged
from contracts.topology import STREAM
from deploy.nats import ADMIN

TEACHERS = 40
HOURS = 3600
DAYS_OPEN = 10
HEARD_SECONDS = 60.0
AT_ONCE = 200
_MEMBERS = "select count(*) from members where school_id = any($1)"
_OPEN_CYCLES = "select count(*) from cycles where school_id = any($1) and stage = 'DIAGNOSTICS_OPEN'"
_CODES = "select person_id, codes from participants where campaign_id = $1"


@dataclass(frozen=True, slots=True)
class School:
    """A school with forty teachers and one observer."""

    school: str
    cycle: UUID
    campaign: UUID
    curator: UUID
    observer: UUID
    teachers: tuple[UUID, ...]

    def door(self, path: str) -> str:
        """The path of a door of diagnostics at the gateway."""
        return f"/api/diagnostics/v1/schools/{self.school}{path}"

    @property
    def facts(self) -> list[Event]:
        """What the registry has told of it."""
        now = datetime.now(UTC)
        today = now.date()
        starts, ends = today - timedelta(days=30), today + timedelta(days=200)
        opened = CycleOpened(
            school_id=self.school, cycle_id=self.cycle, starts_on=starts, ends_on=ends, occurred_at=now
        )
        stage = CycleStageChanged(
            school_id=self.school,
            cycle_id=self.cycle,
            stage=CycleStage.DIAGNOSTICS_OPEN,
            previous=CycleStage.APPROVED,
            occurred_at=now,
        )
        people = [self._member(one, ("teacher",), ("SUBJECT_TEACHER",)) for one in self.teachers]
        return [*people, self._member(self.observer, ("observer",), ()), opened, stage]

    def _member(self, person: UUID, roles: tuple[str, ...], profiles: tuple[str, ...]) -> MembershipChanged:
        return MembershipChanged(
            school_id=self.school,
            person_id=person,
            roles=roles,
            role_profiles=profiles,
            subjects=("CHE",),
            counts_in_staff=bool(profiles),
            joined_on=date(2020, 9, 1),
            occurred_at=datetime.now(UTC),
        )


def a_school() -> School:
    """A school that nobody knows yet."""
    people = tuple(uuid4() for _ in range(TEACHERS))
    return School(f"bench-{uuid4().hex[:10]}", uuid4(), uuid4(), uuid4(), uuid4(), people)


@dataclass(slots=True)
class District:
    """Opens schools until enough people have a form to fill in whose lessons were observed already.

    The next own sheet is the second kind of source: it is scored, and the profile is announced.
    """

    ground: Ground
    port: int
    looking: asyncpg.Connection

    async def sheets(self, count: int) -> list[bytes]:
        """So many requests, each of which hands in a person's own sheet."""
        schools = [a_school() for _ in range(-(-count // TEACHERS))]
        await self._tell(schools)
        found: list[bytes] = []
        async with aiohttp.ClientSession(f"http://{HOST}:{self.port}") as session:
            for school in schools:
                await self._open(session, school)
                await self._observe(session, school)
                found += await self._own_sheets(school)
        return found[:count]

    async def _tell(self, schools: Sequence[School]) -> None:
        nats = self.ground.infrastructure.nats
        client = await connect(nats.url, user=ADMIN, password=nats.passwords[ADMIN])
        facts = [fact for school in schools for fact in school.facts]
        try:
            for first in range(0, len(facts), AT_ONCE):
                await asyncio.gather(*(_publish(client.jetstream(), fact) for fact in facts[first : first + AT_ONCE]))
        finally:
            await client.close()
        names = [school.school for school in schools]
        await _until(lambda: self.looking.fetchval(_MEMBERS, names), (TEACHERS + 1) * len(schools))
        await _until(lambda: self.looking.fetchval(_OPEN_CYCLES, names), len(schools))

    async def _open(self, session: aiohttp.ClientSession, school: School) -> None:
        closes_on = (datetime.now(UTC).date() + timedelta(days=DAYS_OPEN)).isoformat()
        wanted = {"cycle_id": str(school.cycle), "wave": 1, "closes_on": closes_on}
        headers = self._headers(school, school.curator, "curator")
        async with session.put(school.door(f"/campaigns/{school.campaign}"), json=wanted, headers=headers) as answer:
            answer.raise_for_status()

    async def _observe(self, session: aiohttp.ClientSession, school: School) -> None:
        headers = self._headers(school, school.observer, "observer")
        async with session.get(school.door("/my/forms"), headers=headers) as answer:
            answer.raise_for_status()
            asked: list[dict[str, Any]] = (await answer.json())[0]["observations"]
        contents = [
            request(
                "PUT",
                school.door(f"/my/forms/{school.campaign}/observations/{one['person_id']}"),
                headers=headers,
                body=_body(one["competencies"], lessons=2),
            )
            for one in asked
        ]
        await closed_loop(self.port, contents, in_flight=8)

    async def _own_sheets(self, school: School) -> list[bytes]:
        rows = await self.looking.fetch(_CODES, school.campaign)
        return [
            request(
                "PUT",
                school.door(f"/my/forms/{school.campaign}/self"),
                headers=self._headers(school, row["person_id"], "teacher"),
                body=_body(row["codes"], is_final=True),
            )
            for row in rows
        ]

    def _headers(self, school: School, person: UUID, role: str) -> dict[str, str]:
        exp = int(datetime.now(UTC).timestamp()) + HOURS
        return self.ground.tokens.headers(person, f"/schools/{school.school}/{role}", exp=exp)


def _body(codes: Sequence[str], **other: Any) -> bytes:
    return json.dumps({"answers": {code: 2 + place % 3 for place, code in enumerate(codes)}, **other}).encode()


async def _publish(stream: Any, fact: Event) -> None:
    headers = {"Nats-Msg-Id": str(uuid4()), "event-id": str(fact.event_id)}
    await stream.publish(fact.subject, fact.model_dump_json().encode(), stream=STREAM, headers=headers)


async def _until(look: Callable[[], Awaitable[int]], wanted: int) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + HEARD_SECONDS
    while (seen := await look()) < wanted:
        if loop.time() > until:
            raise NeverVisible(f"{wanted - seen} of {wanted} facts were not heard after {HEARD_SECONDS:.0f} s")
        await asyncio.sleep(0.05)
