"""The issuer as a browser's sign-in meets it: OpenID Connect, authorization code with PKCE, any provider.

Authlib writes the requests and judges the answers; aiohttp carries them, because it stands up to many at once.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

import aiohttp
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from chassis.identity import ALGORITHMS, LEEWAY_SECONDS
from chassis.refusals import Unavailable
from gateway.settings import GatewaySettings
from gateway.store import Attempt

FRESH_SECONDS = 600.0
KEYS_SECONDS = 30.0
# What the issuer publishes is there at once or not at all; a code is good once only, so its tokens are waited for.
READING = aiohttp.ClientTimeout(total=5, sock_connect=3)
REDEEMING = aiohttp.ClientTimeout(total=10, sock_connect=3)
RETRY_SECONDS = 10
SCOPE = "openid"
LOGOUT_TYPE = "logout+jwt"
# What Keycloak calls an identity token in its own claim `typ`; other issuers leave it out.
IDENTITY = "ID"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
CALLBACK, AFTER_SIGN_OUT = "/sign-in/callback", "/"

Claims = dict[str, Any]


class NotAccepted(Exception):
    """The issuer refused, or what it said does not hold; whoever asked must sign in anew."""


class IssuerAway(Unavailable):
    """The sign-in server does not answer, or not in time; the same may be tried again in a moment."""

    def __init__(self) -> None:
        super().__init__("sign-in.issuer-away", seconds=RETRY_SECONDS)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the issuer gave; `until` is when the access token ends, in seconds since 1970."""

    access: str
    refresh: str | None
    identity: str
    until: float


@dataclass(frozen=True, slots=True)
class Asking:
    """An authorization request: the attempt it belongs to, its state, how the issuer is to behave, whom to expect."""

    attempt: Attempt
    state: str
    language: str
    longest_seconds: int
    is_anew: bool = False
    who: str = ""


class Issuer:
    """The one provider that this gateway trusts."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self.inside = settings.issuer_inside or settings.issuer
        self.session: aiohttp.ClientSession | None = None
        self.known: Mapping[str, Any] = {}
        self.known_until = 0.0
        self.keys: KeySet | None = None
        self.keys_at = float("-inf")
        self.asking = asyncio.Lock()
        self.reading, self.redeeming = READING, REDEEMING

    @property
    def callback(self) -> str:
        """Where the issuer sends browsers back to."""
        return f"{self.settings.public_url}{CALLBACK}"

    async def close(self) -> None:
        """Let the connections go."""
        if self.session is not None:
            await self.session.close()

    async def fetch_keys(self) -> dict[str, Any]:
        """The issuer's public keys as it publishes them; raises Unavailable."""
        return dict(await self._get((await self._metadata())["jwks_uri"]))

    async def is_by_us(self, named: str | None) -> bool:
        """Does an answer come from this issuer? It names itself where its document promises that it does (RFC 9207)."""
        if named is not None:
            return named == self.settings.issuer
        return not (await self._metadata()).get("authorization_response_iss_parameter_supported", False)

    async def way_in(self, asking: Asking) -> str:
        """The address at which a browser signs in; raises Unavailable while the issuer is away."""
        parts: dict[str, Any] = {
            "redirect_uri": self.callback,
            "scope": SCOPE,
            "state": asking.state,
            "nonce": asking.attempt.nonce,
            "code_challenge": create_s256_code_challenge(asking.attempt.verifier),  # type: ignore[no-untyped-call]
            "code_challenge_method": "S256",
            "max_age": asking.longest_seconds,
            "ui_locales": asking.language,
        }
        if asking.is_anew:
            parts["prompt"] = "login"
        if asking.who:
            parts["login_hint"] = asking.who
        door = (await self._metadata())["authorization_endpoint"]
        return str(prepare_grant_uri(door, self.settings.client_id, "code", **parts))

    async def redeem(self, code: str, attempt: Attempt) -> tuple[Tokens, Claims]:
        """The tokens for a code, and who signed in; raises NotAccepted or Unavailable."""
        body = prepare_token_request(
            "authorization_code", "", redirect_uri=self.callback, code=code, code_verifier=attempt.verifier
        )
        tokens = _tokens(await self._token(body))
        claims = await self._identity(tokens, attempt.nonce)
        return tokens, claims

    async def renew(self, tokens: Tokens) -> Tokens:
        """New tokens for old ones; raises NotAccepted when the issuer's own session has ended, or Unavailable."""
        if tokens.refresh is None:
            raise NotAccepted("no refresh token")
        body = prepare_token_request("refresh_token", "", refresh_token=tokens.refresh)
        return _tokens(await self._token(body), former=tokens)

    async def way_out(self, tokens: Tokens) -> str | None:
        """The address at which the issuer signs a browser out (RP-Initiated Logout 1.0); none if it has no such."""
        door = (await self._metadata()).get("end_session_endpoint")
        if not door:
            return None
        asked = {
            "id_token_hint": tokens.identity,
            "post_logout_redirect_uri": f"{self.settings.public_url}{AFTER_SIGN_OUT}",
            "client_id": self.settings.client_id,
        }
        return f"{door}?{urlencode(asked)}"

    async def read_logout(self, token: str) -> Claims:
        """A logout token (Back-Channel Logout 1.0 §2.6): its claims; raises NotAccepted or Unavailable."""
        claims, header = await self._decoded(token)
        # An identity token must not pass for one, nor the other way round (Back-Channel Logout 1.0 §4, §2.4).
        if str(header.get("typ")).lower() != LOGOUT_TYPE:
            raise NotAccepted("logout token")
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise NotAccepted("logout token") from error
        events = claims.get("events")
        is_logout = isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict)
        if not is_logout or "nonce" in claims or not (claims.get("sid") or claims.get("sub")):
            raise NotAccepted("logout token")
        return claims

    async def _identity(self, tokens: Tokens, nonce: str) -> Claims:
        decoded, header = await self._decoded(tokens.identity)
        client = self.settings.client_id
        essential = {"iss": {"essential": True, "value": self.settings.issuer}}
        essential["aud"] = {"essential": True, "value": client}
        params = {"nonce": nonce, "client_id": client, "access_token": tokens.access, "max_age": True}
        try:
            CodeIDToken(decoded, header, essential, params).validate(int(time.time()), LEEWAY_SECONDS)
        except (JoseError, ValueError) as error:
            raise NotAccepted("identity token") from error
        if decoded.get("typ", IDENTITY) != IDENTITY:
            raise NotAccepted("identity token")
        return decoded

    async def _decoded(self, token: str) -> tuple[Claims, Claims]:
        try:
            try:
                found = jwt.decode(token, await self._keys(), algorithms=ALGORITHMS)
            except InvalidKeyIdError:
                found = jwt.decode(token, await self._keys(is_fresh=True), algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise NotAccepted("signature") from error
        return dict(found.claims), dict(found.header)

    async def _keys(self, *, is_fresh: bool = False) -> KeySet:
        async with self.asking:
            is_recent = time.monotonic() - self.keys_at < KEYS_SECONDS
            if self.keys is None or (is_fresh and not is_recent):
                self.keys = KeySet.import_key_set(cast(KeySetSerialization, await self.fetch_keys()))
                self.keys_at = time.monotonic()
            return self.keys

    async def _metadata(self) -> Mapping[str, Any]:
        if time.monotonic() >= self.known_until:
            found = await self._get(f"{self.inside}/.well-known/openid-configuration")
            # Another issuer's document would send codes and secrets to that one (OpenID Connect Discovery §4.3).
            if found.get("issuer") != self.settings.issuer:
                raise IssuerAway
            self.known, self.known_until = found, time.monotonic() + FRESH_SECONDS
        return self.known

    async def _token(self, body: str) -> Claims:
        auth = ClientAuth(self.settings.client_id, self.settings.client_secret)
        address = (await self._metadata())["token_endpoint"]
        door, headers, sent = auth.prepare("POST", address, dict(_FORM), body)  # type: ignore[no-untyped-call]
        status, answer = await self._ask("POST", door, headers=headers, data=sent, timeout=self.redeeming)
        if status == 200:
            return answer
        # invalid_grant and its kin say no for good; anything else may pass.
        if status in (400, 401, 403):
            raise NotAccepted(str(answer.get("error", status)))
        raise IssuerAway

    async def _get(self, address: str) -> Any:
        status, answer = await self._ask("GET", address, timeout=self.reading)
        if status != 200:
            raise IssuerAway
        return answer

    async def _ask(self, method: str, address: str, **request: Any) -> tuple[int, Claims]:
        if self.session is None:
            self.session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with self.session.request(method, address, allow_redirects=False, **request) as response:
                answer = json.loads(await response.read())
                return response.status, cast(Claims, answer if isinstance(answer, dict) else {})
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise IssuerAway from error


_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


def _tokens(answer: Claims, *, former: Tokens | None = None) -> Tokens:
    access, identity = answer.get("access_token"), answer.get("id_token") or (former.identity if former else None)
    if not isinstance(access, str) or not isinstance(identity, str):
        raise NotAccepted("incomplete answer")
    refresh = answer.get("refresh_token") or (former.refresh if former else None)
    seconds = float(answer.get("expires_in") or 60)
    return Tokens(access, refresh, identity, time.time() + seconds)
