"""Orders of psychometrics: gathered school by school, computed in a thread, kept as figures only.

An order that is being worked on is leased. A worker that is stopped in order hands it back; the lease of one that
died ends by itself, and the next worker begins anew. After three such deaths the order has failed.
"""

import asyncio
import logging
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from chassis.database import Database, Row, is_transient
from chassis.refusals import Missing
from chassis.turns import take_turn
from services.diagnostics import domain, store
from services.diagnostics.domain import Catalogue, Gathered, Instruments, OrderState
from services.diagnostics.store.psychometrics import Progress

LEASE_SECONDS = 30.0
BEAT_SECONDS = 1.0
IDLE_SECONDS = 5.0
CLAIMS = 3
SCHOOLS_AT_ONCE = 50

log = logging.getLogger("neo.diagnostics")


class OrderLost(Exception):
    """The order is no longer this worker's: it was cancelled, or taken over."""


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


@dataclass(slots=True)
class PsychometricsWorker:
    """One process's worker; `woken` tells it that an order waits, else it looks every few seconds."""

    instruments: Instruments
    id: UUID = field(default_factory=uuid4)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def turn(self, db: Database) -> None:
        """Wait until there may be work, then work until there is none."""

        async def serve_next() -> bool:
            claim = await self._claim(db)
            if claim is not None:
                await self._serve(db, claim)
            return claim is not None

        async def hand_back() -> None:
            async with db.transaction() as tx:
                await store.psychometrics.hand_back(tx, self.id)

        await take_turn(self.woken, idle_seconds=IDLE_SECONDS, serve_next=serve_next, hand_back=hand_back)

    async def _claim(self, db: Database) -> Row | None:
        async with db.transaction() as tx:
            return await store.psychometrics.claim(tx, self.id, lease_seconds=LEASE_SECONDS)

    async def _serve(self, db: Database, claim: Row) -> None:
        order_id = claim["order_id"]
        try:
            if claim["claims"] > CLAIMS:
                await self._end(db, order_id, reason="psychometrics.worker-lost")
                return
            gathered, progress = await self._gather(db, order_id, version=claim["catalogue_version"])
            figures = await self._compute(db, order_id, gathered, progress=progress)
            await self._end(db, order_id, figures=figures)
        except OrderLost:
            return
        except Exception as error:
            # The database's own trouble is no fault of the order: its lease ends, and it is begun anew.
            if is_transient(error):
                raise
            log.error("psychometrics failed", exc_info=error, extra={"order": str(order_id)})
            await self._end(db, order_id, reason="psychometrics.failed")

    async def _gather(self, db: Database, order_id: UUID, *, version: str) -> tuple[Gathered, Progress]:
        gathered, school = Gathered(), ""
        async with db.transaction() as tx:
            progress = Progress(OrderState.COLLECTING, await store.psychometrics.how_many_schools(tx), 0)
        while True:
            await self._beat(db, order_id, progress)
            async with db.transaction() as tx:
                page = await store.psychometrics.schools_after(tx, school, limit=SCHOOLS_AT_ONCE)
            if not page:
                return gathered, progress
            for school in page:
                await _gather_school(db, self.instruments, gathered, school=school, version=version)
            done = progress.schools_done + len(page)
            progress = replace(progress, schools_done=done, schools=max(done, progress.schools))

    async def _compute(self, db: Database, order_id: UUID, gathered: Gathered, *, progress: Progress) -> dict[str, Any]:
        watch = _Watch()
        work = asyncio.create_task(asyncio.to_thread(_figures, gathered, self.instruments, watch, seed=order_id.int))
        now = replace(progress, state=OrderState.COMPUTING, parts=gathered.parts)
        try:
            while not (await asyncio.wait({work}, timeout=BEAT_SECONDS))[0]:
                await self._beat(db, order_id, replace(now, parts_done=watch.done))
            figures = work.result()
            await self._beat(db, order_id, replace(now, parts_done=now.parts))
            return figures
        finally:
            # Whoever stops waiting stops the thread as well.
            watch.is_over = True
            await asyncio.gather(work, return_exceptions=True)

    async def _beat(self, db: Database, order_id: UUID, progress: Progress) -> None:
        async with db.transaction() as tx:
            if not await store.psychometrics.beat(tx, order_id, self.id, progress):
                raise OrderLost

    async def _end(
        self, db: Database, order_id: UUID, *, figures: dict[str, Any] | None = None, reason: str | None = None
    ) -> None:
        async with db.transaction() as tx:
            await store.psychometrics.end(tx, order_id, self.id, figures=figures, reason=reason)


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
            raise OrderLost
        watch.done += 1
        if figure is None:
            found["hidden"] += 1
        else:
            found[kind].append(figure)
    return found
