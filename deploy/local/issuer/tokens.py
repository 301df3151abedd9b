"""The tokens: what stands in them, exactly as Keycloak 26 writes it, and how this issuer reads its own again.

An access token carries groups and the person's id, never a name or an e-mail.
"""

from dataclasses import dataclass
from uuid import uuid4

from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from joserfc import jwt
from joserfc.errors import JoseError

from deploy.local.issuer.clients import Client
from deploy.local.issuer.realm import Realm, SignedIn, real_now

AUDIENCE = "neo-api"
ACCESS_SECONDS = 300
ACCESS_ALGORITHM = "RS256"
REFRESH_ALGORITHM = "HS512"

Claims = dict[str, object]


@dataclass(frozen=True, slots=True)
class Presented(TokenMixin):
    """A token that this issuer signed and somebody shows; whether it still counts is asked separately."""

    claims: Claims
    client: Client
    signed_in: SignedIn | None

    def check_client(self, client: object) -> bool:
        return self.client is client

    def get_scope(self) -> str:
        return str(self.claims.get("scope", ""))

    def get_expires_in(self) -> int:
        expires = self.claims["exp"]
        return expires - real_now() if isinstance(expires, int) else 0

    def is_expired(self) -> bool:
        return self.get_expires_in() <= 0

    def is_revoked(self) -> bool:
        """The session behind a person's token has ended; a service account has no session."""
        return "sid" in self.claims and self.signed_in is None

    def get_user(self) -> SignedIn | None:
        return self.signed_in

    def get_client(self) -> ClientMixin:
        return self.client


@dataclass(frozen=True, slots=True)
class Mint:
    """Writes and reads the tokens of the realm."""

    realm: Realm

    def access(self, *, client: ClientMixin, grant_type: str, user: SignedIn | None, scope: str) -> str:
        """An access token for a person, or for the client's own service account."""
        now, name = real_now(), client.get_client_id()
        claims: Claims = {
            "exp": now + ACCESS_SECONDS,
            "iat": now,
            "jti": str(uuid4()),
            "iss": self.realm.issuer,
            "aud": AUDIENCE,
            "typ": "Bearer",
            "azp": name,
            "scope": scope,
            **(self.of_person(user) if user else self._of_service(self.realm.clients[name])),
        }
        key = self.realm.keys.signing
        return jwt.encode({"alg": ACCESS_ALGORITHM, "typ": "JWT", "kid": key.kid}, claims, key)

    def refresh(self, *, client: ClientMixin, grant_type: str, user: SignedIn, scope: str) -> str:
        """A refresh token, living as long as the session; only this issuer can read it."""
        claims: Claims = {
            "exp": user.session.expires_at,
            "iat": real_now(),
            "jti": str(uuid4()),
            "iss": self.realm.issuer,
            "aud": self.realm.issuer,
            "sub": user.account.id,
            "typ": "Refresh",
            "azp": client.get_client_id(),
            "sid": user.session.id,
            "scope": scope,
        }
        key = self.realm.keys.refresh
        header = {"alg": REFRESH_ALGORITHM, "typ": "JWT", "kid": key.kid}
        return jwt.encode(header, claims, key, algorithms=[REFRESH_ALGORITHM])

    def read_access(self, token: str) -> Presented | None:
        """An access token of this issuer, or nothing."""
        return self._read(token, "Bearer")

    def read_refresh(self, token: str) -> Presented | None:
        """A refresh token of this issuer, or nothing."""
        return self._read(token, "Refresh")

    def of_person(self, user: SignedIn) -> Claims:
        """The claims about a person; the groups are read anew, so a change shows in the next token."""
        person_id = user.account.person_id
        return {
            "auth_time": user.session.started_at,
            "sub": user.account.id,
            "sid": user.session.id,
            "groups": self.realm.groups.paths(user.account.id),
            "preferred_username": user.account.username,
            **({"person_id": person_id} if person_id else {}),
        }

    def _of_service(self, client: Client) -> Claims:
        # Keycloak gives a service account neither `sid` nor `auth_time`: it has no session.
        return {
            "sub": client.service_subject(self.realm.issuer),
            "client_id": client.client_id,
            "groups": list(client.groups),
            "preferred_username": f"service-account-{client.client_id}",
        }

    def _read(self, token: str, kind: str) -> Presented | None:
        is_access = kind == "Bearer"
        key = self.realm.keys.signing if is_access else self.realm.keys.refresh
        algorithm = ACCESS_ALGORITHM if is_access else REFRESH_ALGORITHM
        try:
            claims: Claims = dict(jwt.decode(token, key, algorithms=[algorithm]).claims)
        except (JoseError, ValueError):
            return None
        client = self.realm.clients.get(str(claims.get("azp")))
        if client is None or claims.get("typ") != kind or claims.get("iss") != self.realm.issuer:
            return None
        session_id = claims.get("sid")
        return Presented(claims, client, self.realm.signed_in(session_id) if isinstance(session_id, str) else None)


class TokenAnswers(BearerTokenGenerator):
    """The answer of the token endpoint, with the fields that Keycloak adds to RFC 6749 §5.1."""

    def __init__(self, mint: Mint) -> None:
        super().__init__(mint.access, mint.refresh, lambda client, grant_type: ACCESS_SECONDS)

    def generate(
        self,
        grant_type: str,
        client: ClientMixin,
        user: SignedIn | None = None,
        scope: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
    ) -> dict[str, str | int]:
        """Tokens as Authlib makes them, the life of the refresh token in seconds and the session."""
        answer = super().generate(grant_type, client, user, scope, expires_in, include_refresh_token)
        answer["not-before-policy"] = 0
        answer["refresh_expires_in"] = 0
        if user is not None:
            answer["refresh_expires_in"] = user.session.expires_at - real_now()
            answer["session_state"] = user.session.id
        return answer
