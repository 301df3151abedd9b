"""Doors for runs: begin, watch, choose, publish."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, Field

from chassis.database import Row
from chassis.identity import Me, require
from chassis.paging import DEFAULT, LARGEST_NUMBER, After, Limit, Page, after_number, page_of
from chassis.refusals import Missing
from services.matching.actions import runs as actions
from services.matching.api.asked import db_of, reason_of, say, worker_of
from services.matching.domain import RunState
from services.matching.engine.certificate import Variant
from services.matching.engine.problem import Pin as EnginePin
from services.matching.store import runs as store

router = APIRouter()

_CAN = {
    RunState.SOLVING: ["cancel"],
    RunState.REVIEW: ["choose", "publish", "cancel", "supersede"],
    RunState.PUBLISHED: ["supersede"],
}


def _hyphened(value: object) -> object:
    return value.replace("_", "-") if isinstance(value, str) else value


# The exchange names its ends as JSON fields, with an underscore; either spelling chooses.
ChosenVariant = Annotated[Variant, BeforeValidator(_hyphened)]


class Pin(BaseModel):
    """A pairing that the curator wants in the result."""

    giver_id: UUID
    taker_id: UUID
    competency: str = Field(min_length=1, max_length=40)


class NewRun(BaseModel):
    """What to solve. With `based_on` the new run takes the place of that one, which becomes SUPERSEDED."""

    cycle_id: UUID
    seed: int = Field(default=1, ge=0, le=2**31 - 1)
    based_on: UUID | None = None
    pins: list[Pin] = Field(default=[], max_length=1000)


class Progress(BaseModel):
    """The step just done and the share of all steps, 0…1."""

    step: str
    share: float


class Reached(BaseModel):
    """People with both roles, people with at least one, total worth."""

    dual: int
    covered: int
    score: int


class Exchange(BaseModel):
    """Both ends: each further person with both roles costs one person reached."""

    dual_first: Reached
    coverage_first: Reached


class Certificate(Reached):
    """The proof: `bound` is the proved limit of the score, `gap` the difference, `input_hash` names the input."""

    bound: int
    gap: int
    solver: str
    solver_version: str
    variant: Variant
    seed: int
    input_hash: str
    seconds: float


class Run(BaseModel):
    """A run; `supply` counts confirmed strengths, `demand` needs that are still to be served.

    `certificate` is that of the chosen end, or of dual-first until one is chosen. `version` rises with each step;
    send it back to be refused when somebody else was faster.
    """

    run_id: UUID
    cycle_id: UUID
    seed: int
    based_on: UUID | None
    pins: list[Pin]
    state: RunState
    version: int
    progress: Progress
    exchange: Exchange | None
    chosen: Variant | None
    certificate: Certificate | None
    people: int
    supply: int
    demand: int
    reason: str | None
    reason_text: str | None
    created_at: datetime
    can: list[str]


class Seen(BaseModel):
    """The version of the run that the caller looks at; without it the newest is meant."""

    version: int | None = None


class Choice(Seen):
    """Which end of the exchange the curator wants."""

    variant: ChosenVariant


class Proposal(BaseModel):
    """A pair that a run found, with the reason in one sentence."""

    giver_id: UUID
    taker_id: UUID
    competency: str
    is_pinned: bool
    reason: str


class UnmetNeed(BaseModel):
    """A need that a run could not serve, with the rule that left nobody."""

    person_id: UUID
    competency: str
    rule: str
    reason: str


OfVariant = Annotated[ChosenVariant | None, Query(description="the chosen end, or dual-first, if not given")]


@router.put("/schools/{school}/runs/{run_id}", dependencies=[require("curator")], status_code=202)
async def begin_run(request: Request, response: Response, school: str, run_id: UUID, wanted: NewRun, me: Me) -> Run:
    """Begin a run: its input is frozen now and solved in the background. A repeat changes nothing (200)."""
    plan = actions.Plan(
        run_id=run_id,
        cycle_id=wanted.cycle_id,
        seed=wanted.seed,
        based_on=wanted.based_on,
        pins=tuple(EnginePin(str(pin.giver_id), str(pin.taker_id), pin.competency) for pin in wanted.pins),
    )
    if await actions.begin(db_of(request), school, plan, by=me.me):
        worker_of(request).woken.set()
    else:
        response.status_code = 200
    return await _run(request, school, run_id)


@router.get("/schools/{school}/runs/{run_id}", dependencies=[require("curator")])
async def get_run(request: Request, school: str, run_id: UUID) -> Run:
    """A run as it stands."""
    return await _run(request, school, run_id)


@router.get("/schools/{school}/runs", dependencies=[require("curator")])
async def list_runs(request: Request, school: str, after: After = "", limit: Limit = DEFAULT) -> Page[Run]:
    """The runs of the school, the newest first."""
    before = after_number(after) or LARGEST_NUMBER
    async with db_of(request).transaction(school) as tx:
        rows = await store.runs_before(tx, school, before, limit)
    return page_of(rows, limit, key=lambda row: row["number"], item=lambda row: _shown(request, row))


@router.post("/schools/{school}/runs/{run_id}/cancel", dependencies=[require("curator")])
async def cancel_run(request: Request, school: str, run_id: UUID, seen: Seen | None = None) -> Run:
    """Give a run up, also while it is being solved."""
    await actions.cancel(db_of(request), school, run_id, seen=seen.version if seen else None)
    return await _run(request, school, run_id)


@router.post("/schools/{school}/runs/{run_id}/choose", dependencies=[require("curator")])
async def choose_variant(request: Request, school: str, run_id: UUID, choice: Choice) -> Run:
    """Choose one end of the exchange; it may be chosen anew until the run is published."""
    await actions.choose(db_of(request), school, run_id, choice.variant, seen=choice.version)
    return await _run(request, school, run_id)


@router.post("/schools/{school}/runs/{run_id}/publish", dependencies=[require("curator")])
async def publish_run(request: Request, school: str, run_id: UUID, seen: Seen | None = None) -> Run:
    """Propose the pairs of the chosen end, each to its taker first."""
    await actions.publish(db_of(request), school, run_id, seen=seen.version if seen else None)
    return await _run(request, school, run_id)


@router.get("/schools/{school}/runs/{run_id}/proposals", dependencies=[require("curator")])
async def list_run_proposals(
    request: Request, school: str, run_id: UUID, variant: OfVariant = None, after: After = "", limit: Limit = DEFAULT
) -> Page[Proposal]:
    """The pairs that a run found."""
    place = after_number(after)
    async with db_of(request).transaction(school) as tx:
        run = await store.run(tx, school, run_id)
        end = _end_of(run, variant)
        rows = await store.matches_after(tx, run_id, end, after=place, limit=limit)
    return page_of(
        rows,
        limit,
        key=lambda row: row["place"],
        item=lambda row: Proposal(
            giver_id=row["giver_id"],
            taker_id=row["taker_id"],
            competency=row["competency"],
            is_pinned=row["is_pinned"],
            reason=reason_of(request, row["competency"], row["first_slot"]),
        ),
    )


@router.get("/schools/{school}/runs/{run_id}/unmet", dependencies=[require("curator")])
async def list_unmet_needs(
    request: Request, school: str, run_id: UUID, variant: OfVariant = None, after: After = "", limit: Limit = DEFAULT
) -> Page[UnmetNeed]:
    """The needs that a run left unmet; the reasons are for the curator alone, for they tell of bans and managers."""
    place = after_number(after)
    async with db_of(request).transaction(school) as tx:
        run = await store.run(tx, school, run_id)
        end = _end_of(run, variant)
        rows = await store.unmet_after(tx, run_id, end, after=place, limit=limit)
    return page_of(
        rows,
        limit,
        key=lambda row: row["place"],
        item=lambda row: UnmetNeed(
            person_id=row["person_id"],
            competency=row["competency"],
            rule=row["rule"],
            reason=say(request, f"unmet.{row['rule']}"),
        ),
    )


def _end_of(run: Row | None, variant: Variant | None) -> Variant:
    if run is None:
        raise Missing("run.unknown", field="run_id")
    chosen: Variant = run["chosen"] or "dual-first"
    return variant or chosen


async def _run(request: Request, school: str, run_id: UUID) -> Run:
    async with db_of(request).transaction(school) as tx:
        row = await store.run(tx, school, run_id)
    if row is None:
        raise Missing("run.unknown", field="run_id")
    return _shown(request, row)


def _shown(request: Request, row: Row) -> Run:
    is_solved = row["dual_first"] is not None
    certificate = row["coverage_first" if row["chosen"] == "coverage-first" else "dual_first"]
    exchange = {"dual_first": row["dual_first"], "coverage_first": row["coverage_first"]}
    return Run.model_validate(
        {
            **row,
            "progress": {"step": row["step"], "share": row["share"]},
            "exchange": exchange if is_solved else None,
            "certificate": certificate,
            "reason_text": say(request, row["reason"]) if row["reason"] else None,
            "can": _CAN.get(RunState(row["state"]), []),
        }
    )
