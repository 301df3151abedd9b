"""How the commands reach the servers: by the environment in production, by the data folder on one's own machine."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nats.aio.client import Client
from sqlalchemy.engine import make_url

from chassis.bus import connect
from deploy.databases import database_of
from deploy.local.servers import ServerTrouble
from deploy.nats import ADMIN


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the broker and the databases are, as their administrator."""

    nats_url: str
    nats_options: dict[str, Any]
    admin_url: str

    def database_url(self, service: str) -> str:
        """The address of a service's database."""
        return make_url(self.admin_url).set(database=database_of(service)).render_as_string(hide_password=False)

    @asynccontextmanager
    async def broker(self) -> AsyncIterator[Client]:
        """A connection to the broker."""
        client = await connect(self.nats_url, connect_timeout=3, max_reconnect_attempts=1, **self.nats_options)
        try:
            yield client
        finally:
            await client.close()


def reach(folder: Path) -> Reach:
    """By NEO_NATS_URL and NEO_ADMIN_DATABASE_URL if they are set, else by a local city's folder.

    Raises ServerTrouble when neither leads to running servers.
    """
    nats_url, admin_url = os.environ.get("NEO_NATS_URL"), os.environ.get("NEO_ADMIN_DATABASE_URL")
    if nats_url and admin_url:
        user = os.environ.get("NEO_NATS_ADMIN_USER")
        options = {"user": user, "password": os.environ.get("NEO_NATS_ADMIN_PASSWORD", "")} if user else {}
        return Reach(nats_url, options, admin_url)
    try:
        ports = next((folder / "nats").glob("nats-server_*.ports"))
        address = json.loads(ports.read_text())["nats"][0]
        passwords = json.loads((folder / "nats" / "users.json").read_text())
        _, _, _, port, socket, *_ = (folder / "postgres" / "postmaster.pid").read_text().splitlines()
    except (OSError, StopIteration, ValueError):
        raise ServerTrouble("operations.nothing-runs", folder=str(folder)) from None
    options = {"user": ADMIN, "password": passwords[ADMIN]}
    return Reach(address, options, f"postgresql+asyncpg://postgres@/postgres?host={socket}&port={port}")
