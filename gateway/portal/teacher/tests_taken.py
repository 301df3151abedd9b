"""Tests by sittings: begin, keep each choice at once, come back on any device, finish, see what was right and why."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.talk import Refused, segment
from gateway.portal.teacher.sittings import chosen_in, lines_of, tasks_of
from gateway.portal.teacher.visit import Desk, Visit

TESTS = "/schools/{school}/forms/{campaign}/tests"
# The part of the page that an autosave replaces.
KEPT = "kept"


def doors(desk: Desk) -> APIRouter:
    """The list of tests of a campaign, and each test."""
    router = APIRouter(include_in_schema=False)

    @router.get(TESTS)
    async def show_tests(request: Request, school: str, campaign: UUID) -> HTMLResponse:
        visit = await desk.open(request, school)
        tests, catalogue = await visit.get("diagnostics", f"tests/{campaign}"), await desk.catalogue(visit)
        lines = lines_of(tests, visit.words, catalogue)
        return desk.show(visit, "teacher/tests.html", lines=lines, root=visit.page(f"forms/{campaign}/tests"))

    @router.get(TESTS + "/{code}")
    async def show_test(request: Request, school: str, campaign: UUID, code: str) -> HTMLResponse:
        visit = await desk.open(request, school)
        return await _show(desk, visit, campaign, await visit.get("diagnostics", _path(campaign, code)))

    @router.post(TESTS + "/{code}")
    async def take_test(request: Request, school: str, campaign: UUID, code: str) -> Response:
        visit = await desk.open(request, school)
        return await _take(desk, visit, request, campaign, code)

    return router


def _path(campaign: UUID, code: str) -> str:
    return f"tests/{campaign}/{segment(code)}"


async def _take(desk: Desk, visit: Visit, request: Request, campaign: UUID, code: str) -> Response:
    """Keep what the form says; then show that it is kept, the same test, or the finished one."""
    form = await request.form()
    given = {name: [str(value) for value in form.getlist(name)] for name in form}
    test = await visit.get("diagnostics", _path(campaign, code))
    content = {"answers": chosen_in(given, test["items"]), "is_final": given.get("go") == ["finish"]}
    try:
        test = await visit.reader.talk.put(visit.mine("diagnostics", _path(campaign, code)), content)
    except Refused as refused:
        return await _refused(desk, visit, campaign, (test, content), refused)
    if request.headers.get("hx-target") == KEPT:
        return desk.show(visit, "teacher/test_kept.html", test=test)
    return desk.portal.lead(visit.page(f"forms/{campaign}/tests/{segment(code)}"))


async def _refused(
    desk: Desk, visit: Visit, campaign: UUID, tried: tuple[Any, dict[str, Any]], refused: Refused
) -> Response:
    """The test again, with what was chosen: a finish that came too early has lost nothing."""
    test, content = tried
    path = _path(campaign, test["competency"])
    if content["is_final"] and content["answers"]:
        try:
            test = await visit.reader.talk.put(visit.mine("diagnostics", path), {"answers": content["answers"]})
        except Refused:
            return await _show(desk, visit, campaign, test, refused)
    return await _show(desk, visit, campaign, test, refused)


async def _show(desk: Desk, visit: Visit, campaign: UUID, test: Any, wrong: Refused | None = None) -> HTMLResponse:
    catalogue, code = await desk.catalogue(visit), test["competency"]
    return desk.show(
        visit,
        "teacher/test.html",
        wrong=wrong,
        test=test,
        name=catalogue.name(code),
        tasks=tasks_of(test, visit.reader.language),
        list_page=visit.page(f"forms/{campaign}/tests"),
        root=visit.page(f"forms/{campaign}/tests/{segment(code)}"),
    )
