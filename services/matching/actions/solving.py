"""The worker: solves waiting runs one after the other in a thread, off the event loop.

A run that is being solved is leased. A worker that is stopped in order hands its run back; the lease of one that
died ends by itself, and the next worker begins the frozen input anew, which gives the same result. After three
such deaths the run has failed (`run.worker-lost`).
"""

import asyncio
import logging
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from chassis.database import Database, Row, Tx, is_transient
from chassis.refusals import Refusal
from contracts.matching import RunFinished
from services.matching.domain import RunState, step
from services.matching.engine.apart import exchange_apart
from services.matching.engine.certificate import Variant
from services.matching.engine.errors import Cancelled, NotProved
from services.matching.engine.problem import EdgeKey, Instance, thaw
from services.matching.engine.reasons import PairFacts, UnmetNeed, network_facts, unmet_needs
from services.matching.engine.solve import Solution
from services.matching.store import runs, solving

LEASE_SECONDS = 20.0
BEAT_SECONDS = 0.5
IDLE_SECONDS = 2.0
CLAIMS = 3
DONE = "done"

log = logging.getLogger("neo.matching")


@dataclass(frozen=True, slots=True)
class _End:
    """One end of the exchange with what is said of it."""

    solution: Solution
    facts: tuple[PairFacts, ...]
    unmet: tuple[UnmetNeed, ...]

    @classmethod
    def of(cls, instance: Instance, solution: Solution) -> "_End":
        matches = solution.matches
        return cls(solution, network_facts(instance, matches), unmet_needs(instance, matches))


@dataclass(frozen=True, slots=True)
class _Result:
    """Both ends, and the input that they are for."""

    instance: Instance
    ends: dict[Variant, _End]


@dataclass(slots=True)
class _Watch:
    """What the solving thread and the event loop tell each other: how far, and whether to stop."""

    step: str = "building"
    share: float = 0.0
    is_over: bool = False

    def hear(self, step: str, share: float) -> None:
        self.step, self.share = step, share

    def is_cancelled(self) -> bool:
        return self.is_over


@dataclass(slots=True)
class Worker:
    """One process's worker; `woken` tells it that a run waits, else it looks every two seconds."""

    id: UUID = field(default_factory=uuid4)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def turn(self, db: Database) -> None:
        """Wait until there may be work, then solve until there is none."""
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await self.woken.wait()
        except TimeoutError:
            pass
        self.woken.clear()
        try:
            while (claim := await self._claim(db)) is not None:
                await self._serve(db, claim)
        except asyncio.CancelledError:
            async with db.transaction() as tx:
                await solving.hand_back(tx, self.id)
            raise

    async def _claim(self, db: Database) -> Row | None:
        async with db.transaction() as tx:
            return await solving.claim(tx, self.id, lease_seconds=LEASE_SECONDS)

    async def _serve(self, db: Database, claim: Row) -> None:
        school, run_id = claim["school_id"], claim["run_id"]
        if claim["claims"] > CLAIMS:
            await self._fail(db, school, run_id, reason="run.worker-lost")
            return
        try:
            await self._finish(db, school, run_id, await self._solve(db, school, run_id))
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

    async def _solve(self, db: Database, school: str, run_id: UUID) -> _Result:
        async with db.transaction(school) as tx:
            task = await runs.task(tx, run_id)
        if task is None:
            raise Cancelled
        watch = _Watch()
        work = asyncio.create_task(asyncio.to_thread(_reckon, task["instance"], task["seed"], watch))
        try:
            while not (await asyncio.wait({work}, timeout=BEAT_SECONDS))[0]:
                await self._beat(db, school, run_id, watch)
            return work.result()
        finally:
            # Whoever stops waiting stops the thread as well.
            watch.is_over = True
            await asyncio.gather(work, return_exceptions=True)

    async def _beat(self, db: Database, school: str, run_id: UUID, watch: _Watch) -> None:
        async with db.transaction(school) as tx:
            if not await solving.beat(tx, run_id, self.id):
                watch.is_over = True
                return
            await runs.save_progress(tx, run_id, step=watch.step, share=watch.share)

    async def _fail(self, db: Database, school: str, run_id: UUID, *, reason: str) -> None:
        async with db.transaction(school) as tx:
            if await solving.release(tx, run_id, self.id):
                await _conclude(tx, run_id, RunState.FAILED, reason=reason)

    async def _finish(self, db: Database, school: str, run_id: UUID, result: _Result) -> None:
        """Keep what was found, unless the run was cancelled or taken over meanwhile."""
        async with db.transaction(school) as tx:
            if not await solving.release(tx, run_id, self.id):
                return
            run = await runs.run(tx, school, run_id)
            if run is None:
                return
            await _keep(tx, school, run_id, result)
            await _conclude(tx, run_id, RunState.REVIEW)
            best = result.ends["dual-first"].solution.certificate
            await tx.emit(
                RunFinished(
                    school_id=school,
                    run_id=run_id,
                    cycle_id=run["cycle_id"],
                    dual=best.dual,
                    covered=best.covered,
                    score=best.score,
                    people=run["people"],
                    occurred_at=tx.now,
                )
            )


def _reckon(canonical: str, seed: int, watch: _Watch) -> _Result:
    instance = thaw(canonical)
    both = exchange_apart(instance, seed=seed, on_progress=watch.hear, is_cancelled=watch.is_cancelled)
    return _Result(
        instance,
        {
            "dual-first": _End.of(instance, both.dual_first),
            "coverage-first": _End.of(instance, both.coverage_first),
        },
    )


async def _conclude(tx: Tx, run_id: UUID, to: RunState, *, reason: str | None = None) -> None:
    now = await runs.locked(tx, run_id)
    if now is None:
        return
    await runs.move(tx, run_id, step(RunState(now["state"]), to), seen=now["version"], reason=reason)
    await runs.save_progress(tx, run_id, step=DONE, share=1.0)


async def _keep(tx: Tx, school: str, run_id: UUID, result: _Result) -> None:
    dual_first, coverage_first = (result.ends[end].solution.certificate for end in ("dual-first", "coverage-first"))
    await runs.certify(tx, run_id, dual_first=dual_first.as_json(), coverage_first=coverage_first.as_json())
    for variant, end in result.ends.items():
        same: dict[str, object] = {"school_id": school, "run_id": run_id, "variant": variant}
        pins = {pin.key for pin in result.instance.pins}
        await runs.add_found(tx, found=_found(end, pins, same), missed=_missed(end, same))


def _found(end: _End, pins: Set[EdgeKey], same: Mapping[str, object]) -> list[dict[str, object]]:
    return [
        {
            **same,
            "place": place,
            "giver_id": UUID(edge.giver),
            "taker_id": UUID(edge.taker),
            "competency": edge.competency,
            "score": edge.score,
            "is_pinned": edge.key in pins,
            "first_slot": facts.first_slot,
        }
        for place, (edge, facts) in enumerate(zip(end.solution.matches, end.facts, strict=True), start=1)
    ]


def _missed(end: _End, same: Mapping[str, object]) -> list[dict[str, object]]:
    return [
        {
            **same,
            "place": place,
            "person_id": UUID(need.person),
            "competency": need.competency,
            "rule": need.rule.value,
        }
        for place, need in enumerate(end.unmet, start=1)
    ]
