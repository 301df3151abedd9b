"""A patient caller of the fleet's doors, and the realm's keys that the fleet fetches."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.faults.fleet import HOST, Fleet, free_port

HOUR = 3600
# Longer than any run, and than the hours by which one process's clock is wrong, in both directions.
BEFORE, AFTER = 2 * HOUR, 5 * HOUR
REFUSED = (400, 401, 403, 405, 422)


async def serve_keys(keys: Callable[[], dict[str, Any]]) -> tuple[web.AppRunner, str]:
    """The realm's public keys at the path where Keycloak has them; returns the issuer's address."""
    port = free_port()
    issuer = f"http://{HOST}:{port}/realms/neo"

    async def certificates(_: web.Request) -> web.Response:
        return web.json_response(keys())

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
    answered: int = 0
    retries: int = 0

    def headers_of(self, person: Any, groups: tuple[str, ...]) -> dict[str, str]:
        """The same token for a person during the whole year."""
        key = (str(person), *groups)
        if key not in self.headers:
            now = int(time.time())
            claims = {"iat": now - BEFORE, "auth_time": now - BEFORE, "exp": now + AFTER}
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
                headers = self.headers_of(by, groups)
                async with self.session.request(method, url, json=body, headers=headers) as answer:
                    known = await answer.json(content_type=None)
                    # 409 after a lost answer: that try had done the step.
                    if answer.status < 400 or (answer.status == 409 and was_lost):
                        self.answered += 1
                        return known
                    if answer.status in REFUSED:
                        raise AssertionError(f"{method} {path}: {answer.status} {known}")
                    was_lost = was_lost or answer.status >= 500
            except (aiohttp.ClientError, TimeoutError):
                was_lost = True
            self.retries += 1
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.5)
