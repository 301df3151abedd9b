"""Turns of a worker in the background: wait for work, do all there is, hand back what a stop has interrupted."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress


async def take_turn(
    woken: asyncio.Event,
    *,
    idle_seconds: float,
    serve_next: Callable[[], Awaitable[bool]],
    hand_back: Callable[[], Awaitable[None]],
) -> None:
    """Wait until woken, `idle_seconds` at most, then serve until `serve_next` finds nothing (false).

    A worker that is stopped in the middle hands its work back at once, so that nobody waits for its lease to end.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(idle_seconds):
            await woken.wait()
    woken.clear()
    try:
        while await serve_next():
            pass
    except asyncio.CancelledError:
        await hand_back()
        raise
