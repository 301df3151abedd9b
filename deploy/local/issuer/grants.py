"""The grants of the realm, each an Authlib grant that knows where this issuer keeps its things."""

from authlib.oauth2.rfc6749 import (
    BaseGrant,
    ClientMixin,
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.grants import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
    ResourceOwnerPasswordCredentialsGrant,
)
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from joserfc.jwk import RSAKey

from deploy.local.issuer.realm import Realm, SignedIn, real_now
from deploy.local.issuer.store.sessions import Code
from deploy.local.issuer.tokens import ACCESS_ALGORITHM, ACCESS_SECONDS, Mint, Presented

WITH_SECRET = ("client_secret_basic", "client_secret_post")


class _InRealm(BaseGrant):
    """A grant that finds the realm through its server."""

    @property
    def realm(self) -> Realm:
        realm: Realm = self.server.realm
        return realm

    @property
    def mint(self) -> Mint:
        mint: Mint = self.server.mint
        return mint

    @property
    def client_id(self) -> str:
        client = self.request.client
        return client.get_client_id() if client else ""


class CodeGrant(_InRealm, AuthorizationCodeGrant):
    """Authorization code, for the portal."""

    TOKEN_ENDPOINT_AUTH_METHODS = WITH_SECRET

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        sent = request.payload.data if request.payload else {}
        # Authlib asks for a code only when somebody has signed in.
        signed_in: SignedIn = request.user  # type: ignore[assignment]
        kept = Code(
            code=code,
            session_id=signed_in.session.id,
            client_id=self.client_id,
            redirect_uri=sent["redirect_uri"],
            scope=request.scope,
            nonce=sent.get("nonce"),
            code_challenge=sent["code_challenge"],
            code_challenge_method=sent["code_challenge_method"],
        )
        self.realm.sessions.keep_code(kept, now=real_now())

    def query_authorization_code(self, code: str, client: ClientMixin) -> Code | None:
        return self.realm.sessions.spend_code(code, client.get_client_id(), now=real_now())

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Nothing to do: the code was spent when it was looked up, and goes with its session."""

    def authenticate_user(self, authorization_code: Code) -> SignedIn | None:
        return self.realm.signed_in(authorization_code.session_id)


class RefreshGrant(_InRealm, RefreshTokenGrant):
    """Refresh token. As in Keycloak by default, the earlier one stays good until the session ends."""

    TOKEN_ENDPOINT_AUTH_METHODS = (*WITH_SECRET, "none")
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Presented:
        token = self.mint.read_refresh(refresh_token)
        if token is None or token.is_expired() or token.is_revoked():
            # python-keycloak signs in anew when it reads exactly these words.
            raise InvalidGrantError("Token is not active")
        return token

    def authenticate_user(self, refresh_token: Presented) -> SignedIn | None:
        if refresh_token.signed_in is None:
            return None
        session_id = refresh_token.signed_in.session.id
        self.realm.sessions.prolong(session_id, now=real_now())
        return self.realm.signed_in(session_id)

    def revoke_old_credential(self, refresh_token: object) -> None:
        """Nothing to do: see the class."""


class PasswordGrant(_InRealm, ResourceOwnerPasswordCredentialsGrant):
    """Keycloak's 'direct access grant', for the demonstration and the tests only."""

    TOKEN_ENDPOINT_AUTH_METHODS = (*WITH_SECRET, "none")

    def authenticate_user(self, username: str, password: str) -> SignedIn:
        # Status and words as Keycloak gives them; the code is RFC 6749 §5.2.
        account = self.realm.accounts.named(username)
        if account is None or not self.realm.is_password(account, password):
            raise InvalidGrantError("Invalid user credentials", status_code=401)
        if not account.is_enabled:
            raise InvalidGrantError("Account disabled")
        asking = self.request.payload.client_id if self.request.payload else ""
        return self.realm.sign_in(account, asking)


class ServiceGrant(_InRealm, ClientCredentialsGrant):
    """Client credentials, for service accounts."""

    TOKEN_ENDPOINT_AUTH_METHODS = WITH_SECRET


class OnlyS256(CodeChallenge):
    """PKCE by S256 for every client, confidential ones too (RFC 9700 §2.1.1)."""

    def validate_code_challenge(self, grant: BaseGrant, redirect_uri: str) -> None:
        """Raises `InvalidRequestError` when the challenge or its method is missing; plain is not taken."""
        sent = grant.request.payload.data if grant.request.payload else {}
        if sent.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Missing or unsupported parameter: code_challenge_method")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDCode):
    """The ID token: who signed in and when, no more."""

    def __init__(self, mint: Mint) -> None:
        super().__init__()
        self.mint = mint

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        """Always no: the nonce is the client's to check, and a person may go back and sign in as another."""
        return False

    def resolve_client_private_key(self, client: ClientMixin) -> RSAKey:
        return self.mint.realm.keys.signing

    def get_encode_header(self, client: ClientMixin) -> dict[str, object]:
        return {"alg": ACCESS_ALGORITHM, "typ": "JWT", "kid": self.mint.realm.keys.signing.kid}

    def get_client_claims(self, client: ClientMixin) -> dict[str, object]:
        name = client.get_client_id()
        return {"iss": self.mint.realm.issuer, "aud": name, "azp": name, "exp": real_now() + ACCESS_SECONDS}

    def generate_user_info(self, user: SignedIn, scope: str) -> UserInfo:
        claims = self.mint.of_person(user)
        kept = ("sub", "sid", "auth_time", "preferred_username", "person_id")
        return UserInfo({"typ": "ID", **{name: claims[name] for name in kept if name in claims}})
