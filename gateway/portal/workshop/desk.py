"""The first page of the workshop: how ready the school is, the runs so far, and how to begin one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from gateway.portal.talk import Refused
from gateway.portal.words import moment
from gateway.portal.workshop.visit import Shop, Visit

MOST_RUNS = 20
# What the second, third… pairing of a person in one role costs; a need of full priority is worth up to 1,000.
LOADS: Mapping[str, Sequence[int]] = {"free": (), "mild": (50, 150, 300), "strong": (200, 500, 900)}
# How many of the teachers did each step before a run, in the order in which it is done.
STEPS = ("diagnosed", "with_releases", "with_strengths", "with_needs", "with_free_times")
ACTIVE = frozenset({"DRAFT", "SOLVING", "REVIEW", "PUBLISHED"})


class Wish(BaseModel):
    """What the form asks of a run; `run` is its id, so that a form sent twice begins one run."""

    run: UUID
    cycle: UUID
    load: str = "free"
    balance: bool = False
    seed: int = 1
    based_on: UUID | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One run in the list."""

    address: str
    began: str
    state: str
    kind: str
    reached: str


@dataclass(frozen=True, slots=True)
class ReadyStep:
    """One step before a run: how many did it, of how many, and what is missing in words."""

    name: str
    count: str
    missing: str
    share: float


def desk_router(shop: Shop) -> APIRouter:
    """The doors to it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/workshop")
    async def show_workshop(request: Request, school: str, cycle: UUID | None = None) -> HTMLResponse:
        visit = await shop.open(request, school)
        return await _desk(shop, visit, cycle)

    @router.post("/schools/{school}/workshop/runs")
    async def begin_run(request: Request, school: str, wish: Annotated[Wish, Form()]) -> Response:
        visit = await shop.open(request, school)
        wanted = {
            "cycle_id": str(wish.cycle),
            "seed": wish.seed,
            "based_on": str(wish.based_on) if wish.based_on else None,
            "fairness": {"load_costs": list(LOADS.get(wish.load, ())), "is_balanced": wish.balance},
        }
        try:
            await visit.reader.talk.put(visit.api("matching", f"runs/{wish.run}"), wanted)
        except Refused as refused:
            return await _desk(shop, visit, wish.cycle, wish=wish, wrong=refused)
        return shop.portal.lead(visit.of_run(wish.run))

    return router


async def _desk(
    shop: Shop, visit: Visit, chosen: UUID | None, *, wish: Wish | None = None, wrong: Refused | None = None
) -> HTMLResponse:
    talk = visit.reader.talk
    cycles = await talk.all_of(visit.api("registry", "cycles"))
    cycle = _chosen(cycles, str(chosen) if chosen else None)
    if cycle is None:
        return shop.show(visit, "no_cycle.html", wrong=wrong)
    ready = await talk.find(visit.api("matching", "readiness"), cycle_id=cycle["cycle_id"])
    runs = (await talk.get(visit.api("matching", "runs"), limit=MOST_RUNS))["items"]
    of_cycle = [run for run in runs if run["cycle_id"] == cycle["cycle_id"]]
    current = next((run for run in of_cycle if run["state"] in ACTIVE), None)
    return shop.show(
        visit,
        "desk.html",
        wrong=wrong,
        cycle=cycle,
        cycles=cycles,
        steps=ready_steps(ready, visit) if ready else (),
        teachers=ready["teachers"] if ready else 0,
        is_ready=bool(ready and ready["strengths"] and ready["needs"]),
        lines=[line_of(run, visit) for run in of_cycle],
        current=line_of(current, visit) if current else None,
        loads=list(LOADS),
        wish=wish or _new_wish(cycle, current),
    )


def _new_wish(cycle: Mapping[str, Any], current: Mapping[str, Any] | None) -> Wish:
    """A run that takes the place of one in review or published says so."""
    replaces = current["run_id"] if current and "supersede" in current["can"] else None
    return Wish(run=uuid4(), cycle=cycle["cycle_id"], based_on=replaces)


def _chosen(cycles: Sequence[Mapping[str, Any]], wanted: str | None) -> Mapping[str, Any] | None:
    """The cycle that was asked for, else the newest that is not laid to rest."""
    live = [one for one in cycles if one["state"] != "ARCHIVED"] or list(cycles)
    newest = max(live, key=lambda one: str(one["starts_on"]), default=None)
    return next((one for one in cycles if one["cycle_id"] == wanted), newest)


def ready_steps(ready: Mapping[str, Any], visit: Visit) -> list[ReadyStep]:
    """What has been done before a run, and what is missing."""
    teachers = int(ready["teachers"])
    return [
        ReadyStep(
            name=visit.say(f"workshop.ready.{step}"),
            count=visit.say("workshop.of", count=visit.number(ready[step]), whole=visit.number(teachers)),
            missing=visit.say(f"workshop.missing.{step}", count=teachers - ready[step])
            if ready[step] < teachers
            else "",
            share=ready[step] / teachers if teachers else 0,
        )
        for step in STEPS
    ]


def line_of(run: Mapping[str, Any], visit: Visit) -> Line:
    """A run as a line of the list."""
    found = run["certificate"]
    reached = visit.say("workshop.reached-short", dual=found["dual"], covered=found["covered"]) if found else ""
    kinds = {"REVIEW": "watch", "PUBLISHED": "watch", "CONFIRMED": "good", "FAILED": "bad"}
    return Line(
        visit.of_run(run["run_id"]),
        moment(run["created_at"], visit.reader.language),
        visit.say(f"workshop.state.{run['state']}"),
        kinds.get(run["state"], "plain"),
        reached,
    )
