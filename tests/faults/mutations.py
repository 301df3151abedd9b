"""Planted mistakes: each of them must turn the proof red. They are planted into the child processes only."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4


def ack_before_commit() -> None:
    """Say "done" when a fact has arrived, and take it in afterwards."""
    import asyncio

    from chassis.intake import Intake

    original_take, original_work = Intake.take, Intake._take_in

    async def take(self: Any, event: Any) -> None:
        # Returning lets the bus acknowledge; the work goes on behind its back.
        late = asyncio.ensure_future(original_take(self, event))
        late.add_done_callback(lambda finished: finished.cancelled() or finished.exception())

    async def slow(self: Any, batch: Any) -> None:
        await asyncio.sleep(0.3)
        await original_work(self, batch)

    Intake.take = take  # type: ignore[method-assign]
    Intake._take_in = slow  # type: ignore[method-assign]


def inbox_skipped() -> None:
    """Believe that every delivery is the first."""
    from chassis.intake import Intake

    async def all_fresh(self: Any, tx: Any, batch: Sequence[Any]) -> set[Any]:
        return {waiting.event.event_id for waiting in batch}

    Intake._first_times = all_fresh  # type: ignore[method-assign]


def relay_deletes_before_ack() -> None:
    """Forget the queued facts first, and send them after the commit."""
    import asyncio

    from chassis.relay import _TAKE, BATCH, LOCK, Relay, letter_of

    async def send_batch(self: Any, connection: Any) -> int | None:
        async with connection.transaction():
            if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", LOCK):
                return None
            rows = await connection.fetch(_TAKE, BATCH)
        await asyncio.sleep(0.2 if rows else 0)
        await asyncio.gather(*(self.send(letter_of(dict(row))) for row in rows))
        return len(rows)

    Relay._send_batch = send_batch  # type: ignore[method-assign]


def new_event_ids() -> None:
    """Give a fact another id each time that it is read."""
    from contracts.event import Event

    original = Event.model_validate_json.__func__  # type: ignore[attr-defined]

    def validate(cls: Any, /, body: bytes, **options: Any) -> Any:
        return original(cls, body, **options).model_copy(update={"event_id": uuid4()})

    Event.model_validate_json = classmethod(validate)  # type: ignore[assignment]
