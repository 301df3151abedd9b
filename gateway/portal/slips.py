"""The printed sheet of slips: eight on a page of A4, each with a name, a code, and where to go with it."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from babel.dates import format_date
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from markupsafe import Markup
from pydantic import BaseModel, ValidationError
from starlette.types import ASGIApp

from chassis.identity import Me
from chassis.problems import MEDIA_TYPE
from chassis.refusals import Forbidden, Unavailable
from gateway.portal.pages import Pages, language_of
from gateway.portal.trouble import Trouble, show_trouble, wants_page
from gateway.upstream import Sent, ask

SECONDS = 30.0
CURATOR = "curator"
# Nothing but one drawing: what comes from a service is put into the page as it is.
_DRAWING = re.compile(r'<svg viewBox="[0-9 ]+"><path stroke="#000" d="[MmhvHVz0-9 .-]+"/></svg>')


class Slip(BaseModel):
    """A slip as the registry tells it, this once."""

    full_name: str
    username: str
    code: str
    qr: str | None
    expires_at: datetime


class Sheet(BaseModel):
    """All slips of one printing."""

    slips: list[Slip]
    left_out: list[dict[str, str]]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Printed:
    """One slip on paper."""

    name: str
    username: str
    code: str
    picture: Markup
    until: str


def slips_router(pages: Pages, registry: ASGIApp | None) -> APIRouter:
    """The doors to the printed sheet: the page with its button, and the sheet. Only the post makes new slips."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/slips")
    async def show_form(request: Request, school: str, me: Me) -> HTMLResponse:
        if not me.at_school(school, CURATOR):
            raise Forbidden("identity.role-needed", roles=[CURATOR], place=f"schools/{school}")
        return pages.show(request, "slips_form.html", school=school)

    @router.post("/schools/{school}/slips/sheet")
    async def print_sheet(
        request: Request, school: str, _: Me, person_ids: Annotated[list[UUID] | None, Form()] = None
    ) -> Response:
        if registry is None:
            raise Unavailable("gateway.upstream-away", service="registry")
        welcome = str(request.base_url.replace(path="/welcome", query="", fragment=""))
        wanted = {"welcome": welcome, "person_ids": [str(one) for one in person_ids] if person_ids else None}
        headers = {
            "authorization": request.headers["authorization"],
            "accept-language": request.headers.get("accept-language", ""),
        }
        path = f"/v1/schools/{school}/slips"
        answer = await ask("registry", registry, path, sent=Sent(json.dumps(wanted).encode(), headers, SECONDS))
        if answer.status != 201 and wants_page(request.headers.get("accept")):
            return show_trouble(pages, request, Trouble(answer.status, _detail(answer.body)))
        if answer.status != 201:
            return Response(answer.body, answer.status, media_type=MEDIA_TYPE)
        return _sheet(request, pages, answer.body, welcome)

    return router


def _detail(told: bytes) -> str:
    try:
        said = json.loads(told)
    except ValueError:
        return ""
    return str(said.get("detail") or "") if isinstance(said, dict) else ""


def _sheet(request: Request, pages: Pages, told: bytes, welcome: str) -> HTMLResponse | JSONResponse:
    try:
        sheet = Sheet.model_validate_json(told)
    except ValidationError as error:
        raise Unavailable("gateway.upstream-away", service="registry") from error
    language = language_of(request)
    return pages.show(
        request,
        "slips.html",
        slips=[_printed(slip, language) for slip in sheet.slips],
        left_out=len(sheet.left_out),
        is_more=sheet.is_more,
        welcome=welcome.partition("://")[2],
    )


def _printed(slip: Slip, language: str) -> Printed:
    drawing = slip.qr if slip.qr and _DRAWING.fullmatch(slip.qr) else ""
    until = str(format_date(slip.expires_at, "d MMMM y", locale=language))
    # The pattern admits one drawing without a word in it.
    return Printed(slip.full_name, slip.username, slip.code, Markup(drawing), until)  # noqa: S704
