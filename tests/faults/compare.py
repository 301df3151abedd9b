"""What must be equal: every projection row by row, every journal fact by fact, every inbox entry by entry."""

import asyncio
import hashlib
import json
import time
from dataclasses import dataclass

from sqlalchemy import DateTime, Table

from chassis import schema
from chassis.relay import connect_plain
from contracts.topology import SERVICES
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure

PLUMBING = {"journal", "outbox", "inbox", "attempts"}
# The access log counts every question, also one that had to be asked again.
LOGS = {"looks", "look_schools"}
# Chance and real time by design: the key of an anonymous answer, who solved a run and how fast.
VOLATILE = {
    "key",
    "seconds",
    "worker",
    "lease",
    "claims",
    "traceparent",
    "certificate",
    "dual_first",
    "coverage_first",
    "sha256",
    "content",
    "signed_sha256",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A city at rest: per table how many rows and their digest, the ids of all facts by owner and by who took them in.

    Effects are guarded by revisions too, so that a doubled delivery may leave no trace in a table; the inbox tells.
    """

    tables: dict[str, tuple[int, str]]
    facts: dict[str, frozenset[str]]
    taken_in: dict[str, frozenset[str]]

    def differences(self, other: "Picture") -> list[str]:
        """Where two cities differ."""
        tables = [
            f"{name}: {self.tables.get(name)} and {other.tables.get(name)}"
            for name in sorted(self.tables.keys() | other.tables.keys())
            if self.tables.get(name) != other.tables.get(name)
        ]
        facts = _differences("facts", self.facts, other.facts)
        return tables + facts + _differences("inbox", self.taken_in, other.taken_in)

    @property
    def events(self) -> int:
        """How many facts there are."""
        return sum(len(ids) for ids in self.facts.values())

    def lines(self) -> list[str]:
        """What is looked at, table by table, for people."""
        rows = sum(count for count, _ in self.tables.values())
        taken = sum(len(ids) for ids in self.taken_in.values())
        lines = [f"{len(self.tables)} tables equal, {rows} rows; {self.events} facts equal; taken in {taken} times"]
        for service in SERVICES:
            mine = [
                f"{name.removeprefix(f'{service}.')} {count}"
                for name, (count, _) in self.tables.items()
                if name.startswith(f"{service}.")
            ]
            lines.append(f"  {service}: {', '.join(mine)}; facts {len(self.facts[service])}")
        return lines


def _differences(what: str, mine: dict[str, frozenset[str]], others: dict[str, frozenset[str]]) -> list[str]:
    return [
        f"{what} of {service}: {len(ids - others[service])} missing, {len(others[service] - ids)} too many"
        for service, ids in mine.items()
        if ids != others[service]
    ]


def _query(tables: list[Table]) -> str:
    """All rows of all tables in one statement, as their superuser sees them: of every school."""
    parts = []
    for table in tables:
        columns = [
            f'"{column.name}"'
            for column in table.columns
            if not isinstance(column.type, DateTime) and column.name not in VOLATILE and column.identity is None
        ]
        parts.append(
            f"select '{table.fullname}' as name, (select coalesce(json_agg(one), '[]') "
            f"from (select {', '.join(columns)} from {table.fullname}) one) as found"
        )
    return " union all ".join(parts)


def _unordered(value: object) -> object:
    return sorted(map(str, value)) if isinstance(value, list) else value


def _digest(found: str) -> tuple[int, str]:
    """How many rows, and a digest that knows no order of rows or of what a row lists."""
    rows = json.loads(found)
    lines = sorted(
        json.dumps([sorted(map(str, one)) if isinstance(one, list) else one for one in row.values()]) for row in rows
    )
    return len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


async def _look(infrastructure: Infrastructure, service: str) -> Picture:
    known = [table for table in schema.metadata_of(service).sorted_tables if table.name not in PLUMBING | LOGS]
    connection = await connect_plain(infrastructure.postgres.url(database_of(service), "postgres"))
    try:
        found = await connection.fetch(_query(known))
        facts = await connection.fetch("select event_id from journal")
        taken = await connection.fetch("select consumer, event_id from inbox")
    finally:
        await connection.close()
    return Picture(
        {f"{service}.{row['name']}": _digest(row["found"]) for row in found},
        {service: frozenset(str(row["event_id"]) for row in facts)},
        {service: frozenset(f"{row['consumer']} {row['event_id']}" for row in taken)},
    )


async def take_picture(infrastructure: Infrastructure) -> Picture:
    """Look at every table of every service."""
    parts = await asyncio.gather(*(_look(infrastructure, service) for service in SERVICES))
    whole = Picture({}, {}, {})
    for part in parts:
        whole.tables.update(part.tables)
        whole.facts.update(part.facts)
        whole.taken_in.update(part.taken_in)
    return whole


async def becomes_equal(infrastructure: Infrastructure, expected: Picture, *, within: float) -> Picture:
    """The picture of a city that equals the expected one; what sweeps bring about may come a moment later.

    Fails with every table, journal and inbox that differs.
    """
    until = time.monotonic() + within
    while True:
        seen = await take_picture(infrastructure)
        if not (wrong := expected.differences(seen)):
            return seen
        if time.monotonic() > until:
            raise AssertionError("the city differs: " + "; ".join(wrong))
        await asyncio.sleep(0.3)
