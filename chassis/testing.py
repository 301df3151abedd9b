"""For tests: tokens of one's own realm, waiting for what will come, problems at a glance."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from chassis.identity import TokenVerifier

T = TypeVar("T")
ISSUER = "http://issuer.test/realms/neo"
AUDIENCE = "neo-api"


class TokenFactory:
    """Signs tokens in the shape of the realm's, with a key of its own."""

    def __init__(self, *, issuer: str = ISSUER, audience: str = AUDIENCE) -> None:
        self.key = RSAKey.generate_key(2048, parameters={"kid": "test"}, private=True)
        self.issuer = issuer
        self.audience = audience

    def verifier(self) -> TokenVerifier:
        """A verifier that knows this factory's public key; the verifying code is the real one."""

        async def fetch() -> dict[str, Any]:
            return self.public_keys()

        return TokenVerifier(issuer=self.issuer, audience=self.audience, fetch_keys=fetch)

    def public_keys(self) -> dict[str, Any]:
        """The key set as a realm publishes it."""
        return dict(KeySet([self.key]).as_dict(private=False))

    def token(self, person_id: UUID | None, *groups: str, **claims: Any) -> str:
        """A bearer token of a person with groups such as `/schools/spb-693/curator`."""
        now = int(time.time())
        content: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": str(uuid4()),
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "azp": "test",
            "groups": list(groups),
        }
        if person_id is not None:
            content["person_id"] = str(person_id)
        return jwt.encode({"alg": "RS256", "kid": "test"}, {**content, **claims}, self.key)

    def headers(self, person_id: UUID | None, *groups: str, **claims: Any) -> dict[str, str]:
        """Request headers of a person with groups."""
        return {"Authorization": f"Bearer {self.token(person_id, *groups, **claims)}"}


async def eventually(look: Callable[[], Awaitable[T]], *, equals: T, within: float = 10.0) -> None:
    """Wait until `look` gives the wanted answer; fails with the last answer seen."""
    until = time.monotonic() + within
    while True:
        began = time.monotonic()
        seen = await look()
        if seen == equals:
            return
        if time.monotonic() > until:
            raise AssertionError(f"still {seen!r}, not {equals!r}, after {within} s")
        # Looking holds up what is waited for, so that a look that takes long is taken seldom.
        await asyncio.sleep(min(max(0.02, 3 * (time.monotonic() - began)), 0.5))
