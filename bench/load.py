"""A load generator that is not the bottleneck: HTTP/1.1 on bare protocols, one request in flight per connection.

The requests are bytes that were made before the clock starts; an answer is looked at for its status and its end.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

LONGEST_SECONDS = 120.0
# What waits longer than this for a free connection says that the rate is too high.
PATIENCE_SECONDS = 0.5
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "

Answered = Callable[[int, int], None]


class LoadFailed(Exception):
    """The service answered otherwise than a measurement needs; the message says how."""


class FellBehind(LoadFailed):
    """At this rate more falls due than is answered."""


@dataclass(slots=True)
class Run:
    """What a load saw: seconds from the first request to the last answer, statuses, latencies in seconds."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many answers came."""
        return len(self.latencies)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.count / self.seconds


@dataclass(frozen=True, slots=True)
class Pace:
    """Requests per second, whatever the service does, and the connections that may be busy at once."""

    rate: float
    lines: int = 128


def request(method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """A whole request as bytes."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: bench",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    if body:
        lines.append("Content-Type: application/json")
    if body or method not in ("GET", "HEAD"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + HEAD_END + body


class _Line(asyncio.Protocol):
    """One connection with one request in flight."""

    def __init__(self, load: "_Load") -> None:
        self.load = load
        self.buffer = b""
        self.number = -1
        self.began = 0.0
        self.transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a stream's transport can write

    def connection_lost(self, error: Exception | None) -> None:
        self.load.fail(LoadFailed(f"connection lost: {error}"))

    def ask(self, number: int, content: bytes, *, began: float) -> None:
        self.number, self.began = number, began
        assert self.transport is not None
        self.transport.write(content)

    def data_received(self, data: bytes) -> None:
        if self.buffer:
            data = self.buffer + data
        end = data.find(HEAD_END)
        if end < 0 or len(data) < end + len(HEAD_END) + _length(data, end):
            self.buffer = data
            return
        self.buffer = b""
        self.load.answer(self, int(data[9:12]))


def _length(data: bytes, end: int) -> int:
    at = data.find(LENGTH, 0, end)
    return int(data[at + len(LENGTH) : data.find(b"\r", at)]) if at >= 0 else 0


class _Load(ABC):
    """Hands requests to free connections and keeps what was answered."""

    def __init__(self, contents: Sequence[bytes], answered: Answered | None) -> None:
        self.contents = contents
        self.answered = answered
        self.run = Run()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lines: list[_Line] = []

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)

    def answer(self, line: _Line, status: int) -> None:
        self.run.latencies.append(time.perf_counter() - line.began)
        self.run.statuses[status] += 1
        if self.answered is not None:
            self.answered(line.number, status)
        if len(self.run.latencies) == len(self.contents):
            self.done.set_result(None)
        else:
            self.free(line)

    @abstractmethod
    def free(self, line: _Line) -> None:
        """The connection may take the next request."""

    async def connect(self, port: int, lines: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(lines):
            _, line = await loop.create_connection(lambda: _Line(self), "127.0.0.1", port)
            self.lines.append(line)

    async def finish(self, began: float, cpu: float) -> Run:
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await self.done
        finally:
            self.done.cancel()
            for line in self.lines:
                if line.transport is not None:
                    line.transport.close()
        self.run.seconds = time.perf_counter() - began
        self.run.cpu_seconds = time.process_time() - cpu
        return self.run


class _ClosedLoop(_Load):
    """As soon as an answer is there, the connection asks again."""

    def __init__(self, contents: Sequence[bytes], answered: Answered | None) -> None:
        super().__init__(contents, answered)
        self.rest: Iterator[tuple[int, bytes]] = iter(enumerate(contents))

    def free(self, line: _Line) -> None:
        with suppress(StopIteration):
            number, content = next(self.rest)
            line.ask(number, content, began=time.perf_counter())


class _OpenLoop(_Load):
    """Requests fall due at a steady rate; what finds no free connection waits, and its clock runs."""

    def __init__(self, contents: Sequence[bytes], answered: Answered | None, rate: float) -> None:
        super().__init__(contents, answered)
        self.rate = rate
        self.idle: deque[_Line] = deque()
        self.due: deque[tuple[int, float]] = deque()

    def free(self, line: _Line) -> None:
        self.idle.append(line)
        self._serve()

    def _serve(self) -> None:
        while self.due and self.idle:
            number, when = self.due.popleft()
            self.idle.popleft().ask(number, self.contents[number], began=when)

    async def keep_time(self) -> None:
        began = time.perf_counter()
        for number in range(len(self.contents)):
            when = began + number / self.rate
            if (ahead := when - time.perf_counter()) > 0:
                await asyncio.sleep(ahead)
            self.due.append((number, when))
            self._serve()
            if len(self.due) > self.rate * PATIENCE_SECONDS:
                self.fail(FellBehind(f"{len(self.due)} requests wait at {self.rate:.0f} a second"))
                return


async def closed_loop(port: int, contents: Sequence[bytes], *, in_flight: int, answered: Answered | None = None) -> Run:
    """Send all requests with so many in flight; raises LoadFailed when a connection breaks."""
    load = _ClosedLoop(contents, answered)
    await load.connect(port, in_flight)
    began, cpu = time.perf_counter(), time.process_time()
    for line in load.lines:
        load.free(line)
    return _checked(await load.finish(began, cpu))


async def open_loop(port: int, contents: Sequence[bytes], *, pace: Pace, answered: Answered | None = None) -> Run:
    """Send the requests at a steady rate, whatever the service does; raises FellBehind, or LoadFailed otherwise."""
    load = _OpenLoop(contents, answered, pace.rate)
    await load.connect(port, pace.lines)
    began, cpu = time.perf_counter(), time.process_time()
    load.idle.extend(load.lines)
    keeping = asyncio.create_task(load.keep_time())
    try:
        return _checked(await load.finish(began, cpu))
    finally:
        keeping.cancel()


def _checked(run: Run) -> Run:
    wrong = {status: count for status, count in run.statuses.items() if status >= 300}
    if wrong:
        raise LoadFailed(f"answers other than success: {wrong}")
    return run
