"""The worker: solves waiting runs one after the other in a thread, off the event loop.

A run that is being solved is leased. A worker that is stopped in order hands its run back; the lease of one that
died ends by itself, and the next worker begins the frozen input anew, which gives the same result. After three
such deaths the run has failed (`run.worker-lost`). A published run that waits is one whose proposals were declined:
the worker looks for the next best.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID, uuid4

from chassis.database import Database, Row, Tx, is_transient
from chassis.refusals import Refusal
from chassis.turns import take_turn
from contracts.matching import RunFinished
from services.matching.actions import cascade, pairings
from services.matching.actions.cascade import NextBest
from services.matching.actions.reckoning import Found, Task, Watch, keep, reckon
from services.matching.domain import RunState, step
from services.matching.engine.errors import Cancelled, NotProved
from services.matching.store import NOBODY, edits, runs, solving

LEASE_SECONDS = 20.0
BEAT_SECONDS = 0.5
IDLE_SECONDS = 2.0
CLAIMS = 3
DONE = "done"
_WORKED_AT = frozenset({RunState.SOLVING, RunState.PUBLISHED})

log = logging.getLogger("neo.matching")

T = TypeVar("T")


@dataclass(slots=True)
class Worker:
    """One process's worker; `woken` tells it that a run waits, else it looks every two seconds.

    `pricing` lets one price at a time be reckoned, so that curators who ask for many leave room for the runs.
    """

    id: UUID = field(default_factory=uuid4)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    pricing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def turn(self, db: Database) -> None:
        """Wait until there may be work, then solve until there is none."""

        async def serve_next() -> bool:
            claim = await self._claim(db)
            if claim is not None:
                await self._serve(db, claim)
            return claim is not None

        async def hand_back() -> None:
            async with db.transaction() as tx:
                await solving.hand_back(tx, self.id)

        await take_turn(self.woken, idle_seconds=IDLE_SECONDS, serve_next=serve_next, hand_back=hand_back)

    async def _claim(self, db: Database) -> Row | None:
        async with db.transaction() as tx:
            return await solving.claim(tx, self.id, lease_seconds=LEASE_SECONDS)

    async def _serve(self, db: Database, claim: Row) -> None:
        school, run_id = claim["school_id"], claim["run_id"]
        if claim["claims"] > CLAIMS:
            await self._fail(db, school, run_id, reason="run.worker-lost")
            return
        try:
            await self._find(db, school, run_id)
        except Cancelled:
            return
        except Refusal as refusal:
            await self._fail(db, school, run_id, reason=refusal.slug)
        except NotProved:
            await self._fail(db, school, run_id, reason="run.not-proved")
        except Exception as error:
            # The database's own trouble is no fault of the run: its lease ends, and it is begun anew.
            if is_transient(error):
                raise
            log.error("solver failed", exc_info=error, extra={"run": str(run_id)})
            await self._fail(db, school, run_id, reason="run.solver-failed")

    async def _find(self, db: Database, school: str, run_id: UUID) -> None:
        """Solve a run, or look for the next best of one that is published."""
        async with db.transaction(school) as tx:
            run = await runs.task(tx, run_id)
            if run is None or run["state"] not in _WORKED_AT:
                await solving.release(tx, run_id, self.id)
                return
            task = await Task.of(tx, run)
            gap = await cascade.gap_of(tx, school, run) if run["state"] == RunState.PUBLISHED else None
        if gap is not None:
            found = await self._watched(db, run, lambda watch: cascade.next_best(gap, watch))
            await self._propose(db, run, found)
            return
        await self._finish(db, run, await self._watched(db, run, lambda watch: reckon(task, watch)))

    async def _watched(self, db: Database, run: Row, work: Callable[[Watch], T]) -> T:
        """Work in a thread; the run is held meanwhile and says how far it is."""
        watch = Watch()
        working = asyncio.create_task(asyncio.to_thread(work, watch))
        try:
            while not (await asyncio.wait({working}, timeout=BEAT_SECONDS))[0]:
                await self._beat(db, run, watch)
            return working.result()
        finally:
            # Whoever stops waiting stops the thread as well.
            watch.is_over = True
            await asyncio.gather(working, return_exceptions=True)

    async def _beat(self, db: Database, run: Row, watch: Watch) -> None:
        async with db.transaction(run["school_id"]) as tx:
            if not await solving.beat(tx, run["run_id"], self.id):
                watch.is_over = True
            elif run["state"] == RunState.SOLVING:
                await runs.save_progress(tx, run["run_id"], step=watch.step, share=watch.share)

    async def _fail(self, db: Database, school: str, run_id: UUID, *, reason: str) -> None:
        async with db.transaction(school) as tx:
            if await solving.release(tx, run_id, self.id):
                await _conclude(tx, run_id, RunState.FAILED, reason=reason)

    async def _finish(self, db: Database, run: Row, found: Found) -> None:
        """Keep what was found, unless the run was cancelled or taken over meanwhile."""
        school, run_id = run["school_id"], run["run_id"]
        async with db.transaction(school) as tx:
            if not await solving.release(tx, run_id, self.id):
                return
            await keep(tx, school, run, found)
            # A district's run belongs to no cycle: nothing follows from it until two curators agree.
            if await _conclude(tx, run_id, RunState.REVIEW) and run["cycle_id"] != NOBODY:
                await tx.emit(_finished(tx, run, found))

    async def _propose(self, db: Database, run: Row, found: NextBest) -> None:
        """Propose the next best, unless more has become free meanwhile."""
        school, run_id = run["school_id"], run["run_id"]
        async with db.transaction(school) as tx:
            if not await solving.release(tx, run_id, self.id):
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
