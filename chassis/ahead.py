"""What a first visit would have to wait for, done ahead of it: some seconds after the start, a piece at a time.

A start stays as quick as it is, and whoever asks for something meanwhile waits for one piece at most. Nothing depends
on it: what could not be done ahead is done when it is needed.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

# The first page of all goes first.
AFTER_SECONDS, PAUSE_SECONDS = 2.0, 0.02

log = logging.getLogger("neo.ahead")


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to do ahead, short enough that nobody notices; its name is for the log.

    `pause`: seconds for which the others have the processor to themselves afterwards.
    """

    name: str
    do: Callable[[], Awaitable[object]]
    pause: float = PAUSE_SECONDS


async def get_ready(pieces: Iterable[Piece], *, after: float = AFTER_SECONDS) -> None:
    """Do one piece after the other; one that fails is told and passed over."""
    await asyncio.sleep(after)
    for piece in pieces:
        try:
            await piece.do()
        except Exception as error:  # noqa: BLE001  whatever it is, it comes again when the thing is needed
            log.warning("not ready ahead", extra={"piece": piece.name, "reason": type(error).__name__})
        await asyncio.sleep(piece.pause)
