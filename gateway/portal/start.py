"""The start page: what this is, what the city has published, how to get in and look around."""

from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from starlette.types import ASGIApp

from gateway.portal.city import Published, Totals, Wording, headline
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
    published = Published(start.reporting, pages.texts)
    drawn: dict[str, tuple[Totals, Markup]] = {}

    async def city(language: str) -> Markup:
        """The table of the city, drawn once for all readers of a language until something else is published."""
        totals = await published.totals(language)
        known = drawn.get(language)
        if known is None or known[0] is not totals:
            piece = pages.piece("city.html", language, totals=totals, headline=headline(totals.main))
            known = drawn[language] = totals, piece
        return known[1]

    @router.api_route("/", methods=["GET", "HEAD"])
    async def show_start(request: Request) -> HTMLResponse:
        language = language_of(request)
        reading = await start.pulse.read()
        return pages.show(
            request,
            "start.html",
            city=await city(language),
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
