"""The OpenID Connect door of the realm, on Keycloak's paths."""

from authlib.oauth2.rfc6749 import InvalidGrantError
from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from starlette.concurrency import run_in_threadpool

from deploy.local.issuer.clients import SCOPES
from deploy.local.issuer.grants import WITH_SECRET
from deploy.local.issuer.pages import HERE, STYLE_PATH, Pages, by_role
from deploy.local.issuer.realm import Realm
from deploy.local.issuer.server import (
    Guard,
    IssuerRequest,
    IssuerServer,
    Sent,
    form_of,
    query_of,
)
from deploy.local.issuer.tokens import ACCESS_ALGORITHM

PROTOCOL = "/protocol/openid-connect"
PEOPLE_PER_ROLE = 8


def discovery(realm: Realm) -> dict[str, object]:
    """The discovery document (OpenID Connect Discovery 1.0 §3), with Keycloak's addresses."""
    doors = f"{realm.issuer}{PROTOCOL}"
    grants = sorted(set().union(*(client.grants for client in realm.clients.values())))
    return {
        "issuer": realm.issuer,
        "authorization_endpoint": f"{doors}/auth",
        "token_endpoint": f"{doors}/token",
        "introspection_endpoint": f"{doors}/token/introspect",
        "userinfo_endpoint": f"{doors}/userinfo",
        "end_session_endpoint": f"{doors}/logout",
        "jwks_uri": f"{doors}/certs",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": grants,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ACCESS_ALGORITHM],
        "token_endpoint_auth_methods_supported": list(WITH_SECRET),
        "introspection_endpoint_auth_methods_supported": list(WITH_SECRET),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["ru", "en"],
    }


def openid_door(server: IssuerServer, pages: Pages) -> APIRouter:
    """Discovery, keys, sign-in, tokens, introspection, user info, sign-out."""
    router = APIRouter(prefix="/realms/neo")
    _add_documents(router, server)
    _add_sign_in(router, server, pages)
    _add_tokens(router, server)
    _add_sign_out(router, server, pages)
    return router


def _add_documents(router: APIRouter, server: IssuerServer) -> None:
    @router.get("/.well-known/openid-configuration")
    def tell_configuration() -> JSONResponse:
        return JSONResponse(discovery(server.realm))

    @router.get(f"{PROTOCOL}/certs")
    def tell_keys() -> JSONResponse:
        return JSONResponse(server.realm.keys.published.as_dict())

    @router.get(STYLE_PATH.removeprefix("/realms/neo"))
    def tell_style() -> FileResponse:
        return FileResponse(HERE / "static" / "issuer.css", media_type="text/css")


def _add_sign_in(router: APIRouter, server: IssuerServer, pages: Pages) -> None:
    @router.get(f"{PROTOCOL}/auth")
    def show_sign_in(request: Request) -> Response:
        server.ask_consent(_oauth(request, server.realm, query_of(request)))
        return _sign_in_page(request, server.realm, pages)

    def sign_in(request: Request, username: str) -> Response:
        asked = _oauth(request, server.realm, query_of(request))
        server.ask_consent(asked)
        account = server.realm.accounts.named(username)
        if account is None or not account.is_enabled:
            return _sign_in_page(request, server.realm, pages, wrong=username)
        return server.send_back(asked, account)

    @router.post(f"{PROTOCOL}/auth")
    async def take_sign_in(request: Request) -> Response:
        sent = await form_of(request)
        return await run_in_threadpool(sign_in, request, sent.get("username", "").strip())


def _sign_in_page(request: Request, realm: Realm, pages: Pages, *, wrong: str | None = None) -> Response:
    people = realm.groups.belongings(per_role=PEOPLE_PER_ROLE)
    hinted = realm.accounts.named(request.query_params.get("login_hint", ""))
    expected = hinted.username if hinted is not None and hinted.is_enabled else ""
    return pages.sign_in(request, by_role(people), wrong=wrong, expected=expected)


def _add_tokens(router: APIRouter, server: IssuerServer) -> None:
    guard = Guard(server.mint)

    @router.post(f"{PROTOCOL}/token")
    async def give_token(request: Request) -> Response:
        asked = _oauth(request, server.realm, await form_of(request))
        answer: Response = await run_in_threadpool(server.create_token_response, asked)  # type: ignore[arg-type]
        return answer

    @router.post(f"{PROTOCOL}/token/introspect")
    async def introspect(request: Request) -> Response:
        asked = _oauth(request, server.realm, await form_of(request))
        answer = await run_in_threadpool(server.answer, "introspection", asked)
        return answer or Response(status_code=204)

    @router.api_route(f"{PROTOCOL}/userinfo", methods=["GET", "POST"])
    def tell_user(request: Request) -> JSONResponse:
        token = guard.admit(_oauth(request, server.realm, query_of(request)), scope="openid")
        return JSONResponse({name: token.claims[name] for name in ("sub", "preferred_username")})


def _add_sign_out(router: APIRouter, server: IssuerServer, pages: Pages) -> None:
    def end_by_refresh_token(asked: IssuerRequest) -> Response:
        client = server.authenticate_client(asked, (*WITH_SECRET, "none"), "logout")
        token = server.mint.read_refresh(asked.form["refresh_token"])
        if token is None or not token.check_client(client):
            raise InvalidGrantError("Invalid refresh token")
        server.realm.sessions.end(str(token.claims["sid"]))
        return Response(status_code=204)

    def end_by_hint(request: Request, asked: IssuerRequest) -> Response:
        wanted = server.validate_endpoint_request("end_session", asked)
        response = server.answer("end_session", wanted)
        has_ended = not getattr(wanted, "needs_confirmation", True)
        return response or pages.signed_out(request, has_ended=has_ended)

    @router.get(f"{PROTOCOL}/logout")
    def sign_out(request: Request) -> Response:
        return end_by_hint(request, _oauth(request, server.realm, query_of(request)))

    @router.post(f"{PROTOCOL}/logout")
    async def take_sign_out(request: Request) -> Response:
        asked = _oauth(request, server.realm, await form_of(request))
        if "refresh_token" in asked.form:
            return await run_in_threadpool(end_by_refresh_token, asked)
        return await run_in_threadpool(end_by_hint, request, asked)


def _oauth(request: Request, realm: Realm, sent: Sent) -> IssuerRequest:
    return IssuerRequest(request, origin=realm.settings.origin, sent=sent)
