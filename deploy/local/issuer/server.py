"""Authlib's authorization server, taught to read Starlette requests and to give Starlette responses."""

import json
from collections.abc import Collection

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.base import invalid_error_characters
from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientMixin,
    InvalidClientError,
    InvalidRequestError,
    OAuth2Payload,
    OAuth2Request,
)
from authlib.oauth2.rfc6749 import ResourceProtector as Protector
from authlib.oauth2.rfc6749.endpoint import EndpointRequest
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oidc.rpinitiated import EndSessionEndpoint, EndSessionRequest
from joserfc.jwk import KeySet
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import Response

from deploy.local.issuer.clients import SCOPES
from deploy.local.issuer.grants import (
    WITH_SECRET,
    CodeGrant,
    IdToken,
    OnlyS256,
    PasswordGrant,
    RefreshGrant,
    ServiceGrant,
)
from deploy.local.issuer.realm import Realm, SignedIn
from deploy.local.issuer.store.accounts import Account
from deploy.local.issuer.tokens import ACCESS_ALGORITHM, Claims, Mint, Presented, TokenAnswers

# Authlib repeats these in its error description, which cannot hold every character (RFC 6749 §5.2).
ECHOED = ("redirect_uri", "response_type", "grant_type")
Sent = ImmutableMultiDict[str, str]


class Payload(OAuth2Payload):
    """The parameters of a request, from its query or from its form, never from both."""

    def __init__(self, sent: Sent) -> None:
        self._sent = sent

    @property
    def data(self) -> dict[str, str]:
        return dict(self._sent)

    @property
    def datalist(self) -> dict[str, list[str]]:
        return {name: self._sent.getlist(name) for name in self._sent}


class IssuerRequest(OAuth2Request):
    """A request as Authlib wants to see it."""

    def __init__(self, request: Request, *, origin: str, sent: Sent) -> None:
        # The address is the issuer's own, not the one that a proxy in front may show.
        super().__init__(request.method, f"{origin}{request.url.path}", headers=request.headers)
        self.payload = Payload(sent)

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data if self.payload else {}


async def form_of(request: Request) -> Sent:
    """The text fields of a posted form."""
    async with request.form() as form:
        return ImmutableMultiDict([(name, value) for name, value in form.multi_items() if isinstance(value, str)])


def query_of(request: Request) -> Sent:
    """The parameters in the address."""
    return ImmutableMultiDict(request.query_params.multi_items())


def response_of(answer: tuple[int, object, list[tuple[str, str]]]) -> Response:
    """Authlib's status, body and headers as a response."""
    status, body, headers = answer
    text = body if isinstance(body, str) else json.dumps(body)
    return Response(text, status_code=status, headers=dict(headers))


class IssuerServer(AuthorizationServer):
    """The authorization server of the realm."""

    def __init__(self, realm: Realm) -> None:
        super().__init__(scopes_supported=SCOPES)
        self.realm = realm
        self.mint = Mint(realm)
        self.register_token_generator("default", TokenAnswers(self.mint))
        id_token = IdToken(self.mint)
        self.register_grant(CodeGrant, [OnlyS256(), id_token])
        self.register_grant(RefreshGrant, [id_token])
        self.register_grant(PasswordGrant, [id_token])
        self.register_grant(ServiceGrant)
        self.register_endpoint(Introspection(self))
        self.register_endpoint(EndSession(self))

    def ask_consent(self, request: OAuth2Request, signed_in: SignedIn | None = None) -> CodeGrant:
        """The grant that an authorization request asks for; raises `OAuth2Error` for a wrong one."""
        grant: CodeGrant = self.get_consent_grant(request, signed_in)  # type: ignore[no-untyped-call]
        return grant

    def send_back(self, request: IssuerRequest, account: Account) -> Response:
        """Sign an account in and send the browser back to the client with a code."""
        signed_in = self.realm.sign_in(account, request.payload.client_id if request.payload else "")
        grant = self.ask_consent(request, signed_in)
        response: Response = self.create_authorization_response(request, signed_in, grant)  # type: ignore[assignment]
        # Who answers says so (RFC 9207), as Keycloak does.
        response.headers["location"] = add_params_to_uri(response.headers["location"], {"iss": self.realm.issuer})
        return response

    def answer(self, endpoint: str, request: OAuth2Request | EndpointRequest) -> Response | None:
        """What an endpoint beside the token endpoint answers, if it has anything to say."""
        response: Response | None = self.create_endpoint_response(endpoint, request)  # type: ignore[no-untyped-call]
        return response

    def query_client(self, client_id: str) -> ClientMixin:
        # Authlib expects nothing for an unknown client; its stubs do not say so.
        return self.realm.clients.get(client_id)  # type: ignore[return-value]

    def authenticate_client(
        self, request: OAuth2Request, methods: Collection[str], endpoint: str = "token"
    ) -> ClientMixin:
        """Raises `InvalidClientError`, also for a Basic header that is no text at all."""
        try:
            return super().authenticate_client(request, methods, endpoint)
        except UnicodeDecodeError as unreadable:
            raise InvalidClientError(status_code=401) from unreadable

    def save_token(self, token: object, request: OAuth2Request) -> None:
        """Nothing to keep: an access token speaks for itself, a refresh token leans on its session."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        """Raises `InvalidRequestError` for a parameter that no valid request can hold."""
        sent = request.payload.data if request.payload else {}
        for name in ECHOED:
            if invalid_error_characters(sent.get(name, "")):
                raise InvalidRequestError(f"Invalid parameter: {name}")
        return request

    # Authlib hands over a list of pairs; its stubs call it a mapping.
    def handle_response(  # type: ignore[override]
        self, status: int, body: object, headers: list[tuple[str, str]]
    ) -> Response:
        return response_of((status, body, headers))


class Introspection(IntrospectionEndpoint):
    """Token introspection (RFC 7662): any confidential client of the realm may ask about any token of it."""

    CLIENT_AUTH_METHODS = WITH_SECRET

    def __init__(self, server: IssuerServer) -> None:
        super().__init__(server)
        self.mint = server.mint

    def query_token(self, token_string: str, token_type_hint: str | None) -> Presented | None:
        return self.mint.read_access(token_string) or self.mint.read_refresh(token_string)

    def check_permission(self, token: Presented, client: ClientMixin, request: OAuth2Request) -> bool:
        return True

    def introspect_token(self, token: Presented) -> Claims:
        username = token.claims.get("preferred_username")
        about: Claims = {"client_id": token.client.client_id, "token_type": token.claims["typ"]}
        return {**token.claims, **about, **({"username": username} if username else {})}


class EndSession(EndSessionEndpoint):
    """Sign-out asked for by the portal (OpenID Connect RP-Initiated Logout 1.0)."""

    def __init__(self, server: IssuerServer) -> None:
        super().__init__(server)
        self.realm = server.realm

    def get_server_jwks(self) -> KeySet:
        return self.realm.keys.published

    def get_algorithms(self) -> list[str]:
        return [ACCESS_ALGORITHM]

    def end_session(self, end_session_request: EndSessionRequest) -> None:
        claims: Claims = end_session_request.id_token_claims or {}
        session_id = claims.get("sid")
        if isinstance(session_id, str):
            self.realm.sessions.end(session_id)


class _BearerOfRealm(BearerTokenValidator):
    def __init__(self, mint: Mint) -> None:
        super().__init__(realm="neo")
        self.mint = mint

    def authenticate_token(self, token_string: str) -> Presented | None:
        return self.mint.read_access(token_string)


class Guard:
    """Stands before what only a bearer of an access token may see (RFC 6750)."""

    def __init__(self, mint: Mint) -> None:
        self._protector = Protector()
        self._protector.register_token_validator(_BearerOfRealm(mint))

    def admit(self, request: IssuerRequest, *, scope: str | None = None) -> Presented:
        """The token of the request; raises an `OAuth2Error` when there is none that counts."""
        scopes = [scope] if scope else None
        token: Presented = self._protector.validate_request(scopes, request)  # type: ignore[no-untyped-call]
        return token


def refuse(error: OAuth2Error) -> Response:
    """An OAuth error as RFC 6749 §5.2 wants it, or as a redirect where there is one to trust."""
    return response_of(error())
