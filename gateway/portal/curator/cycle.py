"""The page of the year: its stages as a step bar, its funnel with whom each step waits for, and what moves it on."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.responses import Response

from gateway.portal.curator.funnel import Step, funnel
from gateway.portal.curator.standing import standing_of
from gateway.portal.curator.years import Told, at, chosen, cycles_of
from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import Refused, as_seen, segment
from gateway.portal.words import day, number

# A stage of the roadmap as the step bar knows it.
STATES = {"DONE": "done", "UNDER_WAY": "now", "OVERDUE": "now", "PLANNED": "ahead", "SKIPPED": "stopped"}
QUIET = ("DRAFT", "REPORTED", "ARCHIVED")
BY_HEAD = "APPROVED"
CALLED_OFF = "CALLED_OFF"


class Drawn(BaseModel):
    """A new cycle as it was typed."""

    cycle_id: str = ""
    title: str = ""
    starts_on: str = ""
    ends_on: str = ""


class Stage(BaseModel):
    """The stage that the curator wants, of the cycle as the page showed it."""

    stage: str = ""
    seen: str = ""


class Ending(BaseModel):
    """Why the curator ends a cycle, as the page showed it."""

    reason: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage in the step bar."""

    name: str
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step of the funnel in words; `filled` is its share of the widest step, from 0 to 100."""

    slug: str
    name: str
    definition: str
    count: str
    filled: int
    people: Sequence[str]
    waits: str
    more: str
    action: str
    address: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows when a cycle stands; `seen` is its tag."""

    cycle: Told
    seen: str
    dates: str
    bars: Sequence[Bar]
    waits_for: Sequence[str]
    steps: Sequence[ShownStep]
    is_whole: bool
    legal: Sequence[str]
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which cycle the page is to show, and what was wrong with the last wish."""

    school: str
    cycle_id: str = ""
    typed: Drawn | None = None
    wrong: Refused | None = None
    seen: str = ""


def router(portal: Portal) -> APIRouter:
    """The doors of the page."""
    doors = APIRouter(include_in_schema=False)

    @doors.get("/schools/{school}/cycle")
    async def show_cycle(request: Request, school: str, cycle: str = "") -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await _page(portal, reader, Asked(school, cycle))

    @doors.post("/schools/{school}/cycle")
    async def draw_up(request: Request, school: str, form: Annotated[Drawn, Form()]) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        wanted = {"title": form.title.strip(), "starts_on": form.starts_on, "ends_on": form.ends_on}
        try:
            await reader.talk.put(at("registry", school, f"/cycles/{segment(form.cycle_id)}"), wanted)
        except Refused as refused:
            return await _page(portal, reader, Asked(school, typed=form, wrong=refused))
        return portal.lead(f"/schools/{segment(school)}/cycle", said="cycle-drawn-up", cycle=form.cycle_id)

    @doors.post("/schools/{school}/cycle/{cycle_id}/stage")
    async def step(request: Request, school: str, cycle_id: str, form: Annotated[Stage, Form()]) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await _move(portal, reader, Asked(school, cycle_id, seen=form.seen), ("stage", {"stage": form.stage}))

    @doors.post("/schools/{school}/cycle/{cycle_id}/end")
    async def end(request: Request, school: str, cycle_id: str, form: Annotated[Ending, Form()]) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await _move(portal, reader, Asked(school, cycle_id, seen=form.seen), ("end", {"reason": form.reason}))

    return doors


async def _move(portal: Portal, reader: Reader, asked: Asked, wish: tuple[str, Mapping[str, str]]) -> Response:
    verb, content = wish
    path = at("registry", asked.school, f"/cycles/{segment(asked.cycle_id)}/{verb}")
    try:
        await reader.talk.post(path, content, **as_seen(asked.seen))
    except Refused as refused:
        return await _page(portal, reader, Asked(asked.school, asked.cycle_id, wrong=refused))
    return portal.lead(f"/schools/{segment(asked.school)}/cycle", said="cycle-moved", cycle=asked.cycle_id)


async def _page(portal: Portal, reader: Reader, asked: Asked) -> HTMLResponse:
    cycles = await cycles_of(reader.talk, asked.school)
    cycle = chosen(cycles, asked.cycle_id)
    shown = await _shown(reader, asked.school, cycle["cycle_id"]) if cycle else None
    return portal.show(
        reader,
        "curator/cycle.html",
        status=asked.wrong.status if asked.wrong else 200,
        school=asked.school,
        cycles=cycles,
        shown=shown,
        typed=asked.typed or Drawn(cycle_id=str(uuid4())),
        wrong=asked.wrong,
    )


async def _shown(reader: Reader, school: str, cycle_id: str) -> Shown:
    told, known = await asyncio.gather(
        reader.talk.send("GET", at("registry", school, f"/cycles/{cycle_id}")),
        standing_of(reader.talk, school, cycle_id),
    )
    cycle = told.content
    steps = funnel(known)
    names = await names_of(reader.talk, school, [one for step in steps for one in step.waiting.people])
    language = reader.language
    return Shown(
        cycle=cycle,
        seen=told.etag or "",
        dates=f"{day(cycle['starts_on'], language)} — {day(cycle['ends_on'], language)}",
        bars=[_bar(reader, stage) for stage in cycle["roadmap"]],
        waits_for=waits_for(cycle),
        is_whole=known.is_whole,
        steps=[_step(reader, step, names, f"/schools/{segment(school)}", cycle_id) for step in steps],
        legal=[stage for stage in cycle["legal"] if stage != BY_HEAD],
        reasons=[reason for reason in cycle["reasons"] if reason != CALLED_OFF],
    )


def waits_for(cycle: Told) -> list[str]:
    """The facts that the stages now under way wait for, each once; nothing before and after the year."""
    if cycle["state"] in QUIET:
        return []
    open_stages = [stage for stage in cycle["roadmap"] if stage["state"] in ("UNDER_WAY", "OVERDUE")]
    return list(dict.fromkeys(str(fact["title"]) for stage in open_stages for fact in stage["waits_for"]))


def _bar(reader: Reader, stage: Told) -> Bar:
    due = reader.say("cycle.due", day=day(stage["due_on"], reader.language))
    late = reader.say("cycle.late", count=stage["days_late"])
    return Bar(str(stage["title"]), STATES[stage["state"]], late if stage["state"] == "OVERDUE" else due)


def _step(reader: Reader, step: Step, names: Mapping[str, str], root: str, cycle_id: str) -> ShownStep:
    slug, people = step.slug, [names[one] for one in step.waiting.people if one in names]
    return ShownStep(
        slug=slug,
        name=reader.say(f"funnel.name.{slug}"),
        definition=reader.say(f"funnel.definition.{slug}"),
        count="—" if step.count is None else number(step.count, reader.language),
        filled=round(100 * step.count / step.of) if step.count and step.of else 0,
        people=people,
        waits=reader.say(f"funnel.waits.{slug}") if people else "",
        more=f"{root}/cycle/waiting/{slug}?cycle={cycle_id}" if step.waiting.is_more else "",
        action=reader.say(f"funnel.action.{slug}") if step.leads_to else "",
        address=f"{root}/{step.leads_to}",
    )
