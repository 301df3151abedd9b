"""The faults: what breaks, how it comes back, and how often each was survived."""

import asyncio
import os
import random
import shutil
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import uuid4

from chassis.bus import connect
from contracts.matching import PairingFormed
from contracts.topology import STREAM, Topology, durable_of
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure, apply_topology
from deploy.local.servers import start_nats, start_postgres, stop_nats, stop_postgres
from deploy.nats import ADMIN
from deploy.operations.facts import replay
from tests.faults.fleet import Fleet

SERVICES = ("diagnostics", "matching", "tracking", "documents", "reporting", "registry")


@dataclass(slots=True)
class Storm:
    """Makes faults, one seed deciding all of them, and counts them."""

    fleet: Fleet
    seed: int
    made: Counter[str] = field(default_factory=Counter)
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    @property
    def infrastructure(self) -> Infrastructure:
        """The servers."""
        return self.fleet.infrastructure

    async def rage(self, kills: int, *, pause: tuple[float, float] = (0.05, 0.4)) -> None:
        """`kill -9` a service again and again, at moments and of kinds that the seed decides."""
        for _ in range(kills):
            await asyncio.sleep(self.dice.uniform(*pause))
            self.fleet.kill_and_start(self.dice.choice(SERVICES))
            self.fleet.restart_dead()
            self.made["service killed"] += 1

    async def nats_killed(self, *, away: float = 0.5) -> None:
        """nats-server dies and comes back on its port with its store."""
        nats = self.infrastructure.nats
        stop_nats(nats, how=signal.SIGKILL)
        await asyncio.sleep(away)
        port = int(nats.url.rpartition(":")[2])
        again = await start_nats(self.infrastructure.folder / "nats", port=port)
        self.fleet.infrastructure = _with(self.infrastructure, nats=again)
        self.fleet.restart_dead()
        self.made["NATS killed"] += 1

    async def postgres_killed(self, *, away: float = 0.5) -> None:
        """PostgreSQL crashes and recovers."""
        stop_postgres(self.infrastructure.postgres, how=signal.SIGQUIT)
        await asyncio.sleep(away)
        again = await start_postgres(self.infrastructure.folder / "postgres", is_durable=False)
        self.fleet.infrastructure = _with(self.infrastructure, postgres=again)
        self.fleet.restart_dead()
        self.made["PostgreSQL crashed"] += 1

    async def both_killed(self) -> None:
        """Both servers are gone at once."""
        await asyncio.gather(self.nats_killed(), self.postgres_killed())
        self.made["both servers gone"] += 1

    async def nats_paused(self, seconds: float) -> None:
        """NATS hangs and then goes on as if nothing had been."""
        os.kill(self.infrastructure.nats.pid, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        os.kill(self.infrastructure.nats.pid, signal.SIGCONT)
        self.made["NATS paused"] += 1

    async def nats_away(self, seconds: float) -> None:
        """NATS is away for longer than the server remembers message ids."""
        await self.nats_killed(away=seconds)
        self.made["NATS away longer than the duplicate window"] += 1

    async def postgres_away(self, seconds: float) -> None:
        """PostgreSQL is away for longer than the whole retry schedule; nothing may become a dead letter by that."""
        await self.postgres_killed(away=seconds)
        self.made["PostgreSQL away longer than the retry schedule"] += 1

    async def stream_destroyed(self) -> None:
        """The whole JetStream volume is lost; the owners say everything again, with the same ids."""
        nats = self.infrastructure.nats
        stop_nats(nats, how=signal.SIGKILL)
        shutil.rmtree(self.infrastructure.folder / "nats" / "jetstream")
        port = int(nats.url.rpartition(":")[2])
        again = await start_nats(self.infrastructure.folder / "nats", port=port)
        self.fleet.infrastructure = _with(self.infrastructure, nats=again)
        await apply_topology(again, Topology(timing=self.infrastructure.timing))
        self.fleet.restart_dead()
        client = await connect(again.url, user=ADMIN, password=again.passwords[ADMIN])
        try:
            for service in SERVICES:
                await replay(client, self.infrastructure.postgres.url(database_of(service), "postgres"))
        finally:
            await client.close()
        self.made["stream destroyed and rebuilt from the owners"] += 1

    async def consumer_deleted(self) -> None:
        """Somebody deletes a consumer on the server; the topology brings it back, and it hears everything again."""
        durable = durable_of("tracking", PairingFormed)
        async with _Admin(self.infrastructure) as js:
            await js.delete_consumer(STREAM, durable)
        await apply_topology(self.infrastructure.nats, Topology(timing=self.infrastructure.timing))
        self.made["consumer deleted"] += 1

    async def delivered_again(self, times: int = 5) -> None:
        """Facts that were delivered long ago come again, with fresh message ids and in another order."""
        async with _Admin(self.infrastructure) as js:
            last = (await js.stream_info(STREAM)).state.last_seq
            numbers = [self.dice.randint(1, last) for _ in range(40)] * times
            self.dice.shuffle(numbers)
            for number in numbers:
                message = await js.get_msg(STREAM, number)
                kept = {k: v for k, v in (message.headers or {}).items() if not k.lower().startswith("nats-")}
                headers = {**kept, "Nats-Msg-Id": str(uuid4())}
                await js.publish(message.subject or "", message.data or b"", stream=STREAM, headers=headers)
        self.made["fact delivered again, shuffled"] += len(numbers)

    async def poisoned(self) -> None:
        """A message that nobody can read."""
        async with _Admin(self.infrastructure) as js:
            headers = {"Nats-Msg-Id": str(uuid4())}
            await js.publish(PairingFormed.subject, b'{"pairing_id": "broken', stream=STREAM, headers=headers)
        self.made["poison"] += 1


def _with(infrastructure: Infrastructure, **parts: object) -> Infrastructure:
    from dataclasses import replace

    return replace(infrastructure, **parts)  # type: ignore[arg-type]


class _Admin:
    """JetStream as its administrator."""

    def __init__(self, infrastructure: Infrastructure) -> None:
        self.nats = infrastructure.nats

    async def __aenter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
        self.client = await connect(self.nats.url, user=ADMIN, password=self.nats.passwords[ADMIN])
        return self.client.jetstream(timeout=10)

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()


Fault = Callable[[], Awaitable[None]]
