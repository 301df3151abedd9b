"""Runs: begun, cancelled, chosen. Of two curators at once exactly one wins, by the run's version."""

import asyncio
from dataclasses import dataclass, field
from typing import TypedDict
from uuid import UUID

from chassis.database import Database, Row, Tx
from chassis.refusals import Conflict, Invalid, Missing
from services.matching import domain
from services.matching.actions.fairness import Fairness, fair
from services.matching.actions.tasks import task_of
from services.matching.actions.versions import refuse_second, run_as_seen, step_to
from services.matching.domain import RunState
from services.matching.engine.offers import edges
from services.matching.engine.pins import check_pins
from services.matching.engine.problem import Instance, Pin
from services.matching.store import edits, knowledge, runs, solving

WAITING = "waiting"


class PinRow(TypedDict):
    """A pin as it is stored."""

    giver_id: str
    taker_id: str
    competency: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a curator asks for: a run of a cycle with a seed and pins; `based_on` is the run that it replaces."""

    run_id: UUID
    cycle_id: UUID
    seed: int
    based_on: UUID | None
    pins: tuple[Pin, ...]
    fairness: Fairness = field(default_factory=Fairness)

    @property
    def pin_rows(self) -> list[PinRow]:
        keys = sorted({pin.key for pin in self.pins})
        return [PinRow(giver_id=giver, taker_id=taker, competency=code) for giver, taker, code in keys]


async def begin(db: Database, school: str, plan: Plan, *, by: UUID) -> bool:
    """Freeze the school's task and ask for it to be solved; false when this very run was begun already.

    Pins that cannot be kept are refused before anything is written. A run that is based on another supersedes it.
    """
    async with db.transaction(school) as tx:
        if (known := await runs.run(tx, school, plan.run_id)) is not None:
            return same(known, plan)
        await _check_cycle(tx, school, plan.cycle_id)
        instance = fair(await task_of(tx, school, plan.cycle_id, plan.pins), plan.fairness)
    if instance.pins:
        # All edges of a large school take a while: away from the event loop, and outside the transaction.
        await asyncio.to_thread(_check_pins, instance)
    async with db.transaction(school) as tx:
        if plan.based_on is not None:
            await _supersede(tx, school, plan, by=by)
        return await add(tx, school, plan, instance, by=by)


async def add(tx: Tx, school: str, plan: Plan, instance: Instance, *, by: UUID) -> bool:
    """Write a run with its frozen input down and queue it; false for a repeat. The place may be a district."""
    if not await runs.add(tx, _new_row(school, plan, instance, by=by) | {"created_at": tx.now}):
        return same(await runs.run(tx, school, plan.run_id), plan)
    await solving.enqueue(tx, school, plan.run_id)
    return True


def same(known: Row | None, plan: Plan) -> bool:
    """False: the same run again is nothing new; another content, or another school's run, is a `Conflict`."""
    asked = (plan.cycle_id, plan.seed, plan.based_on, plan.pin_rows, plan.fairness.as_json())
    if known is None or tuple(known[name] for name in ("cycle_id", "seed", "based_on", "pins", "options")) != asked:
        raise Conflict("run.id-taken", field="run_id")
    return False


async def _check_cycle(tx: Tx, school: str, cycle_id: UUID) -> None:
    cycle = await knowledge.cycle(tx, school, cycle_id)
    if cycle is None or cycle["ends_on"] is None:
        raise Missing("cycle.unknown", field="cycle_id")
    domain.check_cycle(cycle["stage"])


def _check_pins(instance: Instance) -> None:
    check_pins(instance, edges(instance))


def _new_row(school: str, plan: Plan, instance: Instance, *, by: UUID) -> dict[str, object]:
    return {
        "school_id": school,
        "run_id": plan.run_id,
        "cycle_id": plan.cycle_id,
        "seed": plan.seed,
        "based_on": plan.based_on,
        "pins": plan.pin_rows,
        "options": plan.fairness.as_json(),
        "state": domain.step(RunState.DRAFT, RunState.SOLVING).value,
        "version": 1,
        "step": WAITING,
        "share": 0.0,
        "instance": instance.canonical(),
        "input_hash": instance.fingerprint(),
        "people": len(instance.people),
        "supply": len(instance.strengths),
        "demand": len(instance.needs),
        "created_by": by,
    }


async def _supersede(tx: Tx, school: str, plan: Plan, *, by: UUID) -> None:
    if plan.based_on is None:
        return
    old = await runs.run(tx, school, plan.based_on)
    if old is None:
        raise Missing("run.unknown", field="based_on")
    if old["cycle_id"] != plan.cycle_id:
        raise Invalid("run.other-cycle", field="based_on")
    await step_to(tx, old, RunState.SUPERSEDED, by=by)


async def cancel(db: Database, school: str, run_id: UUID, *, seen: int | None, by: UUID) -> None:
    """Give a run up before it is published; a worker that solves it stops."""
    async with db.transaction(school) as tx:
        # The queue first, as the worker does when it is done: so neither waits for the other for ever.
        await solving.LEASES.remove(tx, run_id)
        run = await run_as_seen(tx, school, run_id, seen)
        await step_to(tx, run, RunState.CANCELLED, by=by)


@dataclass(frozen=True, slots=True)
class Choice:
    """One end of the exchange, or the point between them with `dual` people in both roles; `seen` is the version."""

    variant: str
    dual: int | None = None
    seen: int | None = None


async def choose(db: Database, school: str, run_id: UUID, choice: Choice, *, by: UUID) -> bool:
    """Store what the curator wants; a repeat changes nothing. True if a point has still to be solved."""
    async with db.transaction(school) as tx:
        run = await run_as_seen(tx, school, run_id, choice.seen)
        domain.check_choice(RunState(run["state"]))
        if choice.variant == "between" and not _is_known_point(run, choice):
            await _solve_point(tx, school, run, choice, by=by)
            return True
        if run["chosen"] == choice.variant:
            return False
        if not await runs.choose(tx, run_id, choice.variant, seen=run["version"]):
            await refuse_second(tx, run)
        await edits.note(tx, run_id, "chosen", by=by)
    return False


def _is_known_point(run: Row, choice: Choice) -> bool:
    """Is this point solved already? `Conflict` for one beyond the two ends, `Invalid` for none at all."""
    if choice.dual is None:
        raise Invalid("run.point-without-number", field="dual")
    ends = [int(run[end]["dual"]) for end in ("dual_first", "coverage_first")]
    if not min(ends) <= choice.dual <= max(ends):
        raise Conflict("matching.dual-out-of-range", field="dual", least=min(ends), most=max(ends))
    return run["between"] is not None and bool(run["between"]["dual"] == choice.dual)


async def _solve_point(tx: Tx, school: str, run: Row, choice: Choice, *, by: UUID) -> None:
    await runs.want_point(tx, run["run_id"], dual=choice.dual)
    await step_to(tx, run, RunState.SOLVING, by=by, what="chosen")
    await solving.enqueue(tx, school, run["run_id"])
