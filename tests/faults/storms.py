"""The storm: one seed decides its faults, and each of them counts only when it has bitten."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.matching import PairingFormed
from contracts.topology import HEARS, SERVICES, durable_of
from deploy.local.infrastructure import Infrastructure
from tests.faults.fleet import Fleet
from tests.faults.rest import administrator, consumers, dead_letters
from tests.faults.scenario import Scenario
from tests.faults.tally import Tally

HEARERS = tuple(durable_of(service, PairingFormed) for service in SERVICES if PairingFormed in HEARS[service])


@dataclass(slots=True)
class Storm:
    """Makes faults around a scenario; `poisons` are the stream's numbers of the planted unreadable messages."""

    scenario: Scenario
    seed: int
    poisons: set[int] = field(default_factory=set)
    thrown: Counter[str] = field(default_factory=Counter)

    def dice(self, what: str) -> random.Random:
        """Chance of one fault, by the seed, its name and which of its kind it is, not by what happens beside it."""
        self.thrown[what] += 1
        return random.Random(f"{self.seed}/{what}/{self.thrown[what]}")

    @property
    def fleet(self) -> Fleet:
        """The services' processes."""
        return self.scenario.fleet

    @property
    def infrastructure(self) -> Infrastructure:
        """The servers."""
        return self.fleet.infrastructure

    @property
    def tally(self) -> Tally:
        """What was made and survived."""
        return self.scenario.tally

    async def kills(
        self, count: int, *, pause: tuple[float, float] = (0.05, 0.4), among: Sequence[str] = SERVICES
    ) -> None:
        """`kill -9` a service again and again, at moments and of kinds that the seed decides."""
        dice = self.dice("kills")
        for _ in range(count):
            await asyncio.sleep(dice.uniform(*pause))
            self._kill(dice.choice(among))

    async def kills_at_work(self, count: int) -> None:
        """`kill -9` a service that has just been given facts: it has not yet said of them that they are done."""
        dice = self.dice("kills at work")
        for _ in range(count):
            before = await self._given()
            busy: list[str] = []
            async with asyncio.timeout(60):
                while not busy:
                    await asyncio.sleep(0.05)
                    now = await self._given()
                    busy = [service for service in SERVICES if now[service] > before[service]]
            self._kill(dice.choice(busy))

    def _kill(self, service: str) -> None:
        self.fleet.kill_and_start(service)
        self.fleet.restart_dead()
        again = f"started again; {self.scenario.caller.retries} commands of people repeated so far"
        self.tally.make("service killed (kill -9)", sign=again)

    async def _given(self) -> Counter[str]:
        """How many messages the broker has given to each service."""
        given: Counter[str] = Counter()
        async with administrator(self.infrastructure) as client:
            for name, one in (await consumers(client)).items():
                given[name.partition("-")[0]] += one.delivered.consumer_seq if one.delivered else 0
        return given

    async def check_letters(self) -> None:
        """No dead letter but those of the planted poison, one by each of its hearers."""
        found = await dead_letters(self.infrastructure)
        planted = {(consumer, number) for number in self.poisons for consumer in HEARERS}
        assert {(letter.consumer, letter.sequence) for letter in found} == planted, f"dead letters: {found}"
        assert {letter.reason for letter in found} <= {"unreadable"}, f"dead letters: {found}"


Weather = Callable[[Storm], Coroutine[Any, Any, None]]
