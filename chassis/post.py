"""The way to the stream: many facts in flight at once, and one pair of ears for all their acks."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import Header
from nats.js.errors import APIError, NoStreamResponseError

ACK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Letter:
    """A fact on its way to the bus."""

    subject: str
    body: bytes
    headers: dict[str, str]


@dataclass(slots=True)
class _Bundle:
    """Letters that were sent together: which of them are not acked yet, and the end of waiting for them."""

    missing: set[str]
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def heed(self, number: str, ack: Msg) -> None:
        """Count an ack; the last one ends the waiting, a refusal ends it at once."""
        trouble = _trouble(ack)
        if self.done.done():
            return
        if trouble is not None:
            self.done.set_exception(trouble)
            return
        self.missing.discard(number)
        if not self.missing:
            self.done.set_result(None)


class Post:
    """Publishes letters to one stream; nats-py's own publish makes an inbox and a future for each of them."""

    def __init__(self, client: Client, stream: str) -> None:
        self.client = client
        self.stream = stream
        self.inbox: str | None = None
        self.bundle: _Bundle | None = None
        self.sent = 0

    async def send(self, letters: Sequence[Letter]) -> None:
        """Publish, and wait until the server has acked every letter; one caller at a time.

        Raises TimeoutError, NoStreamResponseError (nobody keeps that subject), APIError (the server refuses, for
        example because its store is full), or another error of the client.
        """
        inbox = await self._ears()
        first = self.sent
        self.sent += len(letters)
        bundle = self.bundle = _Bundle({str(first + index) for index in range(len(letters))})
        for index, letter in enumerate(letters):
            headers = {**letter.headers, Header.EXPECTED_STREAM: self.stream}
            await self.client.publish(letter.subject, letter.body, f"{inbox}.{first + index}", headers)
        async with asyncio.timeout(ACK_SECONDS):
            await bundle.done

    async def _ears(self) -> str:
        if self.inbox is None:
            inbox = self.client.new_inbox()
            await self.client.subscribe(f"{inbox}.*", cb=self._heed)
            self.inbox = inbox
        return self.inbox

    async def _heed(self, ack: Msg) -> None:
        # An ack of an earlier bundle that was given up says nothing any more.
        number = ack.subject.rpartition(".")[2]
        if self.bundle is not None and number in self.bundle.missing:
            self.bundle.heed(number, ack)


def _trouble(ack: Msg) -> Exception | None:
    if not ack.data:
        return NoStreamResponseError()
    error = json.loads(ack.data).get("error")
    return None if error is None else APIError(**error)
