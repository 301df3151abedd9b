"""Rounds: everything is measured several times, in turns, so that a noisy moment does not meet one thing alone."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bench.samples import Sample

PILOT = 100
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is done: `--quick` gives a first look within a minute, the full run figures to keep.

    `seconds` is how long one thing is measured in one round; a fast machine does more operations in it, not less time.
    """

    is_quick: bool
    rounds: int
    seconds: float
    steady_seconds: float
    rungs: int
    held_rounds: int
    dead_rows: int
    raw_facts: int
    teachers: int
    starts: int


QUICK = Scale(
    is_quick=True,
    rounds=2,
    seconds=0.3,
    steady_seconds=1.0,
    rungs=3,
    held_rounds=1,
    dead_rows=10_000,
    raw_facts=30_000,
    teachers=0,
    starts=1,
)
FULL = Scale(
    is_quick=False,
    rounds=5,
    seconds=0.8,
    steady_seconds=4.0,
    rungs=6,
    held_rounds=3,
    dead_rows=300_000,
    raw_facts=1_000_000,
    teachers=8,
    starts=3,
)


def operations_for(seconds: float, *, rate: float, least: int = PILOT) -> int:
    """How many operations fill so many seconds."""
    return int(min(max(rate * seconds, least), MOST))


@dataclass(slots=True)
class Measured:
    """A piece of work of so many operations, and the rounds that were measured of it."""

    code: str
    work: Callable[[int], Awaitable[None]]
    least: int = PILOT
    operations: int = 0
    rates: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)

    async def once(self, seconds: float) -> None:
        """One round; before the first a pilot warms up and tells how many operations fill the time."""
        if not self.operations:
            began = time.perf_counter()
            await self.work(self.least)
            rate = self.least / (time.perf_counter() - began)
            self.operations = operations_for(seconds, rate=rate, least=self.least)
        began, cpu = time.perf_counter(), time.process_time()
        await self.work(self.operations)
        self.rates.append(self.operations / (time.perf_counter() - began))
        self.cpu_us.append((time.process_time() - cpu) / self.operations * 1e6)

    @property
    def sample(self) -> Sample:
        """Operations per second of each round."""
        return Sample(self.code, "per-second", tuple(self.rates), self.operations, tuple(self.cpu_us))


async def in_turns(works: Sequence[Measured], scale: Scale) -> list[Sample]:
    """Measure A B C, A B C, …"""
    for _ in range(scale.rounds):
        for work in works:
            await work.once(scale.seconds)
    return [work.sample for work in works]
