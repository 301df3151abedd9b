"""The coordinator's queue of reports: to accept, or to return with a reason; and how punctually schools report.

The numbers of a report are no business of the queue: they reach the district through publications alone.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from babel.numbers import format_decimal
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.places.names import schools_of
from gateway.portal.places.reports import Json
from gateway.portal.places.view import Choice
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import Refused, as_seen, segment
from gateway.portal.words import day, moment

COORDINATOR = "coordinator"
STATES = ("SUBMITTED", "RETURNED", "ACCEPTED", "PUBLISHED")
ROWS = 50
SAID = {"accept": "report-accepted", "return": "report-returned"}
CHIPS = {"SUBMITTED": "watch", "RETURNED": "bad", "ACCEPTED": "good", "PUBLISHED": "good"}


@dataclass(frozen=True, slots=True)
class Queued:
    """A report in the queue, in words."""

    report_id: str
    seen: str
    school: str
    title: str
    sent: str
    state: str
    chip: str
    before: str
    reason: str
    can_decide: bool


@dataclass(frozen=True, slots=True)
class Day:
    """How punctually a district reported for one day."""

    as_of: str
    due: str
    sent: str
    on_time: str
    accepted: str
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What the API refused: which step of which report, and the reason that was typed.

    `is_elsewhere` if the page shows no form that asked for it.
    """

    report: str
    refused: Refused
    step: str
    reason: str
    is_elsewhere: bool = False

    def among(self, shown: Sequence[Queued]) -> "Wrong":
        """The same over a list: to accept is one button, and what was decided meanwhile has no form any more."""
        has_form = any(one.report_id == self.report and one.can_decide for one in shown)
        return replace(self, is_elsewhere=self.step != "return" or not has_form)


def router(portal: Portal) -> APIRouter:
    """The doors of the queue."""
    opened = APIRouter(include_in_schema=False)

    @opened.get("/districts/{district}/reports")
    async def show(request: Request, district: str) -> HTMLResponse:
        reader = await portal.reader(request, f"districts/{district}", COORDINATOR)
        return await _show(portal, reader, district)

    @opened.post("/districts/{district}/reports/{report}")
    async def decide(
        request: Request,
        district: str,
        report: str,
        step: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
        seen: Annotated[str, Form()] = "",
    ) -> Response:
        reader = await portal.reader(request, f"districts/{district}", COORDINATOR)
        here = f"/districts/{segment(district)}/reports"
        if step not in SAID:
            return portal.lead(here)
        path = f"/api/reporting/v1{here}/{segment(report)}/{step}"
        try:
            await reader.talk.post(path, {"reason": reason} if step == "return" else None, **as_seen(seen))
        except Refused as refused:
            return await _show(portal, reader, district, Wrong(report, refused, step, reason))
        return portal.lead(here, said=SAID[step])

    return opened


async def _show(portal: Portal, reader: Reader, district: str, wrong: Wrong | None = None) -> HTMLResponse:
    query, here = reader.request.query_params, f"/districts/{segment(district)}/reports"
    state = query.get("state", "") if query.get("state") in (*STATES, "all") else "SUBMITTED"
    api = f"/api/reporting/v1/districts/{segment(district)}"
    asked = {"state": None if state == "all" else state, "after": query.get("after") or None, "limit": ROWS}
    page, days, names = await asyncio.gather(
        reader.talk.get(f"{api}/reports", **asked),
        reader.talk.get(f"{api}/punctuality"),
        schools_of(reader.talk, district),
    )
    reports = [queued_of(one, names, reader) for one in page["items"]]
    return portal.show(
        reader,
        "places/queue.html",
        status=wrong.refused.status if wrong else 200,
        wrong=wrong.among(reports) if wrong else None,
        address=here,
        sets=_sets(reader, here, state),
        reports=reports,
        next=page["next"],
        state=state,
        days=[_day(one, names, reader) for one in days],
        crumbs=[{"name": reader.frame.place_name, "address": f"/districts/{segment(district)}/matrix"}],
    )


def _sets(reader: Reader, here: str, state: str) -> list[Choice]:
    return [
        Choice(reader.say(f"queue.only.{one}"), f"{here}?state={one}", is_chosen=one == state)
        for one in (*STATES, "all")
    ]


def queued_of(report: Json, names: Mapping[str, str], reader: Reader) -> Queued:
    """A report in words: what it is, when it came, and what happened to the version before."""
    school, language = str(report["school_id"]), reader.language
    as_of = day(report["as_of"], language)
    return Queued(
        report_id=str(report["report_id"]),
        seen=str(report["etag"]),
        school=names.get(school, school),
        title=reader.say("queue.report", as_of=as_of, version=report["version"]),
        sent=moment(report["submitted_at"], language),
        state=reader.say(f"queue.state.{report['state']}"),
        chip=CHIPS.get(str(report["state"]), "plain"),
        before=_before(report["before"], reader),
        reason=str(report["return_reason"] or ""),
        can_decide="accept" in report["can"],
    )


def _before(before: Json | None, reader: Reader) -> str:
    if before is None:
        return reader.say("queue.first")
    slug = "queue.same" if before["is_same"] else "queue.recomputed"
    told = reader.say(slug, version=before["version"])
    if not before["return_reason"]:
        return told
    return f"{reader.say('queue.returned-for', reason=before['return_reason'])} {told}"


def _day(one: Json, names: Mapping[str, str], reader: Reader) -> Day:
    return Day(
        as_of=day(one["as_of"], reader.language),
        due=day(one["due_on"], reader.language),
        sent=_of(one["sent"], one["schools"], reader),
        on_time=_of(one["on_time"], one["schools"], reader),
        accepted=_of(one["accepted"], one["schools"], reader),
        missing=[names.get(school, school) for school in one["missing"]],
    )


def _of(part: int, whole: int, reader: Reader) -> str:
    """A rate with what it is counted from."""
    if not whole:
        return "—"
    facts: dict[str, Any] = {"part": part, "whole": whole}
    percent = format_decimal(100 * part / whole, "#,##0", locale=reader.language)
    return reader.say("queue.rate", percent=percent, **facts)
