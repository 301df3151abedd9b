"""What a measurement stands on: real servers in a throw-away folder, measured processes, keys for tokens."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import asyncpg
from aiohttp import web

from chassis.relay import connect_plain
from chassis.testing import TokenFactory
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure, start_infrastructure
from deploy.local.servers import ServerTrouble, stop_left_over

HOST = "127.0.0.1"
BARE = "bare"
ROOT = Path(__file__).parents[1]
WARMING_SECONDS = 60.0
GOODBYE_SECONDS = 15.0


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Measurable:
    """An app that can be started by itself: where it is built, what it is told, which path says that it is ready."""

    name: str
    factory: str
    environment: Mapping[str, str]
    ready: str = "/readyz"


@dataclass(frozen=True, slots=True)
class Child:
    """A measured process."""

    name: str
    port: int
    running: subprocess.Popen[bytes]
    log: Path
    profile: Path | None

    @property
    def pid(self) -> int:
        """The process id."""
        return self.running.pid


@dataclass(slots=True)
class Ground:
    """Running servers, and the processes that were started on them."""

    folder: Path
    infrastructure: Infrastructure
    tokens: TokenFactory
    issuer: str
    children: dict[str, Child] = field(default_factory=dict)

    def environment(self, service: str) -> dict[str, str]:
        """What a service is told, as any operator would tell it."""
        nats, postgres = self.infrastructure.nats, self.infrastructure.postgres
        told = {
            "NEO_DATABASE_URL": postgres.url(database_of(service), f"{service}_app"),
            "NEO_NATS_URL": nats.url,
            "NEO_NATS_USER": service,
            "NEO_NATS_PASSWORD": nats.passwords[service],
            "NEO_ISSUER": self.issuer,
        }
        if service == "reporting":
            told["NEO_PUBLISHED_DATABASE_URL"] = self.infrastructure.published_url
        return told

    async def start_service(self, service: str, *, is_profiled: bool = False) -> Child:
        """Start one of our services as production does, and wait until it is ready."""
        app = Measurable(service, f"services.{service}.app:from_env", self.environment(service))
        return await self.start(app, is_profiled=is_profiled)

    async def start_bare(self) -> Child:
        """Start the app without anything of ours behind its routes."""
        told = {
            "NEO_ISSUER": self.issuer,
            "NEO_BENCH_DATABASE_URL": self.infrastructure.postgres.url(database_of("documents"), "postgres"),
        }
        return await self.start(Measurable(BARE, "bench.bare:build", told))

    async def start(self, app: Measurable, *, is_profiled: bool = False) -> Child:
        """An app as a process of its own, started if it does not run yet; raises ServerTrouble."""
        if app.name not in self.children:
            self.children[app.name] = self._spawn(app, is_profiled)
            await _wait_for(self.children[app.name], app.ready)
        return self.children[app.name]

    def _spawn(self, app: Measurable, is_profiled: bool) -> Child:
        port, log = free_port(), self.folder / f"{app.name}.log"
        profile = self.folder / f"{app.name}.profile" if is_profiled else None
        command = [sys.executable, "-m", "bench.serve", app.factory, "--port", str(port)]
        if profile is not None:
            command += ["--profile", str(profile)]
        with log.open("ab") as output:
            running = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT), **app.environment},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return Child(app.name, port, running, log, profile)

    async def stop(self, *names: str) -> None:
        """End processes gently; all of them without names."""
        leaving = [self.children.pop(name) for name in names or tuple(self.children) if name in self.children]
        for child in leaving:
            child.running.terminate()
        for child in leaving:
            await asyncio.to_thread(_see_off, child)

    async def admin(self, service: str = "") -> asyncpg.Connection:
        """A superuser's connection to a service's database, past row-level security: for looking and filling."""
        database = database_of(service) if service else "postgres"
        return await connect_plain(self.infrastructure.postgres.url(database, "postgres"))


def _see_off(child: Child) -> None:
    try:
        child.running.wait(GOODBYE_SECONDS)
    except subprocess.TimeoutExpired:
        child.running.kill()
        child.running.wait()
    if child.running.stdin is not None:
        child.running.stdin.close()


async def _wait_for(child: Child, path: str) -> None:
    url = f"http://{HOST}:{child.port}{path}"
    async with aiohttp.ClientSession() as session, asyncio.timeout(WARMING_SECONDS):
        while True:
            if child.running.poll() is not None:
                raise ServerTrouble("bench.child-ended", name=child.name, log=last_lines(child.log))
            with suppress(aiohttp.ClientError):
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.03)


def last_lines(log: Path) -> str:
    """The end of a log: what a process said before it ended."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])


@asynccontextmanager
async def standing() -> AsyncIterator[Ground]:
    """Servers with durable settings as in local mode, until the measurement is over; nothing is left behind."""
    with tempfile.TemporaryDirectory(prefix="neo-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        try:
            infrastructure = await start_infrastructure(folder)
            try:
                async with _published_keys(TokenFactory()) as ground_keys:
                    tokens, issuer = ground_keys
                    ground = Ground(folder, infrastructure, tokens, issuer)
                    try:
                        yield ground
                    finally:
                        await ground.stop()
            finally:
                infrastructure.stop()
        finally:
            stop_left_over(folder)


@asynccontextmanager
async def _published_keys(tokens: TokenFactory) -> AsyncIterator[tuple[TokenFactory, str]]:
    """The realm's public keys at the path where Keycloak has them."""
    port = free_port()
    issuer = f"http://{HOST}:{port}/realms/neo"
    tokens.issuer = issuer

    async def certificates(_: web.Request) -> web.Response:
        return web.json_response(tokens.public_keys())

    async def discovery(_: web.Request) -> web.Response:
        return web.json_response({"issuer": issuer, "jwks_uri": f"{issuer}/protocol/openid-connect/certs"})

    app = web.Application()
    app.router.add_get("/realms/neo/protocol/openid-connect/certs", certificates)
    app.router.add_get("/realms/neo/.well-known/openid-configuration", discovery)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        yield tokens, issuer
    finally:
        await runner.cleanup()
