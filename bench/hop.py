"""The whole hop: a command over HTTP, its commit, the outbox, the relay, the bus, the inbox and the effect next door.

documents and diagnostics run as processes of their own, as in production; the load and the watching run here.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles

import asyncpg

from bench.consents import Command, Crowd
from bench.ground import BARE, Ground
from bench.load import LoadFailed, Pace, Run, closed_loop, open_loop, request
from bench.machine import cpu_seconds
from bench.rounds import Scale, operations_for

OWNER, LISTENER, LOAD = "documents", "diagnostics", "load"
DRAIN_SECONDS = 60.0
LOOK_EACH_SECONDS = 0.002
WARMING = 100
BARE_BODY = b'{"person_id":"6f5ca5a8-6f5b-5a52-8f0d-2f2d6e656f00","purpose":"PD_PLATFORM"}'

_EFFECTS = "select count(*) from consents"
_VISIBLE = """
    select number from unnest($1::int[], $2::text[], $3::uuid[], $4::text[])
        as asked (number, school_id, person_id, purpose)
    join consents using (school_id, person_id, purpose)
"""


class NeverVisible(Exception):
    """An effect did not show: a measurement of a path that loses events is worth nothing."""


@dataclass(slots=True)
class Hop:
    """The two services under load, and the connection through which effects are seen."""

    ground: Ground
    crowd: Crowd
    looking: asyncpg.Connection
    in_flight: int
    cpu: dict[str, list[float]] = field(default_factory=dict)
    pilot: float = 0.0

    @classmethod
    async def open(cls, ground: Ground, *, in_flight: int = 64, is_profiled: bool = False) -> "Hop":
        """Start both services; a first small lot of commands wakes everything."""
        await asyncio.gather(*(ground.start_service(name, is_profiled=is_profiled) for name in (OWNER, LISTENER)))
        hop = cls(ground, Crowd(ground.tokens), await ground.admin(LISTENER), in_flight)
        await hop.saturate(hop.crowd.take(WARMING))
        hop.pilot = await hop.saturate(hop.crowd.take(WARMING))
        hop.cpu.clear()
        return hop

    def lot(self, scale: Scale) -> int:
        """How many events make a round: as many as take twice the time of a raw measurement."""
        return operations_for(scale.seconds * 2, rate=self.pilot, least=4 * self.in_flight)

    async def close(self) -> None:
        """Stop both services."""
        await self.looking.close()
        await self.ground.stop(OWNER, LISTENER)

    @property
    def port(self) -> int:
        """Where documents answers."""
        return self.ground.children[OWNER].port

    async def saturate(self, commands: Sequence[Command]) -> float:
        """Events per second from the first request to the last visible effect, at full load."""
        before = await self._effects()
        with self._counting(len(commands)):
            began = time.perf_counter()
            await closed_loop(self.port, [one.request for one in commands], in_flight=self.in_flight)
            await self._drained(before + len(commands))
            seconds = time.perf_counter() - began
        return len(commands) / seconds

    async def _effects(self) -> int:
        return int(await self.looking.fetchval(_EFFECTS))

    async def _drained(self, effects: int) -> None:
        until = time.perf_counter() + DRAIN_SECONDS
        while (seen := await self._effects()) < effects:
            if time.perf_counter() > until:
                raise NeverVisible(f"{effects - seen} effects of {effects} are not there after {DRAIN_SECONDS:.0f} s")
            await asyncio.sleep(0.01)

    @contextmanager
    def _counting(self, events: int) -> Iterator[None]:
        """Note processor time per event, in µs, of everything that takes part."""
        pids = {name: self.ground.children[name].pid for name in (OWNER, LISTENER)}
        pids |= {"nats": self.ground.infrastructure.nats.pid, "postgres": self.ground.infrastructure.postgres.pid}
        before = {name: cpu_seconds(pid) for name, pid in pids.items()}
        own = time.process_time()
        yield
        for name, pid in pids.items():
            self.cpu.setdefault(name, []).append((cpu_seconds(pid) - before[name]) / events * 1e6)
        self.cpu.setdefault(LOAD, []).append((time.process_time() - own) / events * 1e6)

    @property
    def cpu_of_services(self) -> list[float]:
        """µs per event of everything but the generator, round by round."""
        return [sum(values) for values in zip(*(self.cpu[name] for name in self.cpu if name != LOAD), strict=True)]

    @property
    def cpu_per_event(self) -> dict[str, float]:
        """µs per event of each process, the median of the rounds at full load."""
        return {name: median(values) for name, values in self.cpu.items()}

    async def steady(self, commands: Sequence[Command], *, rate: float) -> list[float]:
        """Milliseconds from each answer to the visible effect, at a steady rate; raises FellBehind."""
        watch = _Watch(self.looking, commands)
        watching = asyncio.create_task(watch.run())
        try:
            contents = [one.request for one in commands]
            await open_loop(self.port, contents, pace=Pace(rate), answered=watch.answered)
            async with asyncio.timeout(DRAIN_SECONDS):
                await watching
        except LoadFailed:
            await _ended(watching)
            await self._settled()
            raise
        finally:
            await _ended(watching)
        return watch.milliseconds

    async def _settled(self) -> None:
        """Wait until what an interrupted load had begun is through, so that the next round starts from rest."""
        seen = -1
        while (now := await self._effects()) != seen:
            seen = now
            await asyncio.sleep(0.3)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class _Watch:
    """Looks every two milliseconds which of the answered commands have had their effect: a little late, never early."""

    def __init__(self, connection: asyncpg.Connection, commands: Sequence[Command]) -> None:
        self.connection = connection
        self.commands = commands
        self.pending: dict[int, float] = {}
        self.milliseconds: list[float] = []

    def answered(self, number: int, _: int) -> None:
        self.pending[number] = time.perf_counter()

    async def run(self) -> None:
        while len(self.milliseconds) < len(self.commands):
            if self.pending:
                await self._look()
            await asyncio.sleep(LOOK_EACH_SECONDS)

    async def _look(self) -> None:
        numbers = list(self.pending)
        asked = [self.commands[number] for number in numbers]
        rows = await self.connection.fetch(
            _VISIBLE,
            numbers,
            [one.school for one in asked],
            [one.person for one in asked],
            [one.purpose for one in asked],
        )
        now = time.perf_counter()
        self.milliseconds += [(now - self.pending.pop(row["number"])) * 1000 for row in rows]


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent do not exceed."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


async def bare_post(ground: Ground, requests: int, *, in_flight: int) -> Run:
    """The same load against a bare FastAPI route with a typed model."""
    content = request("POST", "/bare/consents", body=BARE_BODY)
    return await closed_loop(ground.children[BARE].port, [content] * requests, in_flight=in_flight)
