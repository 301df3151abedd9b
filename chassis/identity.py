"""Who is calling: a verified token becomes a Principal; a route says which roles it is for. The default is deny.

Rights are membership groups in the one realm: `/schools/spb-693/curator`, `/districts/vyborgsky/coordinator`,
`/city/analyst`, `/services/registry`. A curator of one school who teaches at another is only a teacher there.
"""

import asyncio
import hashlib
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Protocol, cast
from uuid import UUID

from fastapi import Depends, Request
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from joserfc.jwt import JWTClaimsRegistry

from chassis.refusals import Forbidden, Unauthenticated, Unavailable
from chassis.refused import notes_of

if TYPE_CHECKING:
    from keycloak import KeycloakOpenID

CITY = "city"
ALGORITHMS = ["RS256", "ES256", "PS256"]
CACHE_SIZE = 20_000
REFRESH_SECONDS = 30.0
# A realm that is silent for longer is away; by itself python-keycloak would wait a minute.
REALM_SECONDS = 5
LEEWAY_SECONDS = 60
# What Keycloak calls an access token in its own claim `typ`; other issuers leave it out.
ACCESS = "Bearer"

log = logging.getLogger("neo.identity")


@dataclass(frozen=True, slots=True)
class Grant:
    """A role at a place; the place is `schools/<id>`, `districts/<id>`, `services` or `city`."""

    place: str
    role: str


@dataclass(frozen=True, slots=True)
class Principal:
    """The verified caller: a person, or a service or school portal without a person."""

    person_id: UUID | None
    grants: frozenset[Grant]
    authenticated_at: int
    client: str

    def has(self, place: str, *roles: str) -> bool:
        """Does the caller hold one of the roles at the place?"""
        return any(Grant(place, role) in self.grants for role in roles)

    def at_school(self, school: str, *roles: str) -> bool:
        """Does the caller hold one of the roles in the school?"""
        return self.has(f"schools/{school}", *roles)

    @property
    def known_as(self) -> str:
        """Who it is for a log: the opaque id of a person, or the name of a program."""
        return str(self.person_id or self.client)

    @property
    def me(self) -> UUID:
        """The person behind the caller; a route for people refuses a service."""
        if self.person_id is None:
            raise Forbidden("identity.person-only")
        return self.person_id


_GROUP = re.compile(r"/?(?P<place>(?:schools|districts)/[^/]+|city|services)/(?P<role>[^/]+)")


def _person(claim: object) -> UUID | None:
    try:
        return UUID(str(claim)) if claim else None
    except ValueError as error:
        raise Unauthenticated("identity.bad-token") from error


def principal_of(claims: dict[str, Any]) -> Principal:
    """Read a verified token's claims; a group of an unknown shape grants nothing; raises Unauthenticated."""
    groups = claims.get("groups")
    shapes = [_GROUP.fullmatch(group) for group in groups if isinstance(group, str)] if isinstance(groups, list) else []
    return Principal(
        person_id=_person(claims.get("person_id")),
        grants=frozenset(Grant(shape["place"], shape["role"]) for shape in shapes if shape),
        authenticated_at=int(claims.get("auth_time") or claims.get("iat") or 0),
        client=str(claims.get("azp") or ""),
    )


FetchKeys = Callable[[], Awaitable[dict[str, Any]]]


class Verifier(Protocol):
    """Turns a bearer token into a Principal."""

    async def verify(self, token: str) -> Principal:
        """The caller, or Unauthenticated."""
        ...


class TokenVerifier:
    """Verifies tokens against the realm's keys: signature, issuer, audience, times.

    Keys are cached and fetched anew for an unknown key id, at most every thirty seconds; a verified token is
    remembered by its hash until it ends, or until the keys change.
    """

    def __init__(self, *, issuer: str, audience: str, fetch_keys: FetchKeys) -> None:
        self.fetch_keys = fetch_keys
        self.claims = JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        )
        self.keys: KeySet | None = None
        self.fetched_at = self.failed_at = float("-inf")
        self.refresh_failures = 0
        self.fetching = asyncio.Lock()
        self.known: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()

    async def verify(self, token: str) -> Principal:
        """The caller behind a token; raises Unauthenticated, or Unavailable while the realm's keys are unknown."""
        key = hashlib.sha256(token.encode()).digest()
        remembered = self.known.get(key)
        if remembered is not None and time.time() < remembered[0]:
            return remembered[1]
        claims = await self._decode(token)
        principal = principal_of(claims)
        self.known[key] = (float(claims["exp"]), principal)
        if len(self.known) > CACHE_SIZE:
            self.known.popitem(last=False)
        return principal

    async def get_ready(self) -> None:
        """Know the realm's keys before the first caller comes; a realm that is away is asked again for that one."""
        with suppress(Unavailable):
            await self._keys()

    async def _decode(self, token: str) -> dict[str, Any]:
        try:
            decoded = jwt.decode(token, await self._keys(), algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            # The realm may have rotated its keys.
            decoded = await self._decode_with_fresh_keys(token)
        except (JoseError, ValueError) as error:
            raise Unauthenticated("identity.bad-token") from error
        try:
            self.claims.validate(decoded.claims)
        except JoseError as error:
            raise Unauthenticated("identity.bad-token") from error
        if decoded.claims.get("typ", ACCESS) != ACCESS:
            # Signed by the same realm, but meant for something else: who signed in, what to renew, who went.
            raise Unauthenticated("identity.bad-token")
        return decoded.claims

    async def _decode_with_fresh_keys(self, token: str) -> Any:
        try:
            return jwt.decode(token, await self._keys(fresh=True), algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise Unauthenticated("identity.bad-token") from error

    async def _keys(self, *, fresh: bool = False) -> KeySet:
        if self.keys is not None and not fresh:
            # Nobody waits while the keys are asked for because of somebody else's token.
            return self.keys
        began_at = time.monotonic()
        async with self.fetching:
            if self.keys is None and self.failed_at > began_at:
                # Whoever waited has heard the answer already: one question after the other would take minutes.
                raise Unavailable("identity.keys-unknown")
            is_recent = time.monotonic() - self.fetched_at < REFRESH_SECONDS
            if self.keys is not None and (not fresh or is_recent):
                return self.keys
            try:
                serialized = cast(KeySetSerialization, await self.fetch_keys())
                self.keys = KeySet.import_key_set(serialized)
            except Exception as error:
                self.refresh_failures += 1
                log.warning("keys cannot be fetched", extra={"reason": type(error).__name__})
                self.failed_at = time.monotonic()
                if self.keys is None:
                    raise Unavailable("identity.keys-unknown") from error
            else:
                self.known.clear()
            self.fetched_at = time.monotonic()
            return self.keys


def realm_keys(issuer: str) -> FetchKeys:
    """Fetch a Keycloak realm's public keys through python-keycloak."""
    server, _, realm = issuer.rpartition("/realms/")

    def opened() -> "KeycloakOpenID":
        # Imported here: it costs more than all other imports together, and a test with its own keys needs none.
        from keycloak import KeycloakOpenID  # noqa: PLC0415

        # To read all the certificates that one may trust takes as long as a page: only where some are shown.
        is_encrypted = server.startswith("https://")
        return KeycloakOpenID(
            server_url=server, realm_name=realm, client_id="neo-api", timeout=REALM_SECONDS, verify=is_encrypted
        )

    async def fetch() -> dict[str, Any]:
        # In a thread, because code and certificates are read: nobody else waits for that.
        client = await asyncio.to_thread(opened)
        try:
            return cast(dict[str, Any], await client.a_certs())
        finally:
            await client.connection.aclose()

    return fetch


async def caller(request: Request) -> Principal:
    """The verified caller of this request; raises Unauthenticated."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("identity.no-token")
    verifier: Verifier = request.app.state.verifier
    principal = await verifier.verify(token.strip())
    notes_of(request.scope).caller = principal.known_as
    return principal


Me = Annotated[Principal, Depends(caller)]


def place_of(path: dict[str, str]) -> str:
    """The place that a route is about, by its path."""
    if "school" in path:
        return f"schools/{path['school']}"
    if "district" in path:
        return f"districts/{path['district']}"
    return CITY


class Require:
    """A route's guard: the caller must hold one of the roles at the place that stands in the path."""

    def __init__(self, *roles: str, anywhere: bool = False) -> None:
        self.roles = roles
        self.anywhere = anywhere

    async def __call__(self, request: Request, me: Me) -> Principal:
        """The caller, or Forbidden naming the roles that would do; the one that did is kept with the request."""
        place = place_of(request.path_params)
        held = {grant.role for grant in me.grants if self.anywhere or grant.place == place}
        role = next((role for role in self.roles if role in held), None)
        if role is None:
            raise Forbidden("identity.role-needed", roles=list(self.roles), place=place)
        # The access log says by which role somebody looked.
        request.state.role = role
        return me


def require(*roles: str, anywhere: bool = False) -> Any:
    """Guard a route: `dependencies=[require("curator")]`; with `anywhere` the role may be held at any place."""
    return Depends(Require(*roles, anywhere=anywhere))


EVERYONE_AT_SCHOOL = ("teacher", "observer", "curator", "head")
EVERYONE = (*EVERYONE_AT_SCHOOL, "coordinator", "analyst", "operator", "auditor")
