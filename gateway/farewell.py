"""The end of the process, told early enough: long answers must end before a server can stop.

A server first waits for open answers and only then ends the lifespan; a stream of events would hold it up.
"""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM)


class Farewell:
    """Says that the process is about to end; whoever answers for long ends when it hears this."""

    def __init__(self) -> None:
        self.is_said = asyncio.Event()

    def say(self) -> None:
        """Let long answers end; may be said more than once."""
        self.is_said.set()

    async def heard_within(self, seconds: float) -> bool:
        """Wait so long at the most; was it said?"""
        try:
            await asyncio.wait_for(self.is_said.wait(), seconds)
        except TimeoutError:
            return False
        return True

    @contextmanager
    def at_signals(self) -> Iterator[None]:
        """Hear SIGINT and SIGTERM too, before whoever handles them; outside the main thread there are none."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        former = {number: signal.getsignal(number) for number in ENDING}

        def hear(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.say)
            before = former[signal.Signals(number)]
            if callable(before):
                before(number, frame)

        handled = [number for number, handler in former.items() if callable(handler)]
        for number in handled:
            signal.signal(number, hear)
        try:
            yield
        finally:
            for number in handled:
                signal.signal(number, former[number])
