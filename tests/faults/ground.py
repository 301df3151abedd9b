"""The ground under all rehearsals of a run: servers and migrated databases, made once and cleared for each year."""

import asyncio
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from chassis.relay import connect_plain
from chassis.settings import scaled
from contracts.topology import SERVICES, Topology
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure, apply_topology, start_infrastructure
from deploy.local.servers import start_nats, start_postgres, stop_nats


def _untouched(service: str) -> str:
    return f"ground_{service}"


@dataclass(slots=True)
class Ground:
    """Servers that one rehearsal after the other stands on; never two at once."""

    infrastructure: Infrastructure
    is_untouched: bool = True

    async def clear(self, scale: float) -> Infrastructure:
        """Empty databases as the migrations left them, an empty broker, durations of the bus scaled anew."""
        if self.is_untouched:
            self.is_untouched = False
            self.infrastructure = replace(self.infrastructure, timing=scaled(scale))
            await self._apply_topology()
            return self.infrastructure
        folder = self.infrastructure.folder
        stop_nats(self.infrastructure.nats)
        await asyncio.to_thread(shutil.rmtree, folder / "nats" / "jetstream", ignore_errors=True)
        # A year that ended badly may have left either server dead.
        postgres = await start_postgres(folder / "postgres", is_durable=False)
        nats = await start_nats(folder / "nats")
        self.infrastructure = replace(self.infrastructure, postgres=postgres, nats=nats, timing=scaled(scale))
        await _as_superuser(
            self.infrastructure,
            *(f"drop database if exists {database_of(service)} with (force)" for service in SERVICES),
            *(
                f"create database {database_of(service)} owner {service}_owner template {_untouched(service)}"
                for service in SERVICES
            ),
        )
        await self._apply_topology()
        return self.infrastructure

    async def _apply_topology(self) -> None:
        await apply_topology(self.infrastructure.nats, Topology(timing=self.infrastructure.timing))


async def lay_ground(folder: Path) -> Ground:
    """Start servers, migrate, and keep a copy of each database as it is before anything has happened."""
    found = await start_infrastructure(folder, is_durable=False)
    await _as_superuser(
        found,
        *(f"create database {_untouched(service)} template {database_of(service)}" for service in SERVICES),
    )
    return Ground(found)


async def _as_superuser(infrastructure: Infrastructure, *statements: str) -> None:
    connection = await connect_plain(infrastructure.postgres.url("postgres", "postgres"))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
