"""Planted mistakes: each of them must turn the proof red. All but the last live in the service processes only."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4


def ack_before_commit() -> None:
    """Say "done" when a fact has arrived, and take it in afterwards."""
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

    async def all_fresh(self: Any, tx: Any, batch: Sequence[Any]) -> set[UUID]:
        return {waiting.event.event_id for waiting in batch}

    Intake._first_times = all_fresh  # type: ignore[method-assign]


def relay_deletes_before_ack() -> None:
    """Forget the queued facts first, and send them after the commit."""
    from chassis.relay import Relay

    original = Relay._send_batch

    async def send_batch(self: Any, connection: Any) -> int | None:
        kept = []

        async def put_aside(letters: Any) -> None:
            kept.append(letters)

        really, self.send = self.send, put_aside
        try:
            sent = await original(self, connection)
        finally:
            self.send = really
        for letters in kept:
            await asyncio.sleep(0.2)
            await really(letters)
        return sent

    Relay._send_batch = send_batch  # type: ignore[method-assign]


@contextmanager
def replay_with_new_ids() -> Iterator[None]:
    """An owner says its facts again as if they were new ones; the mistake is in the command, not in a service."""
    from deploy.operations import facts

    original: Any = vars(facts)["letter_of"]

    def renamed(row: Any, **options: Any) -> Any:
        letter = original(row, **options)
        return replace(letter, body=json.dumps({**json.loads(letter.body), "event_id": str(uuid4())}).encode())

    vars(facts)["letter_of"] = renamed
    try:
        yield
    finally:
        vars(facts)["letter_of"] = original
