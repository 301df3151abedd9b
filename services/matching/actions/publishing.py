"""Publication: the chosen pairs are proposed, each to its taker first, once they have been looked at again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from chassis.database import Database, Row, Tx
from chassis.refusals import Conflict
from contracts.matching import PairingProposed
from services.matching import domain
from services.matching.actions.reckoning import Found, Task, Watch, keep, reckon
from services.matching.actions.tasks import task_of
from services.matching.actions.versions import run_as_seen, step_to
from services.matching.domain import PairingState, RunState
from services.matching.engine.edits import Change
from services.matching.engine.problem import Edge, Instance, thaw
from services.matching.engine.standing import LostPair, lost_pairs, narrowed
from services.matching.store import edits, pairings, runs

VARIANTS = ("dual-first", "coverage-first", "between")
WITHOUT_LOST = "without-lost"
_MOST_PAIRS = 100_000
_NAMED_PAIRS = 20


@dataclass(frozen=True, slots=True)
class Publication:
    """How a curator publishes: the version seen, the days for an answer, and whether without the pairs lost since."""

    seen: int | None = None
    answer_days: int = domain.ANSWER_WORKING_DAYS
    without_lost: bool = False


async def publish(db: Database, school: str, run_id: UUID, wish: Publication, *, by: UUID) -> None:
    """Propose the pairs of the chosen end or point.

    What has changed since the input was frozen is looked at again: a run with a pair that the rules no longer allow
    is refused with those pairs. Without them it is solved anew from what still stands of its input, as one more
    edit, and that result is published.
    """
    anew = await _anew(db, school, run_id, wish) if wish.without_lost else None
    async with db.transaction(school) as tx:
        run = await run_as_seen(tx, school, run_id, anew.version if anew else wish.seen)
        await tx.lock(f"publish/{school}/{run['cycle_id']}")
        domain.step(RunState(run["state"]), RunState.PUBLISHED)
        _refuse_unchosen(run)
        edit = await _keep_anew(tx, school, run, anew, by=by) if anew else None
        matches = await matches_of(tx, run)
        _refuse_lost(lost_pairs(edges_of(matches), await task_of(tx, school, run["cycle_id"])))
        await runs.give_days(tx, run_id, wish.answer_days)
        await step_to(tx, run, RunState.PUBLISHED, by=by, edit=edit)
        await propose(tx, school, {**run, "answer_days": wish.answer_days}, matches)


async def lost_of(tx: Tx, school: str, run: Row) -> tuple[LostPair, ...]:
    """The pairs of a run's result that have been lost since its input was frozen."""
    now = await task_of(tx, school, run["cycle_id"])
    return lost_pairs(edges_of(await matches_of(tx, run)), now)


async def matches_of(tx: Tx, run: Row, variant: str | None = None) -> Sequence[Row]:
    """The pairs of one variant, else of the chosen one, else of dual-first."""
    wanted = variant or run["chosen"] or "dual-first"
    return await runs.matches_after(tx, run["run_id"], wanted, after=0, limit=_MOST_PAIRS)


def edges_of(matches: Sequence[Row]) -> list[Edge]:
    """Stored pairs as the engine knows them."""
    return [Edge(str(row["giver_id"]), str(row["taker_id"]), row["competency"], row["score"]) for row in matches]


def _refuse_unchosen(run: Row) -> None:
    if run["chosen"] is None:
        raise Conflict("run.nothing-chosen", field="variant", variants=list(VARIANTS))


def _refuse_lost(lost: Sequence[LostPair]) -> None:
    if lost:
        pairs = [
            {"giver": pair.edge[0], "taker": pair.edge[1], "competency": pair.edge[2], "loss": pair.loss.value}
            for pair in lost[:_NAMED_PAIRS]
        ]
        raise Conflict("run.outdated", field="without_lost", pairs=pairs, gone=len(lost))


@dataclass(frozen=True, slots=True)
class _Anew:
    """A run's result from what still stands of its input, for the version of the run that was seen."""

    version: int
    change: Change
    found: Found


async def _anew(db: Database, school: str, run_id: UUID, wish: Publication) -> _Anew | None:
    """Solve without what was lost; nothing if nothing was."""
    async with db.transaction(school) as tx:
        run = await run_as_seen(tx, school, run_id, wish.seen)
        domain.check_review(RunState(run["state"]))
        now = await task_of(tx, school, run["cycle_id"])
        if not lost_pairs(edges_of(await matches_of(tx, run)), now):
            return None
        full = await runs.task(tx, run_id)
        task = await Task.of(tx, full or run)
    # Away from the event loop, and outside the transaction.
    return await asyncio.to_thread(_reckon_anew, run["version"], task, now)


def _reckon_anew(version: int, task: Task, now: Instance) -> _Anew:
    change = Change(stands=narrowed(thaw(task.canonical), now))
    return _Anew(version, change, reckon(replace(task, changes=(*task.changes, change)), Watch()))


async def _keep_anew(tx: Tx, school: str, run: Row, anew: _Anew, *, by: UUID) -> UUID:
    """The result without what was lost takes the place of the old one, as the last edit of the run."""
    edit = uuid5(run["run_id"], f"{WITHOUT_LOST}/{anew.version}")
    same = {"school_id": school, "run_id": run["run_id"], "edit_id": edit, "kind": WITHOUT_LOST}
    await edits.add(tx, {**same, "change": anew.change.as_json(), "made_at": tx.now, "made_by": by})
    await keep(tx, school, run, anew.found)
    if run["chosen"] not in anew.found.ends:
        ends = [anew.found.ends[name].solution.certificate.dual for name in VARIANTS[:2]]
        raise Conflict("matching.dual-out-of-range", field="dual", least=min(ends), most=max(ends))
    return edit


async def propose(tx: Tx, school: str, run: Row, matches: Sequence[Row]) -> None:
    """Propose pairs in a run, each to its taker first."""
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
            "expires_at": domain.expires_at(tx.now, days=run["answer_days"]),
            "answer_days": run["answer_days"],
            "is_completed": False,
            "revision": 1,
        }
        for row in matches
    ]
    await pairings.add(tx, rows)
    for row in rows:
        await tx.emit(PairingProposed.model_validate({**row, "occurred_at": tx.now}))
