"""The services as separate processes on one set of servers: started, killed, started again.

A fork server that has everything imported makes a restart cheap, so that hundreds of kills fit into minutes; each
service is a process of its own all the same, with its own connections and nothing shared.
"""

import asyncio
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from chassis.testing import TokenFactory
from contracts.topology import SERVICES
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure

HOST = "127.0.0.1"
HOURS = 3600
Mutation = Callable[[], None]


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def serve(service: str, environment: dict[str, str], port: int, mutation: Mutation | None) -> None:
    """The life of one service process."""
    import importlib
    import logging

    import uvicorn

    os.setpgrp()
    os.environ.update(environment)
    logging.disable(logging.WARNING if not environment.get("NEO_FAULT_LOGS") else logging.NOTSET)
    if mutation is not None:
        mutation()
    app = importlib.import_module(f"services.{service}.app").from_env()
    uvicorn.run(app, host=HOST, port=port, log_config=None, access_log=False)


@dataclass(slots=True)
class Fleet:
    """Service processes by name."""

    infrastructure: Infrastructure
    tokens: TokenFactory
    issuer: str
    scale: float
    clock_file: Path
    mutation: Mutation | None = None
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, BaseProcess] = field(default_factory=dict)
    kills: int = 0

    def environment(self, service: str) -> dict[str, str]:
        """What a service is told, as any operator would tell it."""
        nats, postgres = self.infrastructure.nats, self.infrastructure.postgres
        told = {
            "NEO_MODE": "local",
            "NEO_DATABASE_URL": postgres.url(database_of(service), f"{service}_app"),
            "NEO_NATS_URL": nats.url,
            "NEO_NATS_USER": service,
            "NEO_NATS_PASSWORD": nats.passwords[service],
            "NEO_ISSUER": self.issuer,
            "NEO_TIMING_SCALE": str(self.scale),
            "NEO_CLOCK_FILE": str(self.clock_file),
        }
        if service == "reporting":
            told["NEO_PUBLISHED_DATABASE_URL"] = self.infrastructure.published_url
        return told

    def start(self, service: str) -> None:
        """Start a service; it finds its way to the servers by itself."""
        port = self.ports.setdefault(service, free_port())
        context = multiprocessing.get_context("forkserver")
        process = context.Process(
            target=serve, args=(service, self.environment(service), port, self.mutation), daemon=True
        )
        process.start()
        self.processes[service] = process

    def kill(self, service: str) -> None:
        """`kill -9`, at whatever it was doing."""
        process = self.processes[service]
        if process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        self.kills += 1

    def kill_and_start(self, service: str) -> None:
        """`kill -9`, and what an orchestrator does then."""
        self.kill(service)
        self.start(service)

    def restart_dead(self) -> None:
        """Start again what ended by itself, for example because its server was away."""
        for service, process in self.processes.items():
            if not process.is_alive():
                self.start(service)

    def stop(self) -> None:
        """End all, gently first."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.join(15)
            if process.is_alive():
                process.kill()
                process.join()

    def url(self, service: str) -> str:
        """Where a service answers."""
        return f"http://{HOST}:{self.ports[service]}"


def preload() -> None:
    """Let the fork server import everything once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["tests.faults.fleet", "uvicorn", "keycloak", *(f"services.{name}.app" for name in SERVICES)]
    )


async def serve_keys(tokens: TokenFactory) -> tuple[web.AppRunner, str]:
    """The realm's public keys at the path where Keycloak has them; returns the issuer's address."""
    port = free_port()
    issuer = f"http://{HOST}:{port}/realms/neo"

    async def certificates(_: web.Request) -> web.Response:
        return web.json_response(tokens.public_keys())

    async def discovery(_: web.Request) -> web.Response:
        return web.json_response({"issuer": issuer, "jwks_uri": f"{issuer}/protocol/openid-connect/certs"})

    app = web.Application()
    app.router.add_get("/realms/neo/protocol/openid-connect/certs", certificates)
    app.router.add_get("/realms/neo/.well-known/openid-configuration", discovery)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    return runner, issuer


@dataclass(slots=True)
class Caller:
    """Calls services and is patient: what was not answered is asked again; a step that was done is done."""

    fleet: Fleet
    session: aiohttp.ClientSession
    headers: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)
    retries: int = 0

    def _headers(self, person: Any, groups: tuple[str, ...]) -> dict[str, str]:
        key = (str(person), *groups)
        if key not in self.headers:
            # Longer than any run, and than the hour by which one process's clock is moved.
            import time

            claims = {"exp": int(time.time()) + 5 * HOURS}
            self.headers[key] = self.fleet.tokens.headers(person, *groups, **claims)
        return self.headers[key]

    async def call(
        self, service: str, method: str, path: str, *, by: Any, groups: tuple[str, ...], body: Any = None
    ) -> Any:
        """One command, until it is answered for good."""
        was_lost = False
        pause = 0.02
        while True:
            try:
                url = f"{self.fleet.url(service)}/v1{path}"
                async with self.session.request(method, url, json=body, headers=self._headers(by, groups)) as answer:
                    known = await answer.json(content_type=None)
                    if answer.status < 400:
                        return known
                    # The answer to an earlier try was lost: that try had done the step.
                    if answer.status == 409 and was_lost:
                        return known
                    if answer.status in (400, 401, 403, 405, 422):
                        raise AssertionError(f"{method} {path}: {answer.status} {known}")
                    was_lost = was_lost or answer.status >= 500
            except (aiohttp.ClientError, TimeoutError):
                was_lost = True
            self.retries += 1
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.5)
