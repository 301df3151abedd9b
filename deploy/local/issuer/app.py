"""Puts the development issuer together."""

import logging

from authlib.oauth2 import OAuth2Error
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.refusals import Refusal
from chassis.texts import Texts
from deploy.local.issuer.administration import administration_door
from deploy.local.issuer.openid import openid_door
from deploy.local.issuer.pages import Pages, language_of
from deploy.local.issuer.realm import open_realm
from deploy.local.issuer.server import IssuerServer, refuse
from deploy.local.issuer.settings import IssuerSettings

MARK = "X-Neo-Development-Issuer"


def build_issuer(settings: IssuerSettings) -> FastAPI:
    """The development issuer as an ASGI application for the root of the local gateway.

    Keys and accounts live in `settings.data_dir`. Raises `IssuerNotAllowed` outside local mode.
    """
    settings.check()
    # Authlib writes whole tokens at debug level; a log never holds one.
    logging.getLogger("authlib").setLevel(logging.INFO)
    realm = open_realm(settings)
    server = IssuerServer(realm)
    pages = Pages(form_targets=settings.portal_redirects)
    app = FastAPI(title="neo development issuer", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(openid_door(server, pages))
    app.include_router(administration_door(server))
    _answer_refusals(app)
    app.add_middleware(Marked)
    return app


def _answer_refusals(app: FastAPI) -> None:
    texts = Texts.load(__package__)

    @app.exception_handler(OAuth2Error)
    async def oauth_refused(_: Request, error: OAuth2Error) -> Response:
        return refuse(error)

    @app.exception_handler(Refusal)
    async def refused(request: Request, refusal: Refusal) -> Response:
        text = texts.say(refusal.slug, language_of(request), **refusal.facts)
        return JSONResponse({"error": refusal.slug, "errorMessage": text}, status_code=refusal.status)

    @app.exception_handler(RequestValidationError)
    async def not_understood(request: Request, error: RequestValidationError) -> Response:
        fields = [".".join(str(part) for part in one["loc"]) for one in error.errors()]
        text = texts.say("request.not-understood", language_of(request), fields=", ".join(fields))
        return JSONResponse({"error": "request.not-understood", "errorMessage": text}, status_code=400)

    @app.exception_handler(Exception)
    async def broken(_: Request, __: Exception) -> Response:
        return JSONResponse({"error": "unknown_error"}, status_code=500, headers={MARK: "1"})


class Marked:
    """Marks every answer, so that nobody takes this issuer for the city's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[MARK] = "1"
            await send(message)

        await self.app(scope, receive, send_marked)
