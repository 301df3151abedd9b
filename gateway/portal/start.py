"""The start page: what this is, what the city has published, how to get in and look around."""

from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.types import ASGIApp

from gateway.portal.city import Wording, headline, read_totals
from gateway.portal.pages import Pages, language_of
from gateway.pulse import Pulse
from gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """A person of the demo whom a visitor may be: who that is, how to sign in, what is worth trying."""

    who: Wording
    username: str
    password_note: Wording
    what_to_try: Wording


@dataclass(frozen=True, slots=True)
class StartPage:
    """What the start page draws on."""

    settings: GatewaySettings
    pulse: Pulse
    reporting: ASGIApp | None
    sign_ins: Sequence[DemoSignIn]


@dataclass(frozen=True, slots=True)
class ShownSignIn:
    """A row of the table of sign-ins in one language."""

    who: str
    username: str
    password_note: str
    what_to_try: str


def start_router(pages: Pages, start: StartPage) -> APIRouter:
    """The door to the start page."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=["GET", "HEAD"])
    async def show_start(request: Request) -> HTMLResponse:
        language = language_of(request)
        totals = await read_totals(start.reporting, pages.texts, language)
        reading = await start.pulse.read()
        return pages.show(
            request,
            "start.html",
            totals=totals,
            headline=headline(totals.main),
            reading=reading,
            events=str(format_decimal(reading.events, locale=language)),
            sign_ins=[_shown(one, language) for one in start.sign_ins] if start.settings.is_local else [],
            issuer=start.settings.issuer,
        )

    return router


def _shown(one: DemoSignIn, language: str) -> ShownSignIn:
    return ShownSignIn(
        who=one.who.in_language(language),
        username=one.username,
        password_note=one.password_note.in_language(language),
        what_to_try=one.what_to_try.in_language(language),
    )
