"""The curator's review of a solved run: the price of an edit before it is made, edits, and taking them back."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from chassis.database import Database, Row, Tx
from chassis.refusals import Conflict, Missing
from services.matching import domain
from services.matching.actions.publishing import edges_of, matches_of
from services.matching.actions.reckoning import Task
from services.matching.actions.versions import run_as_seen, step_to
from services.matching.domain import RunState
from services.matching.engine.beside import Wanted, solve_beside
from services.matching.engine.edits import Change
from services.matching.engine.moves import Moves, moves_between
from services.matching.engine.offers import edges
from services.matching.engine.pins import check_pins
from services.matching.engine.problem import Edge, EdgeKey
from services.matching.store import edits, runs, solving, wishes


@dataclass(frozen=True, slots=True)
class Wish:
    """What a curator wants to change, and as what it is listed: `pin`, `unpin`, `ban`, `unban` or `swap`."""

    kind: str
    change: Change


@dataclass(frozen=True, slots=True)
class Price:
    """What a change would change in one variant of a run, as the run stood at a version."""

    version: int
    variant: str
    moves: Moves


@dataclass(frozen=True, slots=True)
class NewEdit:
    """An edit under an id of the client's own; `seen` is the version of the run that the curator looked at."""

    id: UUID
    wish: Wish
    seen: int | None


async def price(db: Database, school: str, run_id: UUID, wish: Wish, *, variant: str | None) -> Price:
    """The exact price of a change before it is made, by solving the changed task.

    Raises `Conflict` naming both sides if the change contradicts a rule, a pin or a ban.
    """
    async with db.transaction(school) as tx:
        run, task = await _in_review(tx, school, run_id, seen=None)
        matches = edges_of(await matches_of(tx, run, variant))
        await _check(tx, school, run, wish, matches)
    named = variant or run["chosen"] or "dual-first"
    # Away from the event loop, and outside the transaction.
    moves = await asyncio.to_thread(_priced, task, wish.change, named, matches)
    return Price(run["version"], named, moves)


def _priced(task: Task, change: Change, variant: str, matches: Sequence[Edge]) -> Moves:
    changed = replace(task, changes=(*task.changes, change)).instance()
    wanted = Wanted(
        variant="coverage-first" if variant == "coverage-first" else "dual-first",
        dual=task.dual if variant == "between" else None,
        seed=task.seed,
    )
    return moves_between(matches, solve_beside(changed, wanted).matches)


async def make(db: Database, school: str, run_id: UUID, new: NewEdit, *, by: UUID) -> bool:
    """Make an edit: the run is solved anew from its frozen input and all its edits; false when it was made already.

    Raises `Conflict` if the edits could not all be kept, or if somebody else was faster.
    """
    async with db.transaction(school) as tx:
        if (known := await edits.edit(tx, run_id, new.id)) is not None:
            return _same(known, new.wish)
        run, task = await _in_review(tx, school, run_id, seen=new.seen)
        await _check(tx, school, run, new.wish, edges_of(await matches_of(tx, run)))
    await asyncio.to_thread(_check_edits, replace(task, changes=(*task.changes, new.wish.change)))
    same = {"school_id": school, "run_id": run_id, "edit_id": new.id, "kind": new.wish.kind}
    async with db.transaction(school) as tx:
        # Of a click that came twice the second finds the first one's edit.
        await tx.lock(f"review/{run_id}")
        if (known := await edits.edit(tx, run_id, new.id)) is not None:
            return _same(known, new.wish)
        await _solve_anew(tx, run, by=by, what="edited", edit=new.id)
        await edits.add(tx, {**same, "change": new.wish.change.as_json(), "made_at": tx.now, "made_by": by})
    return True


async def take_back(db: Database, school: str, run_id: UUID, edit_id: UUID, *, seen: int | None, by: UUID) -> bool:
    """Take any edit back: the result is that of the run without it; false when it was taken back already."""
    async with db.transaction(school) as tx:
        known = await edits.edit(tx, run_id, edit_id)
        if known is None:
            raise Missing("edit.unknown", field="edit_id")
        if known["undone_at"] is not None:
            return False
        run, _ = await _in_review(tx, school, run_id, seen=seen)
        full = await runs.task(tx, run_id)
        task = await Task.of(tx, full or run, without=edit_id)
    await asyncio.to_thread(_check_edits, task)
    async with db.transaction(school) as tx:
        await _solve_anew(tx, run, by=by, what="undone", edit=edit_id)
        await edits.take_back(tx, run_id, edit_id, by=by)
    return True


async def _in_review(tx: Tx, school: str, run_id: UUID, *, seen: int | None) -> tuple[Row, Task]:
    run = await run_as_seen(tx, school, run_id, seen)
    domain.check_review(RunState(run["state"]))
    full = await runs.task(tx, run_id)
    return run, await Task.of(tx, full or run)


async def _solve_anew(tx: Tx, run: Row, *, by: UUID, what: str, edit: UUID) -> None:
    await step_to(tx, run, RunState.SOLVING, by=by, what=what, edit=edit)
    await solving.enqueue(tx, run["school_id"], run["run_id"])


async def _check(tx: Tx, school: str, run: Row, wish: Wish, matches: Sequence[Edge]) -> None:
    """A swap exchanges two pairs of the result; a ban that stands in the school is lifted there, not in a run."""
    if wish.kind == "swap":
        _refuse_others(wish.change.unpin, {edge.key for edge in matches})
    for giver, taker in wish.change.unban:
        if await wishes.is_forbidden(tx, school, run["cycle_id"], UUID(giver), UUID(taker)):
            raise Conflict("edit.still-banned", field="unban", giver=giver, taker=taker)


def _refuse_others(pairs: Sequence[EdgeKey], found: set[EdgeKey]) -> None:
    for giver, taker, competency in pairs:
        if (giver, taker, competency) not in found:
            raise Conflict("edit.not-in-result", field="swap", giver=giver, taker=taker, competency=competency)


def _check_edits(task: Task) -> None:
    """Edits that cannot all be kept are refused before anything is written, with both sides of the conflict."""
    instance = task.instance()
    if instance.pins:
        check_pins(instance, edges(replace(instance, pins=())))


def _same(known: Row, wish: Wish) -> bool:
    if (known["kind"], known["change"]) != (wish.kind, wish.change.as_json()):
        raise Conflict("edit.id-taken", field="edit_id")
    return False
