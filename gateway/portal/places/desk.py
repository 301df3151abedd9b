"""The head's desk: what waits for a signature, each with what changed since the last version and what signing means.

A signature is a simple electronic one («ПЭП», 63-ФЗ ст. 5 ч. 2): it asks for a sign-in of the last minutes.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gateway.portal.curator.years import chosen, cycles_of
from gateway.portal.places.reports import Json, compared_of, groups_of, steps_of
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import Refused, as_seen, segment
from gateway.portal.words import day, moment
from gateway.sign_in import FRESH, way_to_sign_in

HEAD = "head"
AT_ONCE = 200
# Of the minutes that a sign-in counts as fresh these are kept for reading the page.
MARGIN_SECONDS = 60
STEPS = {"sign": "report-signed", "submit": "report-submitted"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for the head: what it is, why, and the page or the form behind it."""

    kind: str
    title: str
    why: str
    action: str
    address: str


def router(portal: Portal) -> APIRouter:
    """The doors of the desk."""
    opened = APIRouter(include_in_schema=False)

    @opened.get("/schools/{school}/desk")
    async def show_desk(request: Request, school: str) -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", HEAD)
        return await _desk(portal, reader, school)

    @opened.post("/schools/{school}/desk/cycle")
    async def approve_cycle(
        request: Request, school: str, cycle_id: Annotated[str, Form()] = "", seen: Annotated[str, Form()] = ""
    ) -> Response:
        reader = await portal.reader(request, f"schools/{school}", HEAD)
        try:
            await reader.talk.post(f"{_cycle(school, cycle_id)}/approve", **as_seen(seen))
        except Refused as refused:
            return await _desk(portal, reader, school, refused)
        return portal.lead(f"/schools/{segment(school)}/desk", said="cycle-approved")

    _open_reports(portal, opened)
    return opened


def _open_reports(portal: Portal, opened: APIRouter) -> None:
    @opened.get("/schools/{school}/desk/reports/{report}")
    async def show_report(request: Request, school: str, report: str) -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", HEAD)
        return await _report(portal, reader, (school, report))

    @opened.post("/schools/{school}/desk/reports/{report}")
    async def step_report(
        request: Request,
        school: str,
        report: str,
        step: Annotated[str, Form()] = "",
        seen: Annotated[str, Form()] = "",
    ) -> Response:
        reader = await portal.reader(request, f"schools/{school}", HEAD)
        here = address_of(school, report)
        said = STEPS.get(step)
        if said is None:
            return portal.lead(here)
        try:
            await reader.talk.post(f"{_api(school, report)}/{step}", **as_seen(seen))
        except Refused as refused:
            if refused.slug == "report.authenticate-again":
                return RedirectResponse(way_to_sign_in(here, is_anew=True), 303, {"Cache-Control": "no-store"})
            return await _report(portal, reader, (school, report), refused)
        return portal.lead(here, said=said)


def address_of(school: str, report: str) -> str:
    """The page of a report."""
    return f"/schools/{segment(school)}/desk/reports/{segment(report)}"


def _api(school: str, report: str) -> str:
    return f"/api/reporting/v1/schools/{segment(school)}/reports/{segment(report)}"


def _cycle(school: str, cycle_id: str) -> str:
    return f"/api/registry/v1/schools/{segment(school)}/cycles/{segment(cycle_id)}"


async def _desk(portal: Portal, reader: Reader, school: str, wrong: Refused | None = None) -> HTMLResponse:
    cycles, reports = await asyncio.gather(
        cycles_of(reader.talk, school),
        reader.talk.all_of(f"/api/reporting/v1/schools/{segment(school)}/reports", limit=AT_ONCE),
    )
    cycle = chosen(cycles, "")
    stages, _ = await roadmap_of(reader, school, cycle) if cycle else ([], "")
    newest = sorted(reports, key=lambda one: (one["as_of"], one["version"]), reverse=True)
    return portal.show(
        reader,
        "places/desk.html",
        status=wrong.status if wrong else 200,
        wrong=wrong,
        drafts=[await _draft(one, reader, school) for one in cycles if one["state"] == "DRAFT"],
        waiting=[*_reports_waiting(newest, reader, school), *_stages_waiting(stages, reader, school)],
        sent=[_line(one, reader, school) for one in newest],
        cycle=cycle["title"] if cycle else "",
        address=f"/schools/{segment(school)}/desk",
    )


async def roadmap_of(reader: Reader, school: str, cycle: Json) -> tuple[list[Json], str]:
    """The seven stages of a cycle, and the tag of its state."""
    found = await reader.talk.send("GET", f"{_cycle(school, cycle['cycle_id'])}/roadmap")
    return found.content, found.etag or ""


async def _draft(cycle: Json, reader: Reader, school: str) -> dict[str, str]:
    """A cycle to be approved, as it is at this moment."""
    told = await reader.talk.send("GET", _cycle(school, cycle["cycle_id"]))
    days = {name: day(told.content[name], reader.language) for name in ("starts_on", "ends_on")}
    title = str(told.content["title"])
    return {"cycle_id": str(cycle["cycle_id"]), "title": title, "seen": told.etag or "", **days}


def _reports_waiting(reports: Sequence[Json], reader: Reader, school: str) -> list[Waiting]:
    return [
        Waiting(
            kind=step,
            title=reader.say(f"desk.{step}-report", as_of=day(one["as_of"], reader.language)),
            why=_why(one, reader),
            action=reader.say(f"desk.{step}-action"),
            address=address_of(school, one["report_id"]),
        )
        for one in reports
        for step in STEPS
        if step in one["can"]
    ]


def _why(report: Json, reader: Reader) -> str:
    before = report["before"]
    if before is None:
        return reader.say("desk.first-version")
    if before["is_same"]:
        return reader.say("desk.same-as-before", version=before["version"])
    if before["return_reason"]:
        return reader.say("desk.returned-before", reason=before["return_reason"])
    return reader.say("desk.corrects", version=before["version"])


def _stages_waiting(stages: Sequence[Json], reader: Reader, school: str) -> list[Waiting]:
    late = [one for one in stages if one["state"] == "OVERDUE"]
    return [
        Waiting(
            kind="stage",
            title=reader.say("desk.late-stage", stage=one["title"]),
            why=reader.say("desk.late-by", count=one["days_late"], due=day(one["due_on"], reader.language)),
            action=reader.say("desk.decide"),
            address=f"/schools/{segment(school)}/roadmap#stage-{one['number']}",
        )
        for one in late
    ]


def _line(report: Json, reader: Reader, school: str) -> dict[str, Any]:
    return {
        "as_of": day(report["as_of"], reader.language),
        "version": report["version"],
        "state": reader.say(f"report.state-{report['state']}"),
        "reason": report["return_reason"] or "",
        "address": address_of(school, report["report_id"]),
    }


async def _report(portal: Portal, reader: Reader, which: tuple[str, str], wrong: Refused | None = None) -> HTMLResponse:
    school, report_id = which
    report, changes = await asyncio.gather(
        reader.talk.get(_api(school, report_id)), reader.talk.get(f"{_api(school, report_id)}/changes")
    )
    here = address_of(school, report_id)
    return portal.show(
        reader,
        "places/report.html",
        status=wrong.status if wrong else 200,
        wrong=wrong,
        report=report,
        as_of=day(report["as_of"], reader.language),
        signed=moment(report["signed_at"], reader.language),
        state=reader.say(f"report.state-{report['state']}"),
        steps=steps_of(report, reader),
        compared=compared_of(changes, reader),
        groups=groups_of(report["numbers"], reader),
        can=next((step for step in STEPS if step in report["can"]), ""),
        is_fresh=is_fresh(reader.principal.authenticated_at, time.time()),
        anew=way_to_sign_in(here, is_anew=True),
        address=here,
        desk=f"/schools/{segment(school)}/desk",
    )


def is_fresh(authenticated_at: float, now: float) -> bool:
    """Is a sign-in fresh enough to sign with, with time left to read the page?"""
    return now - authenticated_at <= FRESH.total_seconds() - MARGIN_SECONDS
