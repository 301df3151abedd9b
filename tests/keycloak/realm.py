"""The realm `neo` in a real Keycloak: people who sign in like a browser does, programs, and administration."""

import base64
import hashlib
import html
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection

from chassis.identity import TokenVerifier, realm_keys
from chassis.testing import AUDIENCE
from deploy.keycloak.command import Administrator, Outcome, compare
from services.registry.actions.realm import RealmDoor, RealmKeeper
from tests.keycloak.server import ADMIN, ADMIN_PASSWORD, KeycloakServer

PORTAL_URL = "http://127.0.0.1:8000"
CALLBACK = f"{PORTAL_URL}/sign-in/callback"
PASSWORD = "seven-times-measure-2026"
CLIENTS = ("PORTAL", "REGISTRY", "TRACKING", "DOCUMENTS", "SCHOOL_PORTAL")
ENV: Mapping[str, str] = {
    "NEO_PUBLIC_URL": PORTAL_URL,
    "NEO_PORTAL_INSIDE_URL": PORTAL_URL,
    "FIRST_PASSWORD": "first-password-of-all",
    **{f"{client}_CLIENT_SECRET": f"{client.lower()}-secret" for client in CLIENTS},
}
REQUEST_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the realm and whose it is."""

    user_id: str
    username: str
    person_id: UUID


@dataclass(slots=True)
class SignIn:
    """What the portal sends along with a browser, and how Keycloak answered."""

    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(12))

    def query(self, **other: str) -> dict[str, str]:
        """The authorization request of the portal; an empty value leaves a field out."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": "portal",
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": self.state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **other,
        }
        return {name: value for name, value in asked.items() if value}


@asynccontextmanager
async def administration(server: KeycloakServer, realm: str = "neo", **who: str) -> AsyncIterator[KeycloakAdmin]:
    """The administration of a realm with every right, as somebody's hand at the console, or as `who` says."""
    everything: dict[str, Any] = {
        "user_realm_name": "master",
        "username": ADMIN,
        "password": ADMIN_PASSWORD,
        "client_id": "admin-cli",
    }
    connection = KeycloakOpenIDConnection(
        server_url=f"{server.url}/", realm_name=realm, timeout=REQUEST_SECONDS, **(dict[str, Any](who) or everything)
    )
    try:
        yield KeycloakAdmin(connection=connection)
    finally:
        await connection.keycloak_openid.connection.aclose()
        await connection.aclose()


@dataclass(frozen=True, slots=True)
class Realm:
    """The realm as the tests meet it, with every right to its administration."""

    server: KeycloakServer
    admin: KeycloakAdmin
    name: str = "neo"
    # Where browsers are led back to; another one while the realm knows a portal at another address.
    callback: str = CALLBACK

    @property
    def issuer(self) -> str:
        return self.server.issuer(self.name)

    @property
    def doors(self) -> str:
        return f"{self.issuer}/protocol/openid-connect"

    def administrator(self) -> Administrator:
        """As the command administers."""
        return Administrator(self.server.url, username=ADMIN, password=ADMIN_PASSWORD)

    async def compare(self, *, is_applied: bool) -> Outcome:
        """What `neo keycloak diff` and `apply` do."""
        return await compare(self.administrator(), ENV, is_applied=is_applied)

    def door(self) -> RealmDoor:
        """The door through which the registry keeps accounts."""
        return RealmDoor(self.issuer, "registry", ENV["REGISTRY_CLIENT_SECRET"])

    def keeper(self) -> RealmKeeper:
        return RealmKeeper(self.door())

    def verifier(self, *, issuer: str | None = None, audience: str = AUDIENCE) -> TokenVerifier:
        """The verifier of a service, with keys from the realm; it knows none yet."""
        return TokenVerifier(issuer=issuer or self.issuer, audience=audience, fetch_keys=realm_keys(self.issuer))

    async def group(self, path: str) -> str:
        """The id of a group, made with those above it where it is missing."""
        parent, walked = None, ""
        for name in path.strip("/").split("/"):
            walked = f"{walked}/{name}"
            await self.admin.a_create_group({"name": name}, parent=parent, skip_exists=True)
            parent = (await self.admin.a_get_group_by_path(walked))["id"]
        return str(parent)

    async def client_id(self, client: str) -> str:
        """How Keycloak itself calls a client."""
        return str(await self.admin.a_get_client_id(client))

    async def user_id(self, username: str) -> str:
        """How Keycloak itself calls an account."""
        return str(await self.admin.a_get_user_id(username))

    async def person(self, *groups: str) -> Person:
        """Somebody with a password and rights; their groups are made where they are missing."""
        for path in groups:
            await self.group(path)
        return await self.person_in(*groups)

    async def person_in(self, *groups: str) -> Person:
        """Somebody with a password in groups that exist."""
        username, person_id = f"user-{uuid4()}", uuid4()
        account = {
            "username": username,
            "enabled": True,
            "attributes": {"person_id": [str(person_id)]},
            "groups": list(groups),
            "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
        }
        return Person(str(await self.admin.a_create_user(account)), username, person_id)

    async def tokens(self, username: str, password: str = PASSWORD) -> dict[str, Any]:
        """Sign in through the portal's client, like a browser: page, form, code, proof."""
        sign_in = SignIn()
        async with httpx.AsyncClient(timeout=REQUEST_SECONDS) as browser:
            code = await self.code(browser, sign_in, username, password)
            answer = await self.exchange(browser, code, sign_in.verifier)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def code(self, browser: httpx.AsyncClient, sign_in: SignIn, username: str, password: str = PASSWORD) -> str:
        """The code that the browser carries back; empty where Keycloak did not let the person in."""
        page = await browser.get(f"{self.doors}/auth", params=sign_in.query(redirect_uri=self.callback))
        action = re.search(r'action="([^"]+)"', page.text)
        assert action, f"{page.status_code}: no form to sign in"
        form = {"username": username, "password": password}
        # Keycloak calls 127.0.0.1 a safe place and marks its cookies so; browsers agree, httpx does not.
        cookies = "; ".join(f"{one.name}={one.value}" for one in page.cookies.jar)
        answer = await browser.post(html.unescape(action[1]), data=form, headers={"Cookie": cookies})
        back = parse_qs(urlsplit(answer.headers.get("location", "")).query)
        return str(back.get("code", [""])[0])

    async def exchange(self, browser: httpx.AsyncClient, code: str, verifier: str) -> httpx.Response:
        """The portal brings a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": verifier,
        }
        return await browser.post(f"{self.doors}/token", data=form, auth=("portal", ENV["PORTAL_CLIENT_SECRET"]))

    async def can_sign_in(self, username: str, password: str) -> bool:
        async with httpx.AsyncClient(timeout=REQUEST_SECONDS) as browser:
            return bool(await self.code(browser, SignIn(), username, password))

    async def refreshed(self, tokens: Mapping[str, Any]) -> httpx.Response:
        """The portal asks for fresh tokens."""
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        async with httpx.AsyncClient(timeout=REQUEST_SECONDS) as browser:
            return await browser.post(f"{self.doors}/token", data=form, auth=("portal", ENV["PORTAL_CLIENT_SECRET"]))

    async def of_client(self, client: str, secret: str) -> str:
        """The access token of a program."""
        async with httpx.AsyncClient(timeout=REQUEST_SECONDS) as caller:
            form = {"grant_type": "client_credentials"}
            answer = await caller.post(f"{self.doors}/token", data=form, auth=(client, secret))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])
