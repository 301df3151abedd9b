"""What the bus can do at all: JetStream publish and fetch with a real event of ours, and nothing of ours around."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, StorageType, StreamConfig
from nats.js.client import JetStreamContext

from bench.consents import events
from bench.ground import Ground
from bench.rounds import Measured
from chassis.bus import connect
from deploy.nats import ADMIN

STREAM, SUBJECT, REPLIES = "BENCH", "bench.consent.given", "bench-replies"
DUPLICATE_WINDOW = 600.0


@dataclass(slots=True)
class RawBus:
    """A stream like ours, with the same dedupe window, and clients that publish and fetch as fast as they can."""

    client: Client
    js: JetStreamContext
    body: bytes
    numbers: Iterator[int] = field(default_factory=count)

    def _headers(self) -> dict[str, str]:
        return {"Nats-Msg-Id": f"bench-{next(self.numbers)}"}

    async def one_by_one(self, messages: int) -> None:
        """Publish and wait for the ack, then the next."""
        for _ in range(messages):
            await self.js.publish(SUBJECT, self.body, stream=STREAM, headers=self._headers())

    async def in_flight(self, messages: int) -> None:
        """Publish by the client's own calls, 100 waiting for their acks at any time."""
        rest = iter(range(messages))

        async def work() -> None:
            for _ in rest:
                await self.js.publish(SUBJECT, self.body, stream=STREAM, headers=self._headers())

        await asyncio.gather(*(work() for _ in range(100)))

    async def one_reply_inbox(self, messages: int) -> None:
        """Publish plain messages with one inbox for all acks, at most 1,000 ahead of them."""
        acked = 0
        caught_up = asyncio.Event()

        async def ack(_: Msg) -> None:
            nonlocal acked
            acked += 1
            caught_up.set()

        heard = await self.client.subscribe(f"{REPLIES}.*", cb=ack)
        for number in range(messages):
            await self.client.publish(SUBJECT, self.body, reply=f"{REPLIES}.1", headers=self._headers())
            while number + 1 - acked >= 1000:
                caught_up.clear()
                await caught_up.wait()
        while acked < messages:
            caught_up.clear()
            await asyncio.wait_for(caught_up.wait(), 10)
        await heard.unsubscribe()

    async def fetch(self, messages: int, *, batch: int) -> None:
        """Fetch and acknowledge; a stream that is read to its end is read again by the next consumer."""
        kept = (await self.js.stream_info(STREAM)).state.messages
        while messages > 0:
            await self._fetch(min(kept, messages), batch)
            messages -= kept

    async def _fetch(self, messages: int, batch: int) -> None:
        durable = f"fetch-{next(self.numbers)}"
        config = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, max_ack_pending=1000)
        pulled = await self.js.pull_subscribe(SUBJECT, durable=durable, stream=STREAM, config=config)
        fetched = 0
        while fetched < messages:
            for message in await pulled.fetch(min(batch, messages - fetched), timeout=5):
                await message.ack()
                fetched += 1
        await self.client.flush()
        await pulled.unsubscribe()
        await self.js.delete_consumer(STREAM, durable)

    def stages(self) -> list[Measured]:
        """What is measured; there is something to fetch because publishing comes first."""

        async def fetch_one(wanted: int) -> None:
            await self.fetch(wanted, batch=1)

        async def fetch_many(wanted: int) -> None:
            await self.fetch(wanted, batch=100)

        return [
            Measured("bus-publish-1", self.one_by_one),
            Measured("bus-publish-100", self.in_flight, 1000),
            Measured("bus-publish-raw", self.one_reply_inbox, 1000),
            Measured("bus-fetch-1", fetch_one),
            Measured("bus-fetch-100", fetch_many, 1000),
        ]


@asynccontextmanager
async def raw_bus(ground: Ground) -> AsyncIterator[RawBus]:
    """A stream of its own beside ours, gone at the end."""
    nats = ground.infrastructure.nats
    client = await connect(nats.url, user=ADMIN, password=nats.passwords[ADMIN])
    js = client.jetstream(timeout=10)
    config = StreamConfig(
        name=STREAM, subjects=["bench.>"], storage=StorageType.FILE, duplicate_window=DUPLICATE_WINDOW
    )
    await js.add_stream(config)
    try:
        yield RawBus(client, js, events(1)[0].model_dump_json().encode())
    finally:
        await js.delete_stream(STREAM)
        await client.close()
