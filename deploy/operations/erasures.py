"""Erasures after a restore: a database that comes back from a backup has forgotten that somebody was to be forgotten.

Each erasure stands in several places: in the registry's journal, in the journals of the services that confirmed it, in
the stream for 180 days, and in the ledger that `neo erasures export` writes for a shelf far away. Whatever one of them
still knows is said to all again; who knows it already skips it by the inbox.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis.relay import connect_plain
from contracts.event import Event, PersonEvent
from contracts.topology import STREAM, all_events
from deploy.operations.facts import REPLAYED

FACTS: dict[str, type[Event]] = {event.subject: event for event in all_events() if issubclass(event, PersonEvent)}
# Where names, contacts and free texts stand as they were typed. What was deleted lies in their files until the space
# is used again; to rewrite a table holds its readers up for as long as it takes.
WRITTEN = {
    "registry": ("people", "memberships", "staff_import_lines", "accounts", "account_work", "attestation_records"),
    "diagnostics": ("sheets",),
    "tracking": ("reflections", "goals"),
    "documents": ("scans",),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One fact of an erasure: an order, or a service's confirmation. Bare ids, no names."""

    subject: str
    event_id: str
    body: bytes

    @classmethod
    def of(cls, subject: str, body: bytes) -> "Said":
        """Read it as its owner wrote it; raises ValueError (pydantic) for anything else."""
        event = FACTS[subject].model_validate_json(body)
        return cls(subject, str(event.event_id), body)


async def in_stream(client: Client) -> list[Said]:
    """What the stream still holds."""
    js = client.jetstream(timeout=10)
    return [said for subject in FACTS for said in await _in_stream(js, subject)]


async def _in_stream(js: JetStreamContext, subject: str) -> list[Said]:
    found: list[Said] = []
    sequence = 1
    while True:
        try:
            message = await js.get_msg(STREAM, sequence, subject=subject, next=True)
        except NotFoundError:
            return found
        found.append(Said.of(subject, message.data or b""))
        sequence = (message.seq or sequence) + 1


async def in_journals(urls: Mapping[str, str]) -> list[Said]:
    """What the owners' journals hold; a database that does not exist yet holds nothing."""
    found = []
    for url in urls.values():
        connection = await connect_plain(url)
        try:
            rows = await connection.fetch(
                "select subject, body from journal where subject = any($1) order by position", list(FACTS)
            )
        finally:
            await connection.close()
        found += [Said.of(row["subject"], row["body"]) for row in rows]
    return found


def in_ledger(path: Path) -> list[Said]:
    """What an exported ledger holds."""
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return [Said.of(line["subject"], json.dumps(line["fact"]).encode()) for line in lines]


def write_ledger(path: Path, said: Iterable[Said]) -> int:
    """Write the ledger: one fact a line, each once; returns how many."""
    once = _once(said)
    lines = [json.dumps({"subject": one.subject, "fact": json.loads(one.body)}) for one in once]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return len(once)


async def say_again(client: Client, said: Iterable[Said]) -> int:
    """Publish facts again, each once, with its own event id and a fresh message id; returns how many."""
    js = client.jetstream(timeout=20)
    once = _once(said)
    await asyncio.gather(*(_publish(js, one) for one in once))
    return len(once)


async def _publish(js: JetStreamContext, said: Said) -> None:
    headers = {"Nats-Msg-Id": str(uuid4()), "event-id": said.event_id, REPLAYED: "true"}
    await js.publish(said.subject, said.body, stream=STREAM, headers=headers)


def _once(said: Iterable[Said]) -> list[Said]:
    return list({one.event_id: one for one in said}.values())


async def scrub(urls: Mapping[str, str]) -> list[str]:
    """Rewrite the tables in which names and texts stood, so that their files hold nothing deleted; returns them.

    Not in the write-ahead log and not in backups: there it stays until they are recycled and destroyed in their turn.
    """
    done = []
    for service, tables in WRITTEN.items():
        connection: Any = await connect_plain(urls[service])
        try:
            for table in tables:
                await connection.execute(f'vacuum (full, analyze) "{table}"')
                done.append(f"{service}.{table}")
            await connection.execute("vacuum (full) pg_catalog.pg_statistic")
        finally:
            await connection.close()
    return done
