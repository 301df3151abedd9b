"""The first sign-in: somebody types the code of a slip, chooses a password, and is told how to sign in.

A QR code leads here with the code behind the `#`: a browser sends that part to nobody, so no log can hold it.
"""

import json
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from starlette.types import ASGIApp

from chassis.refusals import Unavailable
from gateway.portal.pages import Pages, language_of
from gateway.upstream import Sent, ask

REDEEM = "/v1/slips:redeem"
# The realm is asked several things in a row.
SECONDS = 40.0
LONGEST_CODE, LONGEST_PASSWORD = 60, 200

Code = Annotated[str, Form(max_length=LONGEST_CODE)]
Password = Annotated[str, Form(max_length=LONGEST_PASSWORD)]


@dataclass(frozen=True, slots=True)
class Told:
    """What came of an attempt: a username, or trouble in words at one of the fields."""

    status: int = 200
    username: str = ""
    trouble: str = ""
    field: str = ""


def welcome_router(pages: Pages, registry: ASGIApp | None) -> APIRouter:
    """The door to the page of the first sign-in."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/welcome", methods=["GET", "HEAD"])
    async def show_welcome(request: Request) -> HTMLResponse:
        return pages.show(request, "welcome.html", code="", told=Told())

    @router.post("/welcome")
    async def redeem(request: Request, code: Code = "", password: Password = "", again: Password = "") -> HTMLResponse:
        if password != again:
            trouble = pages.say("welcome.differ", language_of(request))
            told = Told(422, trouble=trouble, field="again")
        else:
            told = await _redeem(request, pages, registry, {"code": code, "new_password": password})
        return pages.show(request, "welcome.html", status=told.status, code=code, told=told)

    return router


async def _redeem(request: Request, pages: Pages, registry: ASGIApp | None, wanted: dict[str, str]) -> Told:
    language = language_of(request)
    away = Told(503, trouble=pages.say("welcome.away", language))
    if registry is None:
        return away
    headers = {"accept-language": language, "x-forwarded-for": request.client.host if request.client else ""}
    try:
        answer = await ask("registry", registry, REDEEM, sent=Sent(json.dumps(wanted).encode(), headers, SECONDS))
        said = json.loads(answer.body)
    except (Unavailable, ValueError):
        return away
    if not isinstance(said, dict):
        return away
    if answer.status == 200:
        return Told(username=str(said.get("username", "")))
    return Told(answer.status, trouble=str(said.get("detail") or away.trouble), field=str(said.get("field") or ""))
