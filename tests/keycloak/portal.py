"""A running gateway whose people sign in with the real Keycloak, and somebody who visits it without a browser."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from chassis.identity import TokenVerifier
from deploy.databases import database_of
from deploy.keycloak.command import compare
from deploy.local.city import _serving, take_port
from deploy.local.infrastructure import Infrastructure
from gateway.app import build
from gateway.sessions import Sessions
from gateway.settings import GatewaySettings
from tests.gateway.house import Witness
from tests.gateway.reading import Reading
from tests.keycloak.realm import ENV, PASSWORD, REQUEST_SECONDS, Person, Realm

PAGE = {"accept": "text/html,*/*;q=0.8", "accept-language": "en"}


@dataclass(frozen=True, slots=True)
class Portal:
    """A running gateway with its realm, and the service behind it that sees what reaches it."""

    address: str
    realm: Realm
    app: FastAPI
    witness: Witness

    @property
    def sessions(self) -> Sessions:
        """The gateway's own sessions."""
        found = self.app.state.guests.sessions
        assert isinstance(found, Sessions)
        return found

    @property
    def verifier(self) -> TokenVerifier:
        """What verifies tokens at the gateway."""
        found = self.app.state.verifier
        assert isinstance(found, TokenVerifier)
        return found

    def an_hour_passes(self) -> None:
        """The realm's keys were not asked for a moment ago."""
        self.sessions.issuer.keys_at -= 3600
        self.verifier.fetched_at -= 3600

    async def token_ends(self, person: Person) -> None:
        """The tokens of this person are renewed before the next request."""
        async with self.sessions.db.transaction() as tx:
            query = text("update sessions set is_stale = true where person_id = :person")
            await tx.run(query, {"person": person.person_id})
        self.sessions.believed.clear()

    async def kept(self, person_id: UUID) -> int:
        """How many sessions the gateway keeps of a person."""
        async with self.sessions.db.transaction() as tx:
            query = text("select count(*) from sessions where person_id = :person")
            return int(await tx.value(query, {"person": person_id}))

    @asynccontextmanager
    async def a_visitor(self) -> AsyncIterator["Visitor"]:
        """Somebody who has never been here."""
        async with Reading(base_url=self.address, headers=PAGE, timeout=REQUEST_SECONDS) as client:
            yield Visitor(self, client)


@dataclass(slots=True)
class Visitor:
    """Somebody at the portal; Keycloak's cookies are carried by hand, because httpx keeps Secure ones from http."""

    portal: Portal
    client: httpx.AsyncClient
    jar: dict[str, str] = field(default_factory=dict)

    async def open(self, path: str) -> httpx.Response:
        """Look at a page of the portal."""
        return await self.client.get(path)

    async def at_keycloak(self, address: str) -> httpx.Response:
        """Look at a page of Keycloak."""
        return self._keep(await self.client.get(address, headers=self._cookies()))

    async def give_password(self, page: httpx.Response, person: Person) -> httpx.Response:
        """Fill in Keycloak's form; the answer leads back to the portal."""
        action = re.search(r'action="([^"]+)"', page.text)
        assert action, f"{page.status_code}: no form to sign in"
        form = {"username": person.username, "password": PASSWORD}
        return self._keep(await self.client.post(html.unescape(action[1]), data=form, headers=self._cookies()))

    async def sign_in(self, person: Person, way: str = "/sign-in?return_to=/me") -> httpx.Response:
        """The whole way in; the last answer sets the session's cookie."""
        begun = await self.open(way)
        page = await self.at_keycloak(begun.headers["location"])
        answer = await self.give_password(page, person)
        return await self.open(answer.headers["location"])

    async def is_in(self) -> bool:
        """Is this visitor signed in?"""
        return (await self.open("/me")).status_code == 200

    async def token(self) -> str:
        """The token that services get for this visitor."""
        await self.client.get("/api/registry/v1/x", headers={"accept": "application/json"})
        return self.portal.witness.headers()["authorization"].removeprefix("Bearer ")

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        self.jar.update({one.name: one.value or "" for one in answer.cookies.jar})
        return answer

    def _cookies(self) -> dict[str, str]:
        return {"cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items())} if self.jar else {}


@asynccontextmanager
async def a_portal(infrastructure: Infrastructure, keycloak: Realm) -> AsyncIterator[Portal]:
    """Build it, serve it on a free port, and tell the realm where it stands; afterwards the realm is as it was."""
    bound = take_port(0)
    address = f"http://127.0.0.1:{bound.getsockname()[1]}"
    settings = GatewaySettings(
        issuer=keycloak.issuer,
        database_url=infrastructure.postgres.url(database_of("gateway"), "gateway_app"),
        public_url=address,
        client_secret=ENV["PORTAL_CLIENT_SECRET"],
    )
    witness = Witness()
    gateway = build(settings, upstreams={"registry": witness})
    moved = {**ENV, "NEO_PUBLIC_URL": address, "NEO_PORTAL_INSIDE_URL": address}
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_serving(gateway, bound))
        await stack.enter_async_context(gateway.router.lifespan_context(gateway))
        stack.callback(gateway.state.farewell.say)
        await compare(keycloak.administrator(), moved, is_applied=True)
        yield Portal(address, replace(keycloak, callback=f"{address}/sign-in/callback"), gateway, witness)
        await keycloak.compare(is_applied=True)
