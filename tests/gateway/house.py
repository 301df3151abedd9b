"""Gateways for tests, upstreams that tell what reached them, and a real server on a free port."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.clock import Clock
from chassis.identity import Verifier
from chassis.testing import ISSUER, eventually
from gateway.app import build
from gateway.portal.start import DemoSignIn
from gateway.settings import GatewaySettings
from tests.gateway.reading import Reading


@dataclass
class Witness:
    """An upstream that answers everything and remembers what it was asked."""

    answer: ASGIApp = field(default_factory=lambda: PlainTextResponse("seen"))
    seen: list[Scope] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.seen.append(scope)
        await self.answer(scope, receive, send)

    def headers(self) -> dict[str, str]:
        """The headers of the last request."""
        return {name.decode(): value.decode() for name, value in self.seen[-1]["headers"]}


@dataclass(frozen=True)
class Setting:
    """How a gateway is built for a test."""

    settings: GatewaySettings = field(default_factory=lambda: GatewaySettings(issuer=ISSUER))
    clock: Clock | None = None
    verifier: Verifier | None = None
    sign_ins: Sequence[DemoSignIn] = ()


LOCAL = GatewaySettings(mode="local", issuer=ISSUER)


def a_gateway(upstreams: Mapping[str, ASGIApp], setting: Setting | None = None) -> FastAPI:
    """A gateway in production mode unless told otherwise."""
    chosen = setting or Setting()
    return build(
        chosen.settings,
        upstreams=upstreams,
        clock=chosen.clock,
        verifier=chosen.verifier,
        sign_ins=chosen.sign_ins,
    )


@asynccontextmanager
async def visiting(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client in the same process, with the gateway's lifespan around it."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        Reading(transport=transport, base_url="http://neo.test") as client,
    ):
        yield client


@asynccontextmanager
async def serving(app: ASGIApp, **more: Any) -> AsyncIterator[str]:
    """The address of a real server that serves the app; `more` is what the server is told beside."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        config = uvicorn.Config(app, **{"log_level": "error", "ws": "none", "timeout_graceful_shutdown": 1, **more})
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        await eventually(partial(_is_up, server), equals=True)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            await running


async def _is_up(server: uvicorn.Server) -> bool:
    return server.started


def free_address() -> str:
    """An address on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
