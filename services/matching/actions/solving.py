"""The worker: solves waiting runs one after the other in a thread, off the event loop.

The next worker begins the frozen input of one that died anew, which gives the same result. After three such deaths
the run has failed (`run.worker-lost`). A published run that waits is one whose proposals were declined: the worker
looks for the next best.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from chassis.database import Database, Row, Tx
from chassis.turns import LeasedWorker
from contracts.matching import RunFinished
from services.matching.actions import cascade, pairings
from services.matching.actions.cascade import NextBest
from services.matching.actions.reckoning import Found, Task, Watch, keep, reckon
from services.matching.domain import RunState, step
from services.matching.engine.errors import NotProved
from services.matching.store import NOBODY, edits, runs, solving

DONE = "done"
_WORKED_AT = frozenset({RunState.SOLVING, RunState.PUBLISHED})

T = TypeVar("T")


@dataclass(slots=True)
class Worker(LeasedWorker):
    """One process's worker; `pricing` lets one price at a time be reckoned.

    So curators who ask for many prices leave room for the runs.
    """

    leases = solving.LEASES
    lost = "run.worker-lost"
    broken = "run.solver-failed"

    pricing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def serve(self, db: Database, claim: Row) -> None:
        """Solve a run, or look for the next best of one that is published."""
        school, run_id = claim["school_id"], claim["run_id"]
        async with db.transaction(school) as tx:
            run = await runs.task(tx, run_id)
            if run is None or run["state"] not in _WORKED_AT:
                await self.release(tx, claim)
                return
            task = await Task.of(tx, run)
            gap = await cascade.gap_of(tx, school, run) if run["state"] == RunState.PUBLISHED else None
        try:
            if gap is not None:
                await self._propose(db, run, await self._watched(db, run, lambda watch: cascade.next_best(gap, watch)))
            else:
                await self._finish(db, run, await self._watched(db, run, lambda watch: reckon(task, watch)))
        except NotProved:
            await self.fail(db, claim, "run.not-proved")

    async def fail(self, db: Database, claim: Row, reason: str) -> None:
        """Note why a run was not solved."""
        async with db.transaction(claim["school_id"]) as tx:
            if await self.release(tx, claim):
                await _conclude(tx, claim["run_id"], RunState.FAILED, reason=reason)

    async def _watched(self, db: Database, run: Row, work: Callable[[Watch], T]) -> T:
        """Work in a thread; the run is held meanwhile and says how far it is."""
        watch = Watch()

        async def say() -> None:
            async with db.transaction(run["school_id"]) as tx:
                await self.beat(tx, run)
                if run["state"] == RunState.SOLVING:
                    await runs.save_progress(tx, run["run_id"], step=watch.step, share=watch.share)

        return await self.held(asyncio.create_task(asyncio.to_thread(work, watch)), say, stop=watch.stop)

    async def _finish(self, db: Database, run: Row, found: Found) -> None:
        """Keep what was found, unless the run was cancelled or taken over meanwhile."""
        school, run_id = run["school_id"], run["run_id"]
        async with db.transaction(school) as tx:
            if not await self.release(tx, run):
                return
            await keep(tx, school, run, found)
            # A district's run belongs to no cycle: nothing follows from it until two curators agree.
            if await _conclude(tx, run_id, RunState.REVIEW) and run["cycle_id"] != NOBODY:
                await tx.emit(_finished(tx, run, found))

    async def _propose(self, db: Database, run: Row, found: NextBest) -> None:
        """Propose the next best, unless more has become free meanwhile."""
        school, run_id = run["school_id"], run["run_id"]
        async with db.transaction(school) as tx:
            if not await self.release(tx, run):
                return
            if not await cascade.propose_next_best(tx, school, run, found):
                await solving.enqueue(tx, school, run_id, is_next_best=True)
            await pairings.settle(tx, [run_id])


def _finished(tx: Tx, run: Row, found: Found) -> RunFinished:
    best = found.ends["dual-first"].solution.certificate
    return RunFinished(
        school_id=run["school_id"],
        run_id=run["run_id"],
        cycle_id=run["cycle_id"],
        dual=best.dual,
        covered=best.covered,
        score=best.score,
        people=run["people"],
        # A run is finished anew after each edit; the version of a solved run is at least two.
        revision=run["version"],
        occurred_at=tx.now,
    )


async def _conclude(tx: Tx, run_id: UUID, to: RunState, *, reason: str | None = None) -> bool:
    """The end of solving; false for a run that is past it, as one is that only looked for the next best."""
    now = await runs.locked(tx, run_id)
    if now is None or now["state"] != RunState.SOLVING:
        return False
    await runs.move(tx, run_id, step(RunState(now["state"]), to), seen=now["version"], reason=reason)
    await runs.save_progress(tx, run_id, step=DONE, share=1.0)
    await edits.note(tx, run_id, "solved" if to is RunState.REVIEW else to, by=None)
    return True
