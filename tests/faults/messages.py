"""Messages that come again, shuffled or broken; consumers that somebody deletes; rights that somebody takes away."""

import asyncio
from uuid import uuid4

import aiohttp
from nats.aio.client import Client
from nats.js.api import ConsumerInfo

from chassis.relay import connect_plain
from contracts.documents import ConsentGiven
from contracts.matching import PairingFormed
from contracts.topology import HEARS, SERVICES, STREAM, Topology, durable_of
from deploy.databases import database_of
from deploy.local.infrastructure import apply_topology
from deploy.operations.dead import DeadLetter, letters, redrive
from tests.faults.rest import administrator, consumers, until
from tests.faults.storms import Storm

BROKEN = b'{"pairing_id": "broken'


async def deliver_again(storm: Storm, *, facts: int, times: int) -> int:
    """Publish facts of the stream again, with fresh message ids and in an order that the seed decides; how many."""
    async with administrator(storm.infrastructure) as client:
        js = client.jetstream(timeout=10)
        last = (await js.stream_info(STREAM)).state.last_seq
        dice = storm.dice("again")
        chosen = {dice.randint(1, last) for _ in range(facts)}
        known = [await _letter(client, number) for number in sorted(chosen)]
        again = [letter for letter in known if letter[1] != BROKEN] * times
        dice.shuffle(again)
        await asyncio.gather(
            *(
                js.publish(subject, body, stream=STREAM, headers={**headers, "Nats-Msg-Id": str(uuid4())})
                for subject, body, headers in again
            )
        )
    return len(again)


async def _letter(client: Client, number: int) -> tuple[str, bytes, dict[str, str]]:
    message = await client.jetstream(timeout=10).get_msg(STREAM, number)
    kept = {key: value for key, value in (message.headers or {}).items() if not key.lower().startswith("nats-")}
    return message.subject or "", message.data or b"", kept


async def delivered_again(storm: Storm, facts: int = 40) -> None:
    """Facts that were delivered long ago come five times more, shuffled."""
    published = await deliver_again(storm, facts=facts, times=5)
    assert published > 0, "nothing was published again"
    kind = "fact delivered five times more, shuffled"
    storm.tally.make(kind, published // 5, sign=f"{published} more messages in the stream")


async def poisoned(storm: Storm) -> None:
    """A message that nobody can read."""
    async with administrator(storm.infrastructure) as client:
        headers = {"Nats-Msg-Id": str(uuid4())}
        sent = await client.jetstream().publish(PairingFormed.subject, BROKEN, stream=STREAM, headers=headers)
    storm.poisons.add(sent.seq)
    storm.tally.make("poison", sign="a dead letter `unreadable` from each hearer, nothing else stopped")


async def consumer_deleted(storm: Storm) -> None:
    """Somebody deletes a consumer on the server; the topology brings it back, and it hears everything again."""
    dice = storm.dice("consumer")
    service = dice.choice(sorted(SERVICES))
    async with administrator(storm.infrastructure) as client:
        known = await consumers(client)
        mine = [durable_of(service, event) for event in HEARS[service]]
        durable = dice.choice([name for name in mine if _has_heard(known[name])])
        await client.jetstream().delete_consumer(STREAM, durable)
        await until(lambda: _names(storm, service, durable))
        assert await apply_topology(storm.infrastructure.nats, Topology(timing=storm.infrastructure.timing)) == 1
        again = (await consumers(client))[durable]
    assert again.created != known[durable].created, "the consumer was not deleted"
    assert again.num_pending or _has_heard(again), "the new consumer does not begin at the beginning"
    storm.tally.make("consumer deleted on the server", sign=f"/readyz 503: consumers are missing: {durable}")


def _has_heard(consumer: ConsumerInfo) -> bool:
    return consumer.delivered is not None and consumer.delivered.consumer_seq > 0


async def _names(storm: Storm, service: str, durable: str) -> bool:
    try:
        async with storm.scenario.caller.session.get(f"{storm.fleet.url(service)}/readyz") as answer:
            return answer.status == 503 and durable in await answer.text()
    except (aiohttp.ClientError, TimeoutError):
        return False


async def right_lost(storm: Storm) -> None:
    """An operator takes a right from a service: its handler fails on every fact until they are dead letters.

    The right is given back, and two operators redrive every letter at the same time: each message comes twice.
    """
    durable = durable_of("matching", ConsentGiven)
    rights = "insert, update on table consents"
    await _matching(storm, f"revoke {rights} from matching_app")
    await asyncio.sleep(storm.dice("right").uniform(0.2, 0.6) * sum(storm.infrastructure.timing.retry_delays))
    # Attempts are counted across restarts.
    storm.fleet.kill_and_start("matching")
    async with administrator(storm.infrastructure) as client:
        await until(lambda: _is_given_up(client, durable))
        await _matching(storm, f"grant {rights} to matching_app")
        found = [letter async for letter in letters(client, consumer=durable)]
        reasons = {letter.reason for letter in found}
        sent = await _redrive_twice(client, found)
    assert reasons == {"InsufficientPrivilegeError"}, reasons
    storm.tally.make("fact that became a dead letter", len(found), sign=f"right revoked: {', '.join(reasons)}")
    storm.tally.make("dead letter redriven twice", len(found), sign=f"{len(found)} letters sent {sent} times")


async def _matching(storm: Storm, statement: str) -> None:
    connection = await connect_plain(storm.infrastructure.postgres.url(database_of("matching"), "postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _is_given_up(client: Client, durable: str) -> bool:
    """Has the consumer buried everything that it was given?"""
    state = (await consumers(client))[durable]
    found = [letter async for letter in letters(client, consumer=durable)]
    return bool(found) and not state.num_pending and not state.num_ack_pending


async def _redrive_twice(client: Client, found: list[DeadLetter]) -> int:
    js = client.jetstream(timeout=10)
    before = (await js.stream_info(STREAM)).state.last_seq
    for letter in found:
        # Both have read the letter before either forgets it; the later one finds that it is gone.
        await asyncio.gather(redrive(client, letter), redrive(client, letter), return_exceptions=True)
    sent = (await js.stream_info(STREAM)).state.last_seq - before
    assert sent >= 2 * len(found), f"{len(found)} letters were sent {sent} times"
    return sent
