"""The questionnaire: one competency a screen, kept at each choice, taken up where one stopped, handed in at the end."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from chassis.refusals import Missing
from gateway.portal.talk import Refused, segment
from gateway.portal.teacher.sheets import (
    Sheet,
    is_not_applicable,
    level_of,
    lines_of,
    options_of,
    own_sheet,
    sheet_about,
)
from gateway.portal.teacher.visit import Desk, Visit

Chosen = Annotated[Literal["1", "2", "3", "4", "5", "none"] | None, Form()]
Go = Annotated[Literal["next", "back", "overview"], Form()]
SELF, OTHER = "/schools/{school}/forms/{campaign}/self", "/schools/{school}/forms/{campaign}/colleagues/{person}"
# The part of the page that an autosave replaces.
KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Walk:
    """A reader on the way through a sheet."""

    desk: Desk
    visit: Visit
    sheet: Sheet

    def page(self, code: str | None = None) -> str:
        """The screen of a competency; the overview without one."""
        path = self.visit.page(self.sheet.path)
        return f"{path}/{segment(code)}" if code else f"{path}?overview=yes"


@dataclass(frozen=True, slots=True)
class Step:
    """What was chosen on a screen, and where to go from there."""

    code: str
    level: str | None
    go: str


def doors(desk: Desk) -> APIRouter:
    """The sheets about oneself and about colleagues: overview, screens, hand-in."""
    router = APIRouter(include_in_schema=False)
    _own_doors(router, desk)
    _other_doors(router, desk)
    return router


def _own_doors(router: APIRouter, desk: Desk) -> None:
    @router.get(SELF)
    async def show_own(request: Request, school: str, campaign: UUID, overview: str = "") -> Response:
        return await _overview(await _walk(desk, request, school, campaign), is_wanted=bool(overview))

    @router.post(SELF)
    async def hand_own_in(request: Request, school: str, campaign: UUID) -> Response:
        return await _hand_in(await _walk(desk, request, school, campaign))

    @router.get(SELF + "/{code}")
    async def show_own_screen(request: Request, school: str, campaign: UUID, code: str) -> HTMLResponse:
        return await _screen(await _walk(desk, request, school, campaign), code)

    @router.post(SELF + "/{code}")
    async def choose_own(
        request: Request, school: str, campaign: UUID, code: str, level: Chosen = None, go: Go = "next"
    ) -> Response:
        return await _choose(await _walk(desk, request, school, campaign), request, Step(code, level, go))


def _other_doors(router: APIRouter, desk: Desk) -> None:
    @router.get(OTHER)
    async def show_other(request: Request, school: str, campaign: UUID, person: UUID, overview: str = "") -> Response:
        return await _overview(await _walk(desk, request, school, campaign, person), is_wanted=bool(overview))

    @router.post(OTHER)
    async def hand_other_in(request: Request, school: str, campaign: UUID, person: UUID) -> Response:
        return await _hand_in(await _walk(desk, request, school, campaign, person))

    @router.get(OTHER + "/{code}")
    async def show_other_screen(request: Request, school: str, campaign: UUID, person: UUID, code: str) -> HTMLResponse:
        return await _screen(await _walk(desk, request, school, campaign, person), code)

    @router.post(OTHER + "/{code}")
    async def choose_other(
        request: Request, school: str, campaign: UUID, person: UUID, code: str, level: Chosen = None, go: Go = "next"
    ) -> Response:
        return await _choose(await _walk(desk, request, school, campaign, person), request, Step(code, level, go))


async def _walk(desk: Desk, request: Request, school: str, campaign: UUID, person: UUID | None = None) -> Walk:
    visit = await desk.open(request, school)
    forms = await visit.get("diagnostics", "forms")
    sheet = sheet_about(forms, str(campaign), str(person)) if person else own_sheet(forms, str(campaign))
    if sheet is None:
        raise Missing("http.not-found")
    return Walk(desk, visit, sheet)


async def _overview(walk: Walk, *, is_wanted: bool = True, wrong: Refused | None = None) -> Response:
    """What was chosen and what is missing; who is in the middle of it goes on where they stopped."""
    sheet, visit = walk.sheet, walk.visit
    if sheet.is_begun and not is_wanted and wrong is None:
        return walk.desk.portal.lead(walk.page(sheet.missing[0]))
    catalogue = await walk.desk.catalogue(visit)
    return walk.desk.show(
        visit,
        "teacher/sheet.html",
        wrong=wrong,
        walk=walk,
        sheet=sheet,
        lines=lines_of(sheet, catalogue, visit.reader.say(_slug(sheet, "not-applicable"))),
        name=await _name(walk),
    )


async def _screen(walk: Walk, code: str, wrong: Refused | None = None, chosen: str | None = None) -> HTMLResponse:
    sheet, catalogue = walk.sheet, await walk.desk.catalogue(walk.visit)
    if code not in sheet.codes:
        raise Missing("http.not-found")
    return walk.desk.show(
        walk.visit,
        "teacher/question.html",
        wrong=wrong,
        walk=walk,
        sheet=sheet,
        code=code,
        competency=catalogue.name(code),
        domain=catalogue.domain(code),
        options=options_of(sheet, code, catalogue),
        is_not_applicable=is_not_applicable(sheet, code),
        chosen=chosen,
        name=await _name(walk),
    )


async def _choose(walk: Walk, request: Request, step: Step) -> Response:
    """Keep the choice, then show that it is kept or go on to another screen."""
    visit, sheet = walk.visit, walk.sheet
    if step.code not in sheet.codes:
        raise Missing("http.not-found")
    if step.level is not None and not sheet.is_final:
        address = visit.mine("diagnostics", f"{sheet.path}/{segment(step.code)}")
        try:
            kept = await visit.reader.talk.put(address, {"level": level_of(step.level)})
        except Refused as refused:
            return await _screen(walk, step.code, refused, step.level)
        if request.headers.get("hx-target") == KEPT:
            return walk.desk.show(visit, "teacher/kept.html", kept=kept)
    return walk.desk.portal.lead(walk.page(_next_code(sheet, step)))


def _next_code(sheet: Sheet, step: Step) -> str | None:
    if step.go == "overview":
        return None
    return sheet.before(step.code) if step.go == "back" else sheet.after(step.code)


async def _hand_in(walk: Walk) -> Response:
    visit, sheet = walk.visit, walk.sheet
    content = {"answers": {}, "is_final": True} if sheet.is_own else {"answers": {}}
    try:
        await visit.reader.talk.put(visit.mine("diagnostics", sheet.path), content)
    except Refused as refused:
        return await _overview(walk, wrong=refused)
    return walk.desk.portal.lead(visit.page("my-day"), "sheet-handed-in" if sheet.is_own else "rating-handed-in")


async def _name(walk: Walk) -> str:
    person = walk.sheet.person
    return "" if person is None else (await walk.visit.names([person]))[person]


def _slug(sheet: Sheet, word: str) -> str:
    return f"sheet.{word}" if sheet.is_own else f"rating.{word}"
