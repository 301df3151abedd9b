"""The school's report: computed as of a day, read number by number, then handed to the head for the signature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.responses import Response

from gateway.portal.city import Cell, CellWords, Shown
from gateway.portal.curator.years import AT_ONCE, Told, at, chosen, cycles_of, today_at
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import Refused, as_seen, segment
from gateway.portal.words import day, day_of, moment

# The way of a report, each step with the moment that marks it.
WAY = (
    ("COMPUTED", "computed_at"),
    ("REVIEWED", "reviewed_at"),
    ("SIGNED", "signed_at"),
    ("SUBMITTED", "submitted_at"),
    ("ACCEPTED", "accepted_at"),
    ("PUBLISHED", "published_at"),
)
ANEW = ("RETURNED", "PUBLISHED")


class Computed(BaseModel):
    """A report to compute as it was typed; `seen` is the tag of the one that is computed anew."""

    report_id: str = ""
    cycle_id: str = ""
    as_of: str = ""
    version: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of the report's way."""

    name: str
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """One number of the report in words."""

    name: str
    definition: str
    cell: Shown | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which report the page is about, and what was wrong with the last wish."""

    school: str
    cycle_id: str = ""
    report_id: str = ""
    typed: Computed | None = None
    wrong: Refused | None = None


def router(portal: Portal) -> APIRouter:
    """The doors of the page."""
    doors = APIRouter(include_in_schema=False)

    @doors.get("/schools/{school}/report")
    async def show_report(request: Request, school: str, cycle: str = "", report: str = "") -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await _page(portal, reader, Asked(school, cycle, report))

    @doors.post("/schools/{school}/report")
    async def compute(request: Request, school: str, form: Annotated[Computed, Form()]) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        path = at("reporting", school, f"/reports/{segment(form.report_id)}")
        try:
            await reader.talk.put(path, wanted(form), **as_seen(form.seen))
        except Refused as refused:
            return await _page(portal, reader, Asked(school, form.cycle_id, typed=form, wrong=refused))
        page = f"/schools/{segment(school)}/report"
        return portal.lead(page, said="report-computed", cycle=form.cycle_id, report=form.report_id)

    @doors.post("/schools/{school}/report/{report_id}/review")
    async def review(request: Request, school: str, report_id: UUID, seen: Annotated[str, Form()] = "") -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        try:
            path = at("reporting", school, f"/reports/{report_id}/review")
            reviewed = await reader.talk.post(path, **as_seen(seen))
        except Refused as refused:
            return await _page(portal, reader, Asked(school, report_id=str(report_id), wrong=refused))
        page = f"/schools/{segment(school)}/report"
        return portal.lead(page, said="report-reviewed", cycle=reviewed["cycle_id"], report=str(report_id))

    return doors


def wanted(form: Computed) -> dict[str, Any]:
    """The report as the API takes it; a version is asked for only where a published one is corrected."""
    version = int(form.version) if form.version.isascii() and form.version.isdecimal() else None
    return {"cycle_id": form.cycle_id, "as_of": form.as_of, "version": version}


def way_of(reader: Reader, report: Told) -> list[Bar]:
    """How far a report is: a returned one is stopped where the district looked at it."""
    passed = [name for name, stamp in WAY if report[stamp]]
    ahead = next((name for name, stamp in WAY if not report[stamp]), "")
    bars = []
    for name, stamp in WAY:
        state = "done" if name in passed else "now" if name == ahead else "ahead"
        if report["state"] == "RETURNED" and name == "ACCEPTED":
            state = "stopped"
        bars.append(Bar(reader.say(f"our-report.way.{name}"), state, day_of(report[stamp], reader.language)))
    return bars


async def _page(portal: Portal, reader: Reader, asked: Asked) -> HTMLResponse:
    cycle = chosen(await cycles_of(reader.talk, asked.school), asked.cycle_id)
    path = at("reporting", asked.school, "/reports")
    found = await reader.talk.all_of(path, limit=AT_ONCE) if cycle else []
    of_cycle = [one for one in found if cycle and one["cycle_id"] == cycle["cycle_id"]]
    reports = sorted(of_cycle, key=_latest, reverse=True)
    named = next((one for one in reports if one["report_id"] == asked.report_id), None)
    report = named or next(iter(reports), None)
    full = await reader.talk.get(f"{path}/{report['report_id']}") if report else None
    return portal.show(
        reader,
        "curator/report.html",
        status=asked.wrong.status if asked.wrong else 200,
        school=asked.school,
        cycle=cycle,
        report=full,
        as_of=day(full["as_of"], reader.language) if full else "",
        returned=moment(full["returned_at"], reader.language) if full else "",
        way=way_of(reader, full) if full else [],
        lines=_lines(portal, reader, full["numbers"]) if full else [],
        reports=[(one["report_id"], day(one["as_of"], reader.language), one["state"]) for one in reports],
        typed=asked.typed or fresh(cycle, report, today=today_at(reader)),
        seen={one["report_id"]: one["etag"] for one in reports},
        wrong=asked.wrong,
    )


def _latest(report: Told) -> tuple[str, str]:
    return report["as_of"], report["computed_at"]


def fresh(cycle: Told | None, report: Told | None, *, today: date) -> Computed:
    """The form for the next report: the same one anew where it came back or stands published, else a new one.

    A new one is as of the cycle's last day, or of today while that has not come: the API counts no days ahead.
    """
    if cycle is None:
        return Computed()
    if report and report["state"] in ANEW:
        version = str(report["version"] + 1) if report["state"] == "PUBLISHED" else ""
        return Computed(
            report_id=report["report_id"], cycle_id=cycle["cycle_id"], as_of=report["as_of"], version=version
        )
    return Computed(report_id=str(uuid4()), cycle_id=cycle["cycle_id"], as_of=min(cycle["ends_on"], today.isoformat()))


def _lines(portal: Portal, reader: Reader, numbers: Sequence[Mapping[str, Any]]) -> list[Line]:
    words = CellWords(portal.pages.texts, reader.language)
    return [Line(one["name"], one["definition"], words.cell(Cell.read(one), one["unit"])) for one in numbers]
