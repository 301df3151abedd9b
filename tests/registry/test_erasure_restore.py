"""A restore brings a forgotten person back; saying the erasures again forgets the person again.

The backup is a copy of the databases, made by PostgreSQL from a template while nobody is connected.
"""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from chassis.relay import connect_plain
from chassis.testing import TokenFactory, eventually
from contracts.topology import SERVICES, Timing
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure, start_infrastructure
from deploy.operations.erasures import FACTS, Said, in_journals, in_ledger, in_stream, say_again, write_ledger
from tests.registry.town import School, a_school
from tests.stand import Running, Stand
from tests.tracking.pairs import NOW, Pair, a_held_meeting, a_pairing, a_working_pair

LISTENERS = ("diagnostics", "matching", "tracking", "documents")
# What is restored; the other databases, and the stream, are as new as they are.
RESTORED = ("registry", "tracking")
NAME, THOUGHT = "Незабудкина", "Незабудкина показала мне прибор"


@asynccontextmanager
async def standing(infrastructure: Infrastructure, tokens: TokenFactory) -> AsyncIterator[tuple[Stand, Running]]:
    """The services that keep something of a person; at the end nobody is connected to their databases."""
    async with Stand(infrastructure, tokens) as stand:
        registry = await stand.service("registry")
        for name in LISTENERS:
            await stand.service(name)
        yield stand, registry


async def copy(infrastructure: Infrastructure, *, suffix: str, is_restore: bool) -> None:
    """Copy the databases to their backups, or the backups to the databases."""
    connection = await connect_plain(infrastructure.postgres.url("postgres", "postgres"))
    try:
        for service in RESTORED:
            name, backup = database_of(service), f"{database_of(service)}{suffix}"
            source, target = (backup, name) if is_restore else (name, backup)
            await connection.execute(f'drop database if exists "{target}" with (force)')
            await connection.execute(f'create database "{target}" template "{source}" owner "{service}_owner"')
            if is_restore:
                await connection.execute(f'revoke all on database "{target}" from public')
                await connection.execute(f'grant connect on database "{target}" to "{service}_app"')
    finally:
        await connection.close()


def urls_of(infrastructure: Infrastructure) -> dict[str, str]:
    return {service: infrastructure.postgres.url(database_of(service), "postgres") for service in SERVICES}


async def count(infrastructure: Infrastructure, service: str, query: str) -> int:
    connection = await connect_plain(urls_of(infrastructure)[service])
    try:
        return int(await connection.fetchval(query))
    finally:
        await connection.close()


async def traces(infrastructure: Infrastructure) -> tuple[int, int]:
    """How often the name stands among the people, and how many texts there are about them."""
    return (
        await count(infrastructure, "registry", f"select count(*) from people where family_name = '{NAME}'"),
        await count(infrastructure, "tracking", "select count(*) from reflections where text is not null"),
    )


async def a_person_with_a_past(stand: Stand, registry: Running) -> UUID:
    """Somebody with a name here, and with a partner's thought about a meeting there."""
    school: School = await a_school(registry)
    person = uuid4()
    await school.add(person_id=person, family_name=NAME)
    tracking = await stand.service("tracking")
    pair: Pair = await a_working_pair(stand, tracking, a_pairing(school.school_id, taker_id=person))
    meeting = await a_held_meeting(stand, pair, NOW)
    await pair.giver("PUT", f"meetings/{meeting}/reflection", json={"text": THOUGHT, "usefulness": 5})
    return person


async def erase(registry: Running, person: UUID) -> None:
    door, groups = f"/erasures/{uuid4()}", ["/city/auditor"]
    wanted = {"person_id": str(person), "basis": "WITHDRAWN"}
    answer = await registry.call("PUT", door, by=uuid4(), groups=groups, json=wanted)
    assert answer.status_code == 201, answer.text

    async def state() -> str:
        return str((await registry.call("GET", door, by=uuid4(), groups=groups)).json()["state"])

    await eventually(state, equals="SPREAD")


async def known_by(source: str, stand: Stand, ledger: Path) -> Sequence[Said]:
    """What one of the places in which erasures stand still knows."""
    if source == "stream":
        return await in_stream(stand.client)
    if source == "journals":
        return await in_journals(urls_of(stand.infrastructure))
    return in_ledger(ledger)


@pytest.mark.slow
async def test_restored_databases_forget_again_by_stream_by_journals_or_by_the_ledger(
    tokens: TokenFactory, tmp_path: Path
) -> None:
    ledger = tmp_path / "erasures.jsonl"
    with tempfile.TemporaryDirectory(prefix="neo-restore-", ignore_cleanup_errors=True) as folder:
        # A restore is never made within the minutes in which the broker knows a repeated message.
        infrastructure = await start_infrastructure(Path(folder), timing=Timing(duplicate_window=0.2), is_durable=False)
        try:
            async with standing(infrastructure, tokens) as (stand, registry):
                person = await a_person_with_a_past(stand, registry)
            await copy(infrastructure, suffix="_backup", is_restore=False)
            async with standing(infrastructure, tokens) as (stand, registry):
                await erase(registry, person)
                assert write_ledger(ledger, await in_stream(stand.client)) == 5
            assert await traces(infrastructure) == (0, 0)
            for source in ("stream", "journals", "ledger"):
                await copy(infrastructure, suffix="_backup", is_restore=True)
                assert await traces(infrastructure) == (1, 1)
                async with standing(infrastructure, tokens) as (stand, registry):
                    await say_again(stand.client, await known_by(source, stand, ledger))
                    await eventually(lambda: traces(infrastructure), equals=(0, 0))
                    ledgers = await registry.call("GET", "/erasures", by=uuid4(), groups=["/city/auditor"])
                    assert [one["person_id"] for one in ledgers.json()["items"]] == [str(person)]
        finally:
            infrastructure.stop()


async def test_exported_ledger_holds_bare_facts_and_each_once(stand: Stand, tmp_path: Path) -> None:
    registry, ledger = await stand.service("registry"), tmp_path / "erasures.jsonl"
    school = await a_school(registry)
    person = await school.add(family_name=NAME)
    await registry.call(
        "PUT",
        f"/erasures/{uuid4()}",
        by=uuid4(),
        groups=["/city/auditor"],
        json={"person_id": str(person), "basis": "WITHDRAWN", "request_number": "17/2026"},
    )
    known = await in_journals({"registry": urls_of(stand.infrastructure)["registry"]})

    written = write_ledger(ledger, [*known, *known])

    told = ledger.read_text(encoding="utf-8")
    assert written == len(known) == len(told.splitlines())
    assert str(person) in told
    assert not [word for word in (NAME, "17/2026") if word in told]
    assert [one.event_id for one in in_ledger(ledger)] == [one.event_id for one in known]


def test_facts_of_an_erasure_are_the_order_and_one_confirmation_of_each_listener() -> None:
    assert sorted(subject.split(".")[1] for subject in FACTS) == sorted((*LISTENERS, "registry"))
