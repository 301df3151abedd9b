"""A town for tests of the sign-in: a real gateway and a real issuer on one port, and browsers that visit them."""

import html
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from chassis.refusals import Conflict
from deploy.local.city import FrontDoor, _serving, gateway_settings, take_port
from deploy.local.infrastructure import Infrastructure
from deploy.local.issuer import IssuerSettings, build_issuer
from deploy.local.issuer.realm import Realm, open_realm
from deploy.local.issuer.settings import CONFIDENTIAL_CLIENTS
from deploy.local.issuer.store.accounts import NewAccount
from gateway.app import build
from gateway.sessions import Sessions
from gateway.settings import GatewaySettings
from tests.gateway.house import Witness
from tests.gateway.reading import Reading

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-language": "ru"}
FROM_HERE = {"sec-fetch-site": "same-origin"}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Person:
    """Somebody with an account in the realm."""

    username: str
    person_id: UUID
    account_id: str


@dataclass(frozen=True)
class Town:
    """A running gateway with its issuer, and the service behind it that sees what reaches it."""

    address: str
    settings: GatewaySettings
    app: FastAPI
    realm: Realm
    witness: Witness

    @property
    def sessions(self) -> Sessions:
        """The gateway's own sessions."""
        found = self.app.state.guests.sessions
        assert isinstance(found, Sessions)
        return found

    def a_person(self, *groups: str) -> Person:
        """A new account with groups such as `/schools/spb-693/curator`."""
        for group in groups:
            self._make(group)
        person_id, username = uuid4(), f"person-{uuid4().hex[:8]}"
        wanted = NewAccount(
            username=username, is_enabled=True, attributes={"person_id": [str(person_id)]}, groups=groups
        )
        return Person(username, person_id, self.realm.accounts.create(wanted).id)

    def _make(self, path: str) -> None:
        parent, known = None, ""
        for name in path.strip("/").split("/"):
            known = f"{known}/{name}"
            with suppress(Conflict):
                self.realm.groups.create(name, parent)
            parent = self.realm.groups.at(known).id

    @asynccontextmanager
    async def a_browser(self) -> AsyncIterator["Browser"]:
        """A browser with a cookie jar of its own that follows no redirect by itself."""
        async with Reading(base_url=self.address, headers=PAGE) as client:
            yield Browser(self, client)


@dataclass(frozen=True)
class Browser:
    """A browser in this town."""

    town: Town
    client: httpx.AsyncClient

    async def open(self, path: str, **request: Any) -> httpx.Response:
        """Look at a page."""
        return await self.client.get(path, **request)

    async def go_to_issuer(self, return_to: str = "/me") -> httpx.Response:
        """Begin to sign in; the answer leads to the issuer."""
        return await self.open("/sign-in", params={"return_to": return_to})

    async def answer_of_issuer(self, begun: httpx.Response, person: Person) -> str:
        """Sign in at the issuer; the address to which it sends back."""
        answer = await self.client.post(begun.headers["location"], data={"username": person.username})
        assert answer.status_code in (302, 303), answer.text
        return answer.headers["location"]

    async def sign_in(self, person: Person, return_to: str = "/me") -> httpx.Response:
        """The whole way in; the last answer sets the session's cookie."""
        begun = await self.go_to_issuer(return_to)
        return await self.open(await self.answer_of_issuer(begun, person))

    async def form_token(self) -> str:
        """What the forms of this browser's pages carry."""
        found = TOKEN.search((await self.open("/me")).text)
        assert found is not None
        return html.unescape(found.group(1))

    async def post(self, path: str, **request: Any) -> httpx.Response:
        """Send something from one of our own pages, with its token."""
        headers = {**FROM_HERE, "x-csrf-token": await self.form_token(), **request.pop("headers", {})}
        return await self.client.post(path, headers=headers, **request)

    @property
    def cookie(self) -> str:
        """What this browser holds of its session."""
        return self.client.cookies.get("neo") or ""

    async def is_in(self) -> bool:
        """Is this browser signed in?"""
        return (await self.open("/me")).status_code == 200


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


Change = Callable[[GatewaySettings], GatewaySettings]


@asynccontextmanager
async def a_town(
    infrastructure: Infrastructure, folder: Path, change: Change = lambda settings: settings
) -> AsyncIterator[Town]:
    """Build it and serve it on a free port."""
    bound = take_port(0)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    issuer = IssuerSettings(
        mode="local",
        base_url=url,
        data_dir=folder,
        client_secrets={client: f"{client}-secret" for client in CONFIDENTIAL_CLIENTS},
        portal_redirects=(f"{url}/sign-in/callback",),
        portal_logout_redirects=(f"{url}/",),
    )
    settings, witness = change(gateway_settings(infrastructure, issuer)), Witness()
    gateway = build(settings, upstreams={"registry": witness})
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_serving(FrontDoor(gateway, build_issuer(issuer)), bound))
        await stack.enter_async_context(gateway.router.lifespan_context(gateway))
        stack.callback(gateway.state.farewell.say)
        yield Town(url, settings, gateway, open_realm(issuer), witness)
