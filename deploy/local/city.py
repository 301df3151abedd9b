"""The whole city in one process: real servers, every service, the development issuer, the gateway, one port.

It reads as the map of the system; it is a composition, not a mode inside the services (ADR 0010).
"""

import asyncio
import importlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.memory import settled
from chassis.telemetry import json_lines
from contracts.topology import GATEWAY, OPERATIONS, SERVICES
from deploy.databases import database_of
from deploy.first_officers import ensure_first_officers
from deploy.local.folder import Folder
from deploy.local.infrastructure import Infrastructure, start_infrastructure
from deploy.local.issuer import IssuerSettings, build_issuer
from deploy.local.servers import ServerTrouble
from deploy.operations.desk import DeskSettings
from deploy.operations.desk import build as build_desk
from gateway.app import build as build_gateway
from gateway.issuer import AFTER_SIGN_OUT, CALLBACK
from gateway.portal.start import DemoSignIn
from gateway.settings import GatewaySettings, Limits

HOST = "127.0.0.1"
# The demo lives through a school year in minutes, all of it from one address.
WIDE = Limits(address=10**7, person=10**7, program=10**7, entry=10**5)
ISSUER_PATHS = ("/realms/", "/admin/realms/")


@dataclass(frozen=True, slots=True)
class OtherRealm:
    """A real Keycloak's realm instead of the development issuer, with the secrets of the clients that it has for us."""

    issuer: str
    client_secrets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class City:
    """A running city."""

    url: str
    folder: Folder
    infrastructure: Infrastructure
    services: Mapping[str, FastAPI]
    gateway: FastAPI
    server: uvicorn.Server


class FrontDoor:
    """One port: the issuer's paths go to the issuer, everything else to the gateway."""

    def __init__(self, gateway: ASGIApp, issuer: ASGIApp) -> None:
        self.gateway = gateway
        self.issuer = issuer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_issuers = scope["type"] == "http" and scope["path"].startswith(ISSUER_PATHS)
        await (self.issuer if is_issuers else self.gateway)(scope, receive, send)


def take_port(port: int) -> socket.socket:
    """Bind the port before anything is started; raises ServerTrouble when somebody has it."""
    # Without IPPROTO_TCP asyncio leaves Nagle's delay on and each request costs 44 ms.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
    except OSError:
        bound.close()
        raise ServerTrouble("port.taken", port=port, other=port + 1) from None
    return bound


def _read_code(names: Sequence[str]) -> None:
    # Read whole before anything else: Alembic reads it in another thread on the first start, and half of it breaks.
    importlib.import_module("sqlalchemy.orm")
    for name in names:
        importlib.import_module(f"services.{name}.app")


def build_services(
    infrastructure: Infrastructure, folder: Folder, realm: OtherRealm, names: Sequence[str]
) -> dict[str, FastAPI]:
    """Each service with explicit settings, all with the same clock."""
    apps = {}
    for name in names:
        extra: dict[str, Any] = {}
        if name == "registry":
            extra["realm_secret"] = realm.client_secrets["registry"]
        if name == "reporting":
            extra["published_url"] = infrastructure.published_url
        build = importlib.import_module(f"services.{name}.app").build
        apps[name] = build(infrastructure.settings_of(name, realm.issuer), clock=folder.clock, **extra)
    return apps


def gateway_settings(infrastructure: Infrastructure, issuer: IssuerSettings) -> GatewaySettings:
    """What the gateway is told: browsers sign in at the development issuer behind the same port."""
    return GatewaySettings(
        mode="local",
        issuer=issuer.issuer,
        nats_url=infrastructure.nats.url,
        nats_user=GATEWAY,
        nats_password=infrastructure.nats.passwords[GATEWAY],
        database_url=infrastructure.postgres.url(database_of(GATEWAY), f"{GATEWAY}_app"),
        public_url=issuer.origin,
        client_secret=issuer.client_secrets["portal"],
        limits=WIDE,
    )


def _desk_settings(infrastructure: Infrastructure, issuer: str) -> DeskSettings:
    nats = infrastructure.nats
    return DeskSettings(nats.url, issuer, nats_password=nats.passwords[OPERATIONS])


@asynccontextmanager
async def running_city(
    folder: Folder,
    bound: socket.socket,
    *,
    only: Sequence[str] = SERVICES,
    sign_ins: Sequence[DemoSignIn] = (),
    is_durable: bool = True,
    keycloak: OtherRealm | None = None,
) -> AsyncIterator[City]:
    """Start everything, serve, and at the end drain the doors, the relays, the consumers, and stop the servers.

    With `keycloak` people sign in there, and the development issuer is not served.
    """
    url = f"http://{HOST}:{bound.getsockname()[1]}"
    issuer_settings = IssuerSettings(
        mode="local",
        base_url=url,
        data_dir=folder.path / "issuer",
        client_secrets=folder.client_secrets,
        portal_redirects=(f"{url}{CALLBACK}",),
        portal_logout_redirects=(f"{url}{AFTER_SIGN_OUT}",),
    )
    # The servers come up in processes of their own; meanwhile this one reads the services' code.
    infrastructure, _ = await asyncio.gather(
        start_infrastructure(folder.path, is_durable=is_durable), asyncio.to_thread(_read_code, only)
    )
    async with AsyncExitStack() as stack:
        _log_to(folder, stack)
        stack.callback(infrastructure.stop)
        realm = keycloak or OtherRealm(issuer_settings.issuer, folder.client_secrets)
        services = build_services(infrastructure, folder, realm, only)
        desk = build_desk(_desk_settings(infrastructure, realm.issuer))
        settings = gateway_settings(infrastructure, issuer_settings)
        if keycloak is not None:
            known = {"issuer": keycloak.issuer, "client_secret": keycloak.client_secrets["portal"]}
            settings = settings.model_copy(update=known)
        gateway = build_gateway(
            settings,
            upstreams={**services, OPERATIONS: desk},
            clock=folder.clock,
            sign_ins=sign_ins,
        )
        for app in (*services.values(), desk, gateway):
            await stack.enter_async_context(app.router.lifespan_context(app))
        door = gateway if keycloak else FrontDoor(gateway, build_issuer(issuer_settings))
        server = await stack.enter_async_context(_serving(door, bound))
        # Streams of events would hold the server up; they end first.
        stack.callback(gateway.state.farewell.say)
        if keycloak is None:
            await ensure_first_officers(url, folder.client_secrets["registry"])
        with settled():
            yield City(url, folder, infrastructure, services, gateway, server)


def _log_to(folder: Folder, stack: AsyncExitStack) -> None:
    """The city's log is a file of its folder: a terminal is for what a person must see."""
    handler = json_lines(stack.enter_context((folder.path / "neo.log").open("a", encoding="utf-8")))
    handler.setLevel(logging.WARNING)
    root = logging.getLogger()
    root.addHandler(handler)
    stack.callback(root.removeHandler, handler)


class _Server(uvicorn.Server):
    """Leaves signals to the city: the doors close first, then the relays, the consumers and the servers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.began = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        self.began.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signals."""
        yield


@asynccontextmanager
async def _serving(app: ASGIApp, bound: socket.socket) -> AsyncIterator[uvicorn.Server]:
    config = uvicorn.Config(app, lifespan="off", access_log=False, log_config=None, timeout_graceful_shutdown=10)
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        await server.began.wait()
        yield server
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await task
