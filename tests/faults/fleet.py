"""The services as separate processes on one set of servers: started, killed, ended gently, started again.

A fork server that has everything imported makes a restart cheap, so that hundreds of kills fit into minutes; each
service is a process of its own all the same, with its own connections and nothing shared. A service whose system
clock is wrong is executed anew, because the library that moves the clock has to be loaded before everything else.
"""

import asyncio
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chassis.testing import TokenFactory
from contracts.topology import SERVICES
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure
from tests.faults.processes import Executed, Living, serve_forked

HOST = "127.0.0.1"
GOODBYE_SECONDS = 20.0
Mutation = Callable[[], None]


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Fleet:
    """Service processes by name; `clocks` says by how many hours whose system clock is wrong."""

    infrastructure: Infrastructure
    tokens: TokenFactory
    issuer: str
    scale: float
    clock_file: Path
    mutation: Mutation | None = None
    ports: dict[str, int] = field(default_factory=dict)
    clocks: dict[str, int] = field(default_factory=dict)
    processes: dict[str, Living] = field(default_factory=dict)

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
        told = self.environment(service)
        if hours := self.clocks.get(service):
            self.processes[service] = Executed.at_wrong_time(service, told, port, hours=hours)
            return
        context = multiprocessing.get_context("forkserver")
        process = context.Process(target=serve_forked, args=(service, told, port, self.mutation), daemon=True)
        process.start()
        self.processes[service] = process

    def kill(self, service: str) -> None:
        """`kill -9`, at whatever it was doing."""
        process = self.processes[service]
        process.kill()
        process.join()

    def kill_and_start(self, service: str) -> None:
        """`kill -9`, and what an orchestrator does then."""
        self.kill(service)
        self.start(service)

    async def end(self, service: str) -> None:
        """SIGTERM, and wait until the process has finished what it holds; it must not need a second word."""
        process = self.processes[service]
        process.terminate()
        await asyncio.to_thread(process.join, GOODBYE_SECONDS)
        assert not process.is_alive(), f"{service} does not end within {GOODBYE_SECONDS} s of SIGTERM"

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
            process.join(GOODBYE_SECONDS)
            if process.is_alive():
                process.kill()
                process.join()

    def url(self, service: str) -> str:
        """Where a service answers."""
        return f"http://{HOST}:{self.ports[service]}"

    def pause_nats(self) -> None:
        """SIGSTOP: the broker hangs."""
        os.kill(self.infrastructure.nats.pid, signal.SIGSTOP)

    def resume_nats(self) -> None:
        """SIGCONT: the broker goes on as if nothing had been."""
        os.kill(self.infrastructure.nats.pid, signal.SIGCONT)


def preload() -> None:
    """Let the fork server import everything once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["tests.faults.processes", "uvicorn", "keycloak", *(f"services.{name}.app" for name in SERVICES)]
    )
