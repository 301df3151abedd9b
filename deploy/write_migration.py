"""`neo migration SERVICE TITLE`: write the next revision from the difference between store and migrations."""

import asyncio
import tempfile
from pathlib import Path

from chassis import migrate
from contracts.topology import LISTENERS
from deploy.databases import database_of, prepare
from deploy.local.servers import start_postgres, stop_postgres


async def _write(service: str, title: str) -> Path | None:
    with tempfile.TemporaryDirectory(prefix="neo-migration-") as folder:
        postgres = await start_postgres(Path(folder) / "postgres", is_durable=False)
        try:
            inside = {name: postgres.url(database_of(name), "postgres") for name in LISTENERS}
            await prepare(postgres.url("postgres", "postgres"), inside)
            owner = postgres.url(database_of(service), f"{service}_owner")
            await migrate.upgrade(owner, service)
            return await migrate.write_migration(owner, service, title)
        finally:
            stop_postgres(postgres)


def write(service: str, title: str) -> Path | None:
    """Write the next revision of a service; none when its store and its migrations agree."""
    return asyncio.run(_write(service, title))
