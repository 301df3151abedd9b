"""A school's numbers and reports, and the district's queue of them."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis.database import Row
from chassis.days import PlainDay
from chassis.doors import doors
from chassis.etags import Changing, Reading, Tagged
from chassis.identity import Me, require
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from chassis.refusals import Missing
from services.reporting import actions
from services.reporting.actions.reports import Wanted, tag_of_report
from services.reporting.api.changes import Changes, changes_of
from services.reporting.api.doors import (
    Before,
    Number,
    Report,
    ReportInFull,
    catalogue_of,
    db_of,
    frozen_numbers,
    language_of,
    live_number,
)
from services.reporting.domain import State, legal_steps
from services.reporting.domain.punctuality import Sent, punctuality
from services.reporting.store import knowledge, reports

router = doors()
STEPS = {
    State.REVIEWED: "review",
    State.SIGNED: "sign",
    State.SUBMITTED: "submit",
    State.ACCEPTED: "accept",
    State.RETURNED: "return",
    State.COMPUTED: "compute",
}
MOST_DAYS, MOST_SENT = 6, 6000
SENT_UP = (State.SUBMITTED, State.ACCEPTED, State.RETURNED, State.PUBLISHED)


class NewReport(BaseModel):
    """Which cycle a report is about, and as of which day."""

    cycle_id: UUID
    as_of: PlainDay = Field(examples=["2027-06-15"])
    version: int | None = Field(
        strict=True, default=None, ge=1, description="the next number, to correct a published report; else left out"
    )


class Returned(BaseModel):
    """Why a report goes back."""

    reason: str = Field(min_length=3, max_length=500)


class Punctuality(BaseModel):
    """A day of reports in a district: what of its schools came, what of it on time (`due_on` is the last day)."""

    model_config = ConfigDict(from_attributes=True)

    as_of: date
    due_on: date
    schools: int
    sent: int
    on_time: int
    accepted: int
    missing: list[str]


def _shown(row: Row) -> Report:
    can = [STEPS[to] for to in legal_steps(State(row["state"])) if to in STEPS]
    return Report.model_validate({**row, "can": can, "before": _before(row), "etag": tag_of_report(row)})


def _before(row: Row) -> Before | None:
    if row["before_version"] is None:
        return None
    return Before(
        version=row["before_version"],
        returned_at=row["before_returned_at"],
        return_reason=row["before_return_reason"],
        is_same=row["before_sha256"] == row["sha256"],
    )


@router.get("/schools/{school}/cells", dependencies=[require("curator", "head")])
async def list_live_cells(request: Request, school: str, cycle_id: UUID) -> list[Number]:
    """The true numbers of the school as they are now; they never leave it."""
    cells = await actions.live_cells(db_of(request), catalogue_of(request), school, cycle_id)
    return [live_number(cell, school, language_of(request)) for cell in cells]


@router.put("/schools/{school}/reports/{report_id}", dependencies=[require("curator")], status_code=201)
async def compute_report(
    request: Request, response: Response, school: str, report_id: UUID, wanted: NewReport, me: Me, change: Changing
) -> Report:
    """Freeze the school's numbers as of a day. A repeat changes nothing (200); after a return a new version begins."""
    asked = Wanted(report_id, school, wanted.cycle_id, wanted.as_of, wanted.version, change.seen)
    if not await actions.compute_report(db_of(request), catalogue_of(request), asked, by=me.me):
        response.status_code = 200
    return await _report(request, school, report_id, change)


async def _row(request: Request, school: str, report_id: UUID) -> Row:
    async with db_of(request).transaction(school) as tx:
        row = await reports.report(tx, report_id)
    if row is None or row["school_id"] != school:
        raise Missing("report.unknown", field="report_id")
    return row


async def _report(request: Request, school: str, report_id: UUID, told: Reading) -> Report:
    report = _shown(await _row(request, school, report_id))
    told.tell(report.etag)
    return report


@router.get("/schools/{school}/reports", dependencies=[require("curator", "head")])
async def list_reports(request: Request, school: str, after: After = "", limit: Limit = DEFAULT) -> Page[Report]:
    """The reports of the school."""
    async with db_of(request).transaction(school) as tx:
        rows = await reports.page(tx, school, after=after_id(after), limit=limit)
    return page_of(rows, limit, key=lambda row: row["report_id"], item=_shown)


@router.get("/schools/{school}/reports/{report_id}", dependencies=[require("curator", "head")])
async def get_report(request: Request, school: str, report_id: UUID, told: Tagged) -> ReportInFull:
    """One report with its frozen numbers: exactly what the head signs."""
    row = await _row(request, school, report_id)
    told.tell(tag_of_report(row))
    numbers = frozen_numbers(row["content"], catalogue_of(request), school, language_of(request))
    return ReportInFull(**_shown(row).model_dump(), numbers=numbers)


@router.get("/schools/{school}/reports/{report_id}/changes", dependencies=[require("curator", "head")])
async def list_changes(request: Request, school: str, report_id: UUID) -> Changes:
    """What the newest version says otherwise than the version before, or than the last signed report before it."""
    row = await _row(request, school, report_id)
    async with db_of(request).transaction(school) as tx:
        before = await reports.known_before(tx, row)
    return changes_of(row, before, catalogue_of(request), language_of(request))


@router.post("/schools/{school}/reports/{report_id}/review", dependencies=[require("curator")])
async def review_report(request: Request, school: str, report_id: UUID, me: Me, change: Changing) -> Report:
    """The curator has read the numbers."""
    await actions.review_report(db_of(request), school, report_id, by=me.me, seen=change.seen)
    return await _report(request, school, report_id, change)


@router.post("/schools/{school}/reports/{report_id}/sign", dependencies=[require("head")])
async def sign_report(request: Request, school: str, report_id: UUID, me: Me, change: Changing) -> Report:
    """The head signs («ПЭП»); a sign-in older than five minutes is asked for again (403)."""
    await actions.sign_report(
        db_of(request), school, report_id, by=me.me, authenticated_at=me.authenticated_at, seen=change.seen
    )
    return await _report(request, school, report_id, change)


@router.post("/schools/{school}/reports/{report_id}/submit", dependencies=[require("head")])
async def submit_report(request: Request, school: str, report_id: UUID, change: Changing) -> Report:
    """The signed report goes up to the district."""
    await actions.submit_report(db_of(request), school, report_id, seen=change.seen)
    return await _report(request, school, report_id, change)


@router.get("/districts/{district}/punctuality", dependencies=[require("coordinator")])
async def list_punctuality(request: Request, district: str) -> list[Punctuality]:
    """How many of the district's schools have sent their reports, and how many on time; the newest day first."""
    schools = await _schools(request, district)
    if not schools:
        return []
    async with db_of(request).transaction(*schools) as tx:
        rows = await reports.sent(tx, district, MOST_SENT)
        days = list(dict.fromkeys(row["as_of"] for row in rows))[:MOST_DAYS]
        there = {day: await knowledge.schools_in(tx, district, day) for day in days}
    return [_punctuality(day, there[day], [row for row in rows if row["as_of"] == day]) for day in days]


def _punctuality(day: date, schools: Sequence[str], rows: Sequence[Row]) -> Punctuality:
    sent = [Sent(row["school_id"], row["sent_at"], row["accepted_at"]) for row in rows]
    return Punctuality.model_validate(punctuality(day, schools, sent))


@router.get("/districts/{district}/reports", dependencies=[require("coordinator")])
async def list_district_reports(
    request: Request,
    district: str,
    state: Annotated[State | None, Query(description="one state; all that came up otherwise")] = None,
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[Report]:
    """The reports that the district's schools have sent up: how far they are, never the numbers in them.

    Numbers reach the district through the published layer alone, where they are protected jointly.
    """
    states = [one for one in SENT_UP if state in (None, one)]
    schools = await _schools(request, district)
    if not schools or not states:
        return Page[Report](items=[])
    async with db_of(request).transaction(*schools) as tx:
        rows = await reports.sent_up(tx, district, states, after=after_id(after), limit=limit)
    return page_of(rows, limit, key=lambda row: row["report_id"], item=_shown)


async def _schools(request: Request, district: str) -> list[str]:
    async with db_of(request).transaction() as tx:
        return await knowledge.schools_ever_in(tx, district)


async def _school_of(request: Request, district: str, report_id: UUID) -> str:
    """Which of the district's schools sent a report up; Missing for any other."""
    schools = await _schools(request, district)
    async with db_of(request).transaction(*schools) as tx:
        row = await reports.one_sent_up(tx, district, SENT_UP, report_id) if schools else None
    if row is None:
        raise Missing("report.unknown", field="report_id")
    return str(row["school_id"])


@router.post("/districts/{district}/reports/{report_id}/accept", dependencies=[require("coordinator")])
async def accept_report(request: Request, district: str, report_id: UUID, me: Me, change: Changing) -> Report:
    """The district accepts a report."""
    school = await _school_of(request, district, report_id)
    await actions.accept_report(db_of(request), school, report_id, by=me.me, seen=change.seen)
    return await _report(request, school, report_id, change)


@router.post("/districts/{district}/reports/{report_id}/return", dependencies=[require("coordinator")])
async def return_report(
    request: Request, district: str, report_id: UUID, why: Returned, me: Me, change: Changing
) -> Report:
    """The district sends a report back to be corrected."""
    school = await _school_of(request, district, report_id)
    await actions.return_report(db_of(request), school, report_id, by=me.me, reason=why.reason, seen=change.seen)
    return await _report(request, school, report_id, change)
