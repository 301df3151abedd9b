"""Doors for runs: begin, watch, choose, publish."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, BeforeValidator, Field, StrictBool, StrictInt

from chassis.database import Row
from chassis.doors import doors
from chassis.etags import Changing, Reading, Tagged, tag_of
from chassis.identity import Me, require
from chassis.paging import DEFAULT, LARGEST_NUMBER, After, Limit, Page, after_number, page_of
from chassis.refusals import Missing
from services.matching.actions import publishing
from services.matching.actions import runs as actions
from services.matching.actions.fairness import Fairness as FairnessWish
from services.matching.api.asked import db_of, say, worker_of
from services.matching.api.seen import as_seen
from services.matching.domain import ANSWER_WORKING_DAYS, MOST_ANSWER_DAYS, RunState
from services.matching.engine.certificate import Variant
from services.matching.engine.problem import Pin as EnginePin
from services.matching.store import runs as store

router = doors()

_CAN = {
    RunState.SOLVING: ["cancel"],
    RunState.REVIEW: ["choose", "edit", "publish", "cancel", "supersede"],
    RunState.PUBLISHED: ["supersede"],
}


def _hyphened(value: object) -> object:
    return value.replace("_", "-") if isinstance(value, str) else value


# The exchange names its ends as JSON fields, with an underscore; either spelling chooses.
ChosenVariant = Annotated[Variant | Literal["between"], BeforeValidator(_hyphened)]


class Pin(BaseModel):
    """A pairing that the curator wants in the result."""

    giver_id: UUID
    taker_id: UUID
    competency: str = Field(min_length=1, max_length=40)


class Fairness(BaseModel):
    """What a run is asked for beside its goals; it is part of the input and of its hash.

    `load_costs` is what the second, third… pairing of a person in one role costs in units of the score, never
    falling; the last goes on. `is_balanced` promises a place to learn to those who have only given in earlier
    cycles, and a place to share to those who have only taken.
    """

    load_costs: list[Annotated[int, Field(strict=True, ge=0, le=1_000_000)]] = Field(
        default=[], max_length=8, examples=[[50, 200]]
    )
    is_balanced: StrictBool = False


class NewRun(BaseModel):
    """What to solve. With `based_on` the new run takes the place of that one, which becomes SUPERSEDED."""

    cycle_id: UUID
    seed: int = Field(strict=True, default=1, ge=0, le=2**31 - 1)
    based_on: UUID | None = None
    pins: list[Pin] = Field(default=[], max_length=1000)
    fairness: Fairness = Fairness()


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
    """Both ends: each further person with both roles costs one person reached; and the point that was asked for."""

    dual_first: Reached
    coverage_first: Reached
    between: Reached | None = None


class Certificate(Reached):
    """The proof: `bound` is the proved limit of the score, `gap` the difference, `input_hash` names the input."""

    bound: int
    gap: int
    solver: str
    solver_version: str
    variant: ChosenVariant
    seed: int
    input_hash: str
    seconds: float


class Run(BaseModel):
    """A run; `supply` counts confirmed strengths, `demand` needs that are still to be served.

    `is_searching` says that a published run looks for the next best after a no, or that a run waits to be solved.
    `certificate` is that of the chosen end, or of dual-first until one is chosen. `version` rises with each step, and
    the `ETag` with it; send either back to be refused when somebody else was faster.
    """

    run_id: UUID
    cycle_id: UUID
    seed: int
    based_on: UUID | None
    pins: list[Pin]
    fairness: Fairness
    state: RunState
    version: int
    progress: Progress
    exchange: Exchange | None
    chosen: ChosenVariant | None
    certificate: Certificate | None
    people: int
    supply: int
    demand: int
    answer_days: int
    is_searching: bool
    reason: str | None
    reason_text: str | None
    created_at: datetime
    can: list[str]


class Seen(BaseModel):
    """The version of the run that the caller looks at, where it is not said by `If-Match`; else the newest is meant."""

    version: StrictInt | None = None


class Choice(Seen):
    """Which end of the exchange the curator wants, or, as `between`, how many people with both roles."""

    variant: ChosenVariant
    dual: int | None = Field(strict=True, default=None, ge=0)


class Publication(Seen):
    """How to publish: so many working days for each answer, and, if asked for, without the pairs lost since.

    With `without_lost` the run is solved anew from what still stands of its input, if anything was lost.
    """

    answer_days: int = Field(strict=True, default=ANSWER_WORKING_DAYS, ge=1, le=MOST_ANSWER_DAYS)
    without_lost: StrictBool = False


@router.put("/schools/{school}/runs/{run_id}", dependencies=[require("curator")], status_code=202)
async def begin_run(
    request: Request, response: Response, school: str, run_id: UUID, wanted: NewRun, me: Me, told: Tagged
) -> Run:
    """Begin a run: its input is frozen now and solved in the background. A repeat changes nothing (200)."""
    plan = actions.Plan(
        run_id=run_id,
        cycle_id=wanted.cycle_id,
        seed=wanted.seed,
        based_on=wanted.based_on,
        pins=tuple(EnginePin(str(pin.giver_id), str(pin.taker_id), pin.competency) for pin in wanted.pins),
        fairness=FairnessWish(tuple(wanted.fairness.load_costs), wanted.fairness.is_balanced),
    )
    if await actions.begin(db_of(request), school, plan, by=me.me):
        worker_of(request).woken.set()
    else:
        response.status_code = 200
    return await _run(request, school, run_id, told)


@router.get("/schools/{school}/runs/{run_id}", dependencies=[require("curator")])
async def get_run(request: Request, school: str, run_id: UUID, told: Tagged) -> Run:
    """A run as it stands; `ETag` is its version for `If-Match`."""
    return await _run(request, school, run_id, told)


@router.get("/schools/{school}/runs", dependencies=[require("curator")])
async def list_runs(request: Request, school: str, after: After = "", limit: Limit = DEFAULT) -> Page[Run]:
    """The runs of the school, the newest first."""
    before = after_number(after) or LARGEST_NUMBER
    async with db_of(request).transaction(school) as tx:
        rows = await store.runs_before(tx, school, before, limit)
    return page_of(rows, limit, key=lambda row: row["number"], item=lambda row: _shown(request, row))


@router.post("/schools/{school}/runs/{run_id}/cancel", dependencies=[require("curator")])
async def cancel_run(
    request: Request, school: str, run_id: UUID, me: Me, change: Changing, seen: Seen | None = None
) -> Run:
    """Give a run up, also while it is being solved; `run.changed-meanwhile` (409) says what changed meanwhile."""
    with as_seen(change, seen.version if seen else None) as version:
        await actions.cancel(db_of(request), school, run_id, seen=version, by=me.me)
    return await _run(request, school, run_id, change)


@router.post("/schools/{school}/runs/{run_id}/choose", dependencies=[require("curator")])
async def choose_variant(
    request: Request, response: Response, school: str, run_id: UUID, choice: Choice, me: Me, change: Changing
) -> Run:
    """Choose one end of the exchange; it may be chosen anew until the run is published.

    A point between the ends is solved in the background (202); its certificate is stored with the run.
    """
    with as_seen(change, choice.version) as version:
        chosen = actions.Choice(choice.variant, choice.dual, version)
        if await actions.choose(db_of(request), school, run_id, chosen, by=me.me):
            worker_of(request).woken.set()
            response.status_code = 202
    return await _run(request, school, run_id, change)


@router.post("/schools/{school}/runs/{run_id}/publish", dependencies=[require("curator")])
async def publish_run(
    request: Request, school: str, run_id: UUID, me: Me, change: Changing, publication: Publication | None = None
) -> Run:
    """Propose the pairs of the chosen end or point, each to its taker first."""
    asked = publication or Publication()
    with as_seen(change, asked.version) as version:
        wish = publishing.Publication(version, asked.answer_days, asked.without_lost)
        await publishing.publish(db_of(request), school, run_id, wish, by=me.me)
    return await _run(request, school, run_id, change)


async def _run(request: Request, school: str, run_id: UUID, told: Reading) -> Run:
    async with db_of(request).transaction(school) as tx:
        row = await store.run(tx, school, run_id)
    if row is None:
        raise Missing("run.unknown", field="run_id")
    told.tell(tag_of(row["version"]))
    return _shown(request, row)


def _shown(request: Request, row: Row) -> Run:
    is_solved = row["dual_first"] is not None
    certificate = row[(row["chosen"] or "dual-first").replace("-", "_")]
    exchange = {end: row[end] for end in ("dual_first", "coverage_first", "between")}
    return Run.model_validate(
        {
            **row,
            "fairness": row["options"],
            "progress": {"step": row["step"], "share": row["share"]},
            "exchange": exchange if is_solved else None,
            "certificate": certificate,
            "reason_text": say(request, row["reason"]) if row["reason"] else None,
            "can": _CAN.get(RunState(row["state"]), []),
        }
    )
