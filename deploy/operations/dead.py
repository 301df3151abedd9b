"""Dead letters: listed and shown without their content, redriven to where they came from."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from contracts.topology import DEAD_STREAM, GAVE_UP_STREAM, STREAM

LARGEST = 10_000
DELETE_FAILED = 10057  # the message is gone


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message that a consumer could not take in: ids and reasons, no content."""

    number: int
    consumer: str
    reason: str
    subject: str
    sequence: int
    event_id: str
    at: str


def _letter(number: int, headers: dict[str, str], at: object) -> DeadLetter:
    return DeadLetter(
        number=number,
        consumer=headers.get("dead-consumer", ""),
        reason=headers.get("dead-reason", ""),
        subject=headers.get("dead-subject", ""),
        sequence=int(headers.get("dead-sequence", 0)),
        event_id=headers.get("event-id", ""),
        at=str(at or ""),
    )


async def letters(client: Client, *, consumer: str | None = None) -> AsyncIterator[DeadLetter]:
    """The dead letters that are kept, the oldest first."""
    js = client.jetstream(timeout=10)
    state = (await js.stream_info(DEAD_STREAM)).state
    if not state.messages:
        return
    for number in range(state.first_seq, min(state.last_seq, state.first_seq + LARGEST) + 1):
        found = await letter_at(client, number)
        if found is not None and (consumer is None or found.consumer == consumer):
            yield found


async def letter_at(client: Client, number: int) -> DeadLetter | None:
    """The dead letter under a number, if it is still kept."""
    try:
        message = await client.jetstream(timeout=10).get_msg(DEAD_STREAM, number)
    except NotFoundError:
        return None
    return _letter(number, message.headers or {}, message.time)


async def given_up(client: Client) -> int:
    """How many notices of given-up messages the server has left: each is a message that no code ever buried."""
    js = client.jetstream(timeout=10)
    return int((await js.stream_info(GAVE_UP_STREAM)).state.messages)


async def redrive(client: Client, letter: DeadLetter) -> None:
    """Send a dead letter to its subject again and forget it.

    The event id stays, so that consumers which have it skip it; the message id is fresh, else the server drops it.
    """
    js: JetStreamContext = client.jetstream(timeout=10)
    message = await js.get_msg(DEAD_STREAM, letter.number)
    kept = message.headers or {}
    headers = {key: value for key, value in kept.items() if not key.lower().startswith(("nats-", "dead-"))}
    headers["Nats-Msg-Id"] = str(uuid4())
    await js.publish(letter.subject, message.data or b"", stream=STREAM, headers=headers)
    try:
        await js.delete_msg(DEAD_STREAM, letter.number)
    except APIError as error:
        # Another operator was faster: sent twice, it has one effect all the same.
        if error.err_code != DELETE_FAILED:
            raise
