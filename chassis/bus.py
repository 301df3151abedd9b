"""The bus of one service: it hears through durable pull consumers, and its relay sends what the outbox holds.

Acknowledgement is ours alone (FastStream's default on NATS loses a failing message): after the commit an ack, after
a handler's error a delayed redelivery, after the last attempt or for a message that cannot be read a dead letter.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import nats
from faststream import AckPolicy, BaseMiddleware
from faststream.message import StreamMessage
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from faststream.security import SASLPlaintext
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.client import JetStreamContext
from nats.js.errors import APIError
from prometheus_client import CollectorRegistry, Counter
from pydantic import ValidationError

from chassis.database import Database
from chassis.intake import Folds, HandlerFailed, Intake, Subscription
from chassis.post import Post
from chassis.pulse import Pulse
from chassis.settings import Settings
from chassis.trace import continue_trace
from contracts.topology import STREAM, durable_of

FETCH = 64
NOT_FOUND = 404
FETCH_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 1.0
GREETING_SECONDS = 2.0
# How long a greeting may take to come to its end when the service stops.
FAREWELL_SECONDS = 1.0

log = logging.getLogger("neo.bus")


async def _raw(message: StreamMessage[Any]) -> bytes:
    """Leave the body as it is: a body that cannot be read must reach our own discipline."""
    return message.body if isinstance(message.body, bytes) else bytes(message.body)


class Bus:
    """A service's two connections to NATS: FastStream's for hearing, a plain one for sending and looking."""

    def __init__(self, settings: Settings, db: Database, registry: CollectorRegistry) -> None:
        self.settings = settings
        self.intakes: dict[str, Intake] = {}
        self.client = Client()
        self.js: JetStreamContext = self.client.jetstream(timeout=5)
        self.post = Post(self.client, STREAM)
        self.tasks: list[asyncio.Task[None]] = []
        self.greeting: asyncio.Task[None] | None = None
        self.is_connected = asyncio.Event()
        self.is_leaving = asyncio.Event()
        self.is_listening = False
        self.db = db
        self.folds = Folds(registry)
        self.retries = Counter("retries_total", "Deliveries to be repeated", ["consumer"], registry=registry)
        self.dead = Counter("dead_letters_total", "Dead letters", ["consumer", "reason"], registry=registry)
        self.broker = NatsBroker(
            settings.nats_url,
            ack_policy=AckPolicy.MANUAL,
            decoder=_raw,
            middlewares=(self._discipline(),),
            # A handler takes the raw body; there is nothing to inject.
            apply_types=False,
            logger=_broker_log(),
            log_level=logging.DEBUG,
            security=_security(settings),
            **self._connection_options(),
        )

    def _connection_options(self) -> dict[str, Any]:
        service = self.settings.service
        return {
            "inbox_prefix": f"_INBOX_{service}",
            "max_reconnect_attempts": -1,
            "reconnect_time_wait": 0.5,
            "name": f"neo-{service}",
        }

    def listen(self, subscriptions: Sequence[Subscription[Any]]) -> None:
        """Bind each subscription to its durable consumer; the consumers themselves come from `neo topology`."""
        stream = JStream(STREAM, declare=False)
        for subscription in subscriptions:
            durable = durable_of(self.settings.service, subscription.event)
            intake = Intake(self.db, durable, subscription, self.folds)
            self.intakes[durable] = intake
            subscriber = self.broker.subscriber(
                subscription.event.subject,
                stream=stream,
                durable=durable,
                pull_sub=PullSub(batch_size=FETCH, timeout=FETCH_SECONDS),
                title=durable,
                inbox_prefix=f"_INBOX_{self.settings.service}.".encode(),
            )
            subscriber(_door(subscription, intake))

    async def start(self) -> None:
        """Connect, and hear as soon as the broker holds all of this service's consumers.

        A broker that is away does not keep the service from starting: HTTP answers, the outbox fills.
        """
        self.tasks = [asyncio.create_task(intake.run()) for intake in self.intakes.values()]
        self.greeting = asyncio.create_task(self._connect())
        connected = asyncio.create_task(self.is_connected.wait())
        await asyncio.wait({self.greeting, connected}, timeout=GREETING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        connected.cancel()

    async def _connect(self) -> None:
        options = self._connection_options()
        options.update(user=self.settings.nats_user, password=self.settings.nats_password, error_cb=_on_error)
        while not (self.client.is_connected or self.is_leaving.is_set()):
            try:
                await self.client.connect(self.settings.nats_url, **options)
            except (NatsError, OSError) as error:
                log.warning("bus waits", extra={"reason": type(error).__name__})
                await self._look_again_later()
        self.is_connected.set()
        if self.intakes:
            await self._hear_when_ready()

    async def _hear_when_ready(self) -> None:
        # nats-py would create a missing durable with its own defaults; the topology must stay in one place.
        while not (self.is_listening or self.is_leaving.is_set()):
            if missing := await self.missing_consumers():
                log.warning("consumers are missing: run `neo topology`", extra={"missing": missing})
            elif await self._starts_to_hear():
                return
            await self._look_again_later()

    async def _look_again_later(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                await self.is_leaving.wait()

    async def _starts_to_hear(self) -> bool:
        try:
            await self.broker.start()
        except (NatsError, OSError, TimeoutError) as error:
            log.warning("bus waits", extra={"reason": type(error).__name__})
            await self.broker.stop()
            return False
        self.is_listening = True
        return True

    async def missing_consumers(self) -> list[str]:
        """The own durable consumers that the broker does not hold; all of them while it does not answer."""
        durables = list(self.intakes)
        try:
            async with asyncio.timeout(3):
                found = await asyncio.gather(*(self._exists(durable) for durable in durables))
        except (TimeoutError, NatsError):
            return durables
        return [durable for durable, exists in zip(durables, found, strict=True) if not exists]

    async def _exists(self, durable: str) -> bool:
        # Readiness is asked for every few seconds: only whether there is an answer is read, not all that it tells.
        reply = await self.client.request(f"$JS.API.CONSUMER.INFO.{STREAM}.{durable}", timeout=3)
        error = json.loads(reply.data).get("error")
        if error is not None and error["code"] != NOT_FOUND:
            raise APIError.from_error(error)
        return error is None

    @property
    def is_alive(self) -> bool:
        """False once a connection is closed for good; only a restart helps then."""
        return not self.client.is_closed

    async def bury(self, message: Msg, *, consumer: str, reason: str) -> None:
        """Keep a message that nobody can take in as a dead letter, with what the redrive will need."""
        kept = {k: v for k, v in (message.headers or {}).items() if not k.lower().startswith("nats-")}
        meta = message.metadata
        headers = {
            **kept,
            "Nats-Msg-Id": f"{consumer}:{meta.sequence.stream}",
            "dead-reason": reason,
            "dead-consumer": consumer,
            "dead-subject": message.subject,
            "dead-sequence": str(meta.sequence.stream),
        }
        await self.js.publish(f"dead.{self.settings.service}.{consumer}", message.data, headers=headers, timeout=10)
        self.dead.labels(consumer, reason).inc()
        log.error("dead letter", extra={"consumer": consumer, "reason": reason, "sequence": meta.sequence.stream})

    async def stop(self) -> None:
        """Let handlers finish what they hold, then leave; what was not committed comes back after `ack_wait`."""
        # A broker that is stopped while it starts leaves consumers behind that spin on the closed connection; one
        # that is cut off while it connects leaves the connection. Therefore the greeting may come to its end.
        self.is_leaving.set()
        if self.greeting is not None:
            await asyncio.wait({self.greeting}, timeout=FAREWELL_SECONDS)
            self.greeting.cancel()
            await asyncio.gather(self.greeting, return_exceptions=True)
        await self.broker.stop()
        self.is_listening = False
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        with suppress(NatsError):
            await self.client.close()

    def _discipline(self) -> type[BaseMiddleware[Any, Any]]:
        bus = self

        class Discipline(BaseMiddleware[Any, Any]):
            """Ack after commit, delayed redelivery after a failure, dead letter after the last attempt."""

            async def consume_scope(self, call_next: Any, msg: Any) -> Any:
                continue_trace(msg.headers.get("traceparent"))
                failure: Exception | None = None
                pulse = Pulse(msg, bus.settings.timing.ack_wait / 3)
                try:
                    await call_next(msg)
                except Exception as error:  # noqa: BLE001  what it means is decided in one place
                    failure = error
                finally:
                    pulse.stop()
                await bus.answer(msg, failure)

        return Discipline

    async def answer(self, message: NatsMessage, failure: Exception | None) -> None:
        """Tell the server what became of a message."""
        if failure is None:
            await message.ack()
            return
        raw = message.raw_message
        consumer = raw.metadata.consumer or ""
        if isinstance(failure, ValidationError):
            await self._bury_or_retry(message, consumer=consumer, reason="unreadable")
        elif isinstance(failure, HandlerFailed):
            await self._retry_or_bury(message, consumer=consumer, failure=failure)
        else:
            self.retries.labels(consumer).inc()
            await message.nack(delay=1.0)

    async def _retry_or_bury(self, message: NatsMessage, *, consumer: str, failure: HandlerFailed) -> None:
        delays = self.settings.timing.retry_delays
        if failure.attempts <= len(delays):
            self.retries.labels(consumer).inc()
            await message.nack(delay=delays[failure.attempts - 1])
            return
        if await self._bury_or_retry(message, consumer=consumer, reason=type(failure.cause).__name__):
            await self.intakes[consumer].forget(failure.event_id)

    async def _bury_or_retry(self, message: NatsMessage, *, consumer: str, reason: str) -> bool:
        try:
            await self.bury(message.raw_message, consumer=consumer, reason=reason)
        except (NatsError, APIError, TimeoutError):
            await message.nack(delay=self.settings.timing.retry_delays[-1])
            return False
        await message.reject()
        return True


class _IdleFetch(logging.Filter):
    """nats-py ends an idle fetch with a plain TimeoutError that FastStream 0.7.8 reports, and then fetches again."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep everything else."""
        return not (record.exc_info and isinstance(record.exc_info[1], TimeoutError))


def _broker_log() -> logging.Logger:
    found = logging.getLogger("neo.broker")
    if not any(isinstance(known, _IdleFetch) for known in found.filters):
        found.addFilter(_IdleFetch())
    return found


def _security(settings: Settings) -> SASLPlaintext | None:
    if settings.nats_user is None:
        return None
    return SASLPlaintext(username=settings.nats_user, password=settings.nats_password or "")


def _door(subscription: Subscription[Any], intake: Intake) -> Any:
    async def take(body: bytes) -> None:
        await intake.take(subscription.event.model_validate_json(body))

    take.__name__ = f"on_{intake.consumer.replace('-', '_')}"
    return take


async def _on_error(error: Exception) -> None:
    log.warning("nats", extra={"reason": type(error).__name__})


async def connect(url: str, **options: Any) -> Client:
    """A plain connection for commands that look and mend."""
    return await nats.connect(url, **options)
