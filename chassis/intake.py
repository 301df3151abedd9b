"""Intake: facts that have arrived are folded into one transaction of inbox and effect, and only then acknowledged.

If a fold fails, its facts are taken in one by one, so that one bad fact never blocks the others. Trouble of the
infrastructure (the database is away, a serialization failure) is waited out and never counts as an attempt.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Histogram

from chassis.database import Database, Tx, is_transient
from chassis.outbox import count_failure, forget_failures, take_in
from chassis.trace import continue_trace, current_trace
from contracts.event import Event

E = TypeVar("E", bound=Event)
FOLD = 200
LONGEST_PAUSE = 5.0

log = logging.getLogger("neo.intake")

Handler = Callable[[Tx, E], Awaitable[None]]
Gatherer = Callable[[Tx, Sequence[E]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription(Generic[E]):
    """A service hears an event, and this is what it does then: with each fact, or with all that have arrived."""

    event: type[E]
    handler: Handler[E] | Gatherer[E]
    is_gathering: bool = False


def on(event: type[E], handler: Handler[E]) -> Subscription[E]:
    """Declare what a service does when it hears an event."""
    return Subscription(event, handler)


def on_all(event: type[E], handler: Gatherer[E]) -> Subscription[E]:
    """Declare what a service does with all facts of a kind that have arrived: many rows in one statement.

    Only where their order means nothing, or where the statement itself prefers the newer revision.
    """
    return Subscription(event, handler, is_gathering=True)


class HandlerFailed(Exception):
    """A handler could not take a fact in; `attempts` counts how often, across restarts."""

    def __init__(self, event_id: UUID, attempts: int, cause: BaseException) -> None:
        super().__init__(type(cause).__name__)
        self.event_id = event_id
        self.attempts = attempts
        self.cause = cause


class Folds:
    """How many facts each consumer has taken in, and how long its transactions take; counted once per fold.

    FastStream's own middleware counts each message six times over, a tenth of what a listener costs (ADR 0018).
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.facts = Counter(
            "facts_taken_in_total", "Facts committed with their effect", ["consumer"], registry=registry
        )
        self.seconds = Histogram("fold_seconds", "One transaction of inbox and effect", ["consumer"], registry=registry)

    def count(self, consumer: str, facts: int, seconds: float) -> None:
        """One fold is committed."""
        self.facts.labels(consumer).inc(facts)
        self.seconds.labels(consumer).observe(seconds)


@dataclass(slots=True)
class _Waiting:
    event: Event
    done: asyncio.Future[None]
    trace: str | None


class Intake:
    """Takes in the facts of one durable consumer."""

    def __init__(
        self, db: Database, consumer: str, subscription: Subscription[Any], folds: Folds | None = None
    ) -> None:
        self.db = db
        self.folds = folds
        self.consumer = consumer
        self.subscription = subscription
        self.waiting: list[_Waiting] = []
        self.arrived = asyncio.Event()

    async def take(self, event: Event) -> None:
        """Wait until the fact and its effect are committed; raises HandlerFailed."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(_Waiting(event, done, current_trace()))
        self.arrived.set()
        await done

    async def run(self) -> None:
        """Fold what has arrived, until cancelled; what was not committed is not acknowledged."""
        while True:
            await self.arrived.wait()
            self.arrived.clear()
            while self.waiting:
                batch, self.waiting = self.waiting[:FOLD], self.waiting[FOLD:]
                await self._take_in(batch)

    async def _take_in(self, batch: Sequence[_Waiting]) -> None:
        began = time.perf_counter()
        failure = await self._patiently(lambda: self._fold(batch))
        if failure is None:
            if self.folds is not None:
                self.folds.count(self.consumer, len(batch), time.perf_counter() - began)
            for waiting in batch:
                _settle(waiting.done, None)
            return
        if len(batch) > 1:
            for waiting in batch:
                await self._take_in([waiting])
            return
        event_id = batch[0].event.event_id
        attempts = await self._count(event_id)
        log.error(
            "handler failed",
            exc_info=failure if attempts == 1 else None,
            extra={"consumer": self.consumer, "event_id": str(event_id), "attempts": attempts},
        )
        _settle(batch[0].done, HandlerFailed(event_id, attempts, failure))

    async def _fold(self, batch: Sequence[_Waiting]) -> None:
        schools = {school for waiting in batch for school in waiting.event.schools}
        async with self.db.transaction(*schools) as tx:
            fresh = await self._first_times(tx, batch)
            # One fact that was delivered twice stands here twice.
            news = {waiting.event.event_id: waiting for waiting in batch if waiting.event.event_id in fresh}
            if news:
                await self._handle(tx, list(news.values()))

    async def _handle(self, tx: Tx, news: Sequence[_Waiting]) -> None:
        handle: Callable[[Tx, Any], Awaitable[None]] = self.subscription.handler
        if self.subscription.is_gathering:
            continue_trace(news[0].trace)
            await handle(tx, [waiting.event for waiting in news])
            return
        for waiting in news:
            continue_trace(waiting.trace)
            await handle(tx, waiting.event)

    async def _first_times(self, tx: Tx, batch: Sequence[_Waiting]) -> set[UUID]:
        return await take_in(tx.raw, self.consumer, sorted({waiting.event.event_id for waiting in batch}))

    async def _patiently(self, work: Callable[[], Awaitable[None]]) -> Exception | None:
        """Do it, waiting out trouble of the infrastructure; any other error is handed back."""
        pause = 0.05
        while True:
            try:
                await work()
            except Exception as error:  # noqa: BLE001  the one place that decides what a handler's error means
                if not is_transient(error):
                    return error
                log.warning("intake waits", extra={"consumer": self.consumer, "reason": type(error).__name__})
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return None

    async def _count(self, event_id: UUID) -> int:
        counted = [0]

        async def count() -> None:
            async with self.db.transaction() as tx:
                counted[0] = await count_failure(tx.raw, self.consumer, event_id)

        await self._patiently(count)
        return counted[0]

    async def forget(self, event_id: UUID) -> None:
        """Count the failures of this fact anew: it became a dead letter, and a redrive starts afresh."""

        async def forget() -> None:
            async with self.db.transaction() as tx:
                await forget_failures(tx.raw, self.consumer, event_id)

        await self._patiently(forget)


def _settle(done: asyncio.Future[None], failure: Exception | None) -> None:
    if done.done():
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)
