"""Orders of psychometrics: gathered school by school, computed in a thread, kept as figures only."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from chassis.database import Database, Row
from chassis.refusals import Missing
from chassis.turns import LeasedWorker, LeaseLost, Pace
from services.diagnostics import domain, store
from services.diagnostics.domain import Catalogue, Gathered, Instruments, OrderState
from services.diagnostics.store.psychometrics import Progress

SCHOOLS_AT_ONCE = 50


async def order_psychometrics(db: Database, catalogue: Catalogue, order_id: UUID) -> bool:
    """Ask for figures on the instruments of the catalogue; false when the order stands already."""
    async with db.transaction() as tx:
        return await store.psychometrics.add(tx, order_id, version=catalogue.version)


async def cancel_psychometrics(db: Database, order_id: UUID) -> None:
    """End an order; a repeat changes nothing. Refused as `psychometrics.unknown` or `psychometrics.step-not-legal`."""
    async with db.transaction() as tx:
        if await store.psychometrics.cancel(tx, order_id):
            return
        found = await store.psychometrics.one(tx, order_id)
    if found is None:
        raise Missing("psychometrics.unknown", field="order_id")
    if found["state"] != OrderState.CANCELLED.value:
        domain.check_cancelling(OrderState(found["state"]))


@dataclass(slots=True)
class _Watch:
    """What the computing thread and the event loop tell each other: how far, and whether to stop."""

    done: int = 0
    is_over: bool = False

    def stop(self) -> None:
        self.is_over = True


@dataclass(slots=True)
class PsychometricsWorker(LeasedWorker):
    """One process's worker."""

    leases = store.psychometrics.LEASES
    lost = "psychometrics.worker-lost"
    broken = "psychometrics.failed"
    pace = Pace(lease_seconds=30.0, beat_seconds=1.0, idle_seconds=5.0)

    instruments: Instruments

    async def serve(self, db: Database, claim: Row) -> None:
        """Gather the answers of all schools and find figures in them."""
        gathered, progress = await self._gather(db, claim)
        figures = await self._compute(db, claim, gathered, progress=progress)
        async with db.transaction() as tx:
            await self.release(tx, claim, state=OrderState.DONE.value, figures=figures, finished_at=tx.now)

    async def fail(self, db: Database, claim: Row, reason: str) -> None:
        """Note why there are no figures."""
        async with db.transaction() as tx:
            await self.release(tx, claim, state=OrderState.FAILED.value, reason=reason, finished_at=tx.now)

    async def _gather(self, db: Database, claim: Row) -> tuple[Gathered, Progress]:
        gathered, school = Gathered(), ""
        async with db.transaction() as tx:
            progress = Progress(OrderState.COLLECTING, await store.psychometrics.how_many_schools(tx), 0)
        while True:
            async with db.transaction() as tx:
                await self.beat(tx, claim, **progress.columns)
                page = await store.psychometrics.schools_after(tx, school, limit=SCHOOLS_AT_ONCE)
            if not page:
                return gathered, progress
            for school in page:
                await _gather_school(db, self.instruments, gathered, school=school, version=claim["catalogue_version"])
            done = progress.schools_done + len(page)
            progress = replace(progress, schools_done=done, schools=max(done, progress.schools))

    async def _compute(self, db: Database, claim: Row, gathered: Gathered, *, progress: Progress) -> dict[str, Any]:
        watch, order_id = _Watch(), claim["order_id"]
        work = asyncio.create_task(asyncio.to_thread(_figures, gathered, self.instruments, watch, seed=order_id.int))
        now = replace(progress, state=OrderState.COMPUTING, parts=gathered.parts)

        async def say() -> None:
            async with db.transaction() as tx:
                await self.beat(tx, claim, **replace(now, parts_done=watch.done).columns)

        figures = await self.held(work, say, stop=watch.stop)
        await say()
        return figures


async def _gather_school(
    db: Database, instruments: Instruments, gathered: Gathered, *, school: str, version: str
) -> None:
    """Add the answers of one school, read under that school's own row security and stripped of ids in the query."""
    async with db.transaction(school) as tx:
        campaign = await store.psychometrics.newest_campaign(tx, school, version=version)
        if campaign is None:
            return
        own = await store.psychometrics.own_answers(tx, campaign)
        colleagues = await store.psychometrics.colleagues_answers(tx, campaign)
        tests = await store.psychometrics.tests(tx, campaign)
    for row in own:
        gathered.add_own(instruments.catalogue, row["codes"], row["answers"])
    for row in colleagues:
        gathered.add_colleagues(row["given"])
    for row in tests:
        gathered.add_test(instruments.bank, (row["competency"], row["form"]), row["given"])


def _figures(gathered: Gathered, instruments: Instruments, watch: _Watch, *, seed: int) -> dict[str, Any]:
    found: dict[str, Any] = {"scales": [], "raters": [], "hidden": 0}
    for kind, figure in domain.figures_of(gathered, instruments.catalogue.parameters, seed=seed):
        if watch.is_over:
            raise LeaseLost
        watch.done += 1
        if figure is None:
            found["hidden"] += 1
        else:
            found[kind].append(figure)
    return found
