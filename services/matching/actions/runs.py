"""Runs: begun, cancelled, chosen, published. Of two curators at once exactly one wins, by the run's version."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID, uuid5

from chassis.database import Database, Row, Tx
from chassis.refusals import Conflict, Invalid, Missing
from contracts.matching import PairingProposed
from services.matching import domain
from services.matching.actions.tasks import task_of
from services.matching.domain import PairingState, RunState
from services.matching.engine.certificate import Variant
from services.matching.engine.exact import broken_limits
from services.matching.engine.offers import edges
from services.matching.engine.pins import check_pins
from services.matching.engine.problem import Edge, Instance, Pin
from services.matching.engine.rules import edges_no_more
from services.matching.store import knowledge, pairings, runs, solving

VARIANTS: tuple[Variant, ...] = ("dual-first", "coverage-first")
WAITING = "waiting"
_MOST_PAIRS = 100_000
_NAMED_PAIRS = 20


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
            return _same(known, plan)
        await _check_cycle(tx, school, plan.cycle_id)
        instance = await task_of(tx, school, plan.cycle_id, plan.pins)
    if instance.pins:
        # All edges of a large school take a while: away from the event loop, and outside the transaction.
        await asyncio.to_thread(_check_pins, instance)
    async with db.transaction(school) as tx:
        if plan.based_on is not None:
            await _supersede(tx, school, plan)
        if not await runs.add(tx, _new_row(school, plan, instance, by=by) | {"created_at": tx.now}):
            known = await runs.run(tx, school, plan.run_id)
            return _same(known, plan)
        await solving.enqueue(tx, school, plan.run_id)
    return True


def _same(known: Row | None, plan: Plan) -> bool:
    """False: the same run again is nothing new; another content, or another school's run, is a `Conflict`."""
    asked = (plan.cycle_id, plan.seed, plan.based_on, plan.pin_rows)
    if known is None or (known["cycle_id"], known["seed"], known["based_on"], known["pins"]) != asked:
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


async def _supersede(tx: Tx, school: str, plan: Plan) -> None:
    if plan.based_on is None:
        return
    old = await runs.run(tx, school, plan.based_on)
    if old is None:
        raise Missing("run.unknown", field="based_on")
    if old["cycle_id"] != plan.cycle_id:
        raise Invalid("run.other-cycle", field="based_on")
    await _move(tx, old, RunState.SUPERSEDED)


async def cancel(db: Database, school: str, run_id: UUID, *, seen: int | None) -> None:
    """Give a run up before it is published; a worker that solves it stops."""
    async with db.transaction(school) as tx:
        # The queue first, as the worker does when it is done: so neither waits for the other for ever.
        await solving.remove(tx, run_id)
        run = await _run_as_seen(tx, school, run_id, seen)
        await _move(tx, run, RunState.CANCELLED)


async def choose(db: Database, school: str, run_id: UUID, variant: Variant, *, seen: int | None) -> None:
    """Store which end of the exchange the curator wants; a repeat changes nothing."""
    async with db.transaction(school) as tx:
        run = await _run_as_seen(tx, school, run_id, seen)
        domain.check_choice(RunState(run["state"]))
        if run["chosen"] != variant and not await runs.choose(tx, run_id, variant, seen=run["version"]):
            await _refuse_second(tx, run_id)


async def publish(db: Database, school: str, run_id: UUID, *, seen: int | None) -> int:
    """Propose the pairs of the chosen end, each to its taker first; returns how many.

    What has changed since the input was frozen is looked at again: a run with a pair that the rules no longer
    allow is refused as a whole, and the curator solves anew.
    """
    async with db.transaction(school) as tx:
        run = await _run_as_seen(tx, school, run_id, seen)
        await tx.lock(f"publish/{school}/{run['cycle_id']}")
        domain.step(RunState(run["state"]), RunState.PUBLISHED)
        if run["chosen"] is None:
            raise Conflict("run.nothing-chosen", field="variant", variants=[str(variant) for variant in VARIANTS])
        matches = await runs.matches_after(tx, run_id, run["chosen"], after=0, limit=_MOST_PAIRS)
        await _refuse_outdated(tx, school, run["cycle_id"], matches)
        await _move(tx, run, RunState.PUBLISHED)
        await _propose(tx, school, run, matches)
    return len(matches)


async def _refuse_outdated(tx: Tx, school: str, cycle: UUID, matches: Sequence[Row]) -> None:
    wanted = [Edge(str(row["giver_id"]), str(row["taker_id"]), row["competency"], row["score"]) for row in matches]
    now = await task_of(tx, school, cycle)
    gone = edges_no_more(now, (edge.key for edge in wanted))
    limits = broken_limits(now, wanted)
    if gone or limits:
        named = [{"giver": giver, "taker": taker, "competency": code} for giver, taker, code in gone[:_NAMED_PAIRS]]
        raise Conflict("run.outdated", pairs=named, gone=len(gone), limits=limits)


async def _propose(tx: Tx, school: str, run: Row, matches: Sequence[Row]) -> None:
    rows = [
        {
            "giver_school": school,
            "taker_school": school,
            "pairing_id": uuid5(run["run_id"], f"{row['giver_id']}/{row['taker_id']}/{row['competency']}"),
            "run_id": run["run_id"],
            "cycle_id": run["cycle_id"],
            "giver_id": row["giver_id"],
            "taker_id": row["taker_id"],
            "competency": row["competency"],
            "first_slot": row["first_slot"],
            "state": PairingState.PROPOSED.value,
            "asked_at": tx.now,
            "expires_at": domain.expires_at(tx.now),
            "is_completed": False,
            "revision": 1,
        }
        for row in matches
    ]
    await pairings.add(tx, rows)
    for row in rows:
        await tx.emit(PairingProposed.model_validate({**row, "occurred_at": tx.now}))


async def _run_as_seen(tx: Tx, school: str, run_id: UUID, seen: int | None) -> Row:
    run = await runs.run(tx, school, run_id)
    if run is None:
        raise Missing("run.unknown", field="run_id")
    if seen is not None and seen != run["version"]:
        raise _changed(run)
    return run


async def _move(tx: Tx, run: Row, to: RunState) -> None:
    domain.step(RunState(run["state"]), to)
    if not await runs.move(tx, run["run_id"], to, seen=run["version"]):
        await _refuse_second(tx, run["run_id"])


async def _refuse_second(tx: Tx, run_id: UUID) -> None:
    """Somebody else moved the run between our look and our step: they won, and the answer says where it stands."""
    now = await runs.locked(tx, run_id)
    if now is None:
        raise Missing("run.unknown", field="run_id")
    raise _changed(now)


def _changed(run: Row) -> Conflict:
    state = RunState(run["state"])
    return Conflict(
        "run.changed-meanwhile",
        field="version",
        state=state.value,
        legal=domain.legal_steps(state),
        version=run["version"],
    )
