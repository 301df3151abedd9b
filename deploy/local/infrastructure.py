"""Everything that stands under the services in local mode: servers, databases, migrations, topology."""

from dataclasses import dataclass
from pathlib import Path

import asyncpg

from chassis.bus import connect
from chassis.relay import connect_plain
from chassis.schema import VERSION, head_of
from chassis.settings import Settings
from contracts.topology import LISTENERS, Timing, Topology
from deploy.databases import database_of, prepare
from deploy.local.servers import Nats, Postgres, check_room, start_nats, start_postgres, stop_nats, stop_postgres
from deploy.nats import ADMIN
from deploy.topology import apply, difference


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """Running servers with databases migrated and topology applied."""

    folder: Path
    nats: Nats
    postgres: Postgres
    timing: Timing

    def settings_of(self, service: str, issuer: str) -> Settings:
        """What a service is told in local mode."""
        return Settings(
            service=service,
            mode="local",
            database_url=self.postgres.url(database_of(service), f"{service}_app"),
            nats_url=self.nats.url,
            nats_user=service,
            nats_password=self.nats.passwords[service],
            issuer=issuer,
            timing=self.timing,
        )

    @property
    def published_url(self) -> str:
        """The address through which district and city read reporting's published layer, and nothing else."""
        return self.postgres.url(database_of("reporting"), "reporting_published")

    def stop(self) -> None:
        """Stop both servers; what they hold stays in the folder."""
        stop_nats(self.nats)
        stop_postgres(self.postgres)


async def start_infrastructure(
    folder: Path, *, timing: Timing | None = None, is_durable: bool = True, services: tuple[str, ...] = LISTENERS
) -> Infrastructure:
    """Start the servers in a folder and bring databases and topology up to date; raises ServerTrouble."""
    folder.mkdir(parents=True, exist_ok=True)
    check_room(folder)
    postgres = await start_postgres(folder / "postgres", is_durable=is_durable)
    nats = await start_nats(folder / "nats")
    found = Infrastructure(folder, nats, postgres, timing or Timing())
    await prepare(
        postgres.url("postgres", "postgres"),
        {service: postgres.url(database_of(service), "postgres") for service in LISTENERS},
    )
    for service in services:
        await _bring_to_head(postgres.url(database_of(service), f"{service}_owner"), service)
    await apply_topology(nats, Topology(timing=found.timing))
    return found


async def _bring_to_head(owner_url: str, service: str) -> None:
    if await _revision(owner_url) == head_of(service):
        return
    # Alembic is half a second of a start, and nothing is to be done in nearly all of them.
    from chassis import migrate

    await migrate.upgrade(owner_url, service)


async def _revision(owner_url: str) -> str | None:
    connection = await connect_plain(owner_url)
    try:
        found = await connection.fetchval(VERSION)
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()
    return None if found is None else str(found)


async def apply_topology(nats: Nats, topology: Topology) -> int:
    """Make the broker hold what the topology says; returns how many things differed."""
    client = await connect(nats.url, user=ADMIN, password=nats.passwords[ADMIN])
    try:
        changes = await difference(client, topology)
        await apply(client, topology, changes)
    finally:
        await client.close()
    return len(changes)
