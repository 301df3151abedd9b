"""The desk's doors: streams, consumers and their lag, dead letters without content, redrive with a dry run."""

import logging
from typing import Annotated

from fastapi import Query, Request
from nats.js.api import ConsumerInfo
from pydantic import BaseModel, Field

from chassis.doors import doors
from chassis.identity import Me, require
from chassis.paging import DEFAULT, After, Limit, Page, after_number, page_of
from deploy.operations.dead import DeadLetter, letter_at
from deploy.operations.desk.broker import STREAMS, Broker, consumers, letters_after, send_again

log = logging.getLogger("neo.operations")
router = doors()
OPERATOR = require("operator", anywhere=True)
MOST_AT_ONCE = 200


class Stream(BaseModel):
    """One stream of the broker: how many messages it holds, and their size in bytes."""

    name: str
    messages: int
    size: int


class Consumer(BaseModel):
    """Who hears what, and how far behind: `pending` facts wait for it, `unacked` are being worked on."""

    name: str
    service: str
    subject: str
    pending: int
    unacked: int
    redelivered: int


class Letter(BaseModel):
    """A fact that a consumer could not take in: ids, kind and reason, never what it says."""

    number: int
    consumer: str
    reason: str
    subject: str
    event_id: str
    at: str


class Redrive(BaseModel):
    """Which letters to send again; `is_dry_run` only tells what would happen."""

    numbers: list[Annotated[int, Field(ge=1)]] = Field(min_length=1, max_length=MOST_AT_ONCE)
    is_dry_run: bool = True


class Redriven(BaseModel):
    """What was sent again, or would be; `gone` are numbers under which no letter lies any more."""

    letters: list[Letter]
    gone: list[int]
    is_dry_run: bool


def _broker(request: Request) -> Broker:
    broker: Broker = request.app.state.broker
    return broker


@router.get("/streams", dependencies=[OPERATOR])
async def list_streams(request: Request) -> list[Stream]:
    """The three streams and how full they are."""
    async with _broker(request).asked() as client:
        js = client.jetstream(timeout=10)
        states = [(name, (await js.stream_info(name)).state) for name in STREAMS]
    return [Stream(name=name, messages=state.messages, size=state.bytes) for name, state in states]


@router.get("/consumers", dependencies=[OPERATOR])
async def list_consumers(request: Request, after: After = "", limit: Limit = DEFAULT) -> Page[Consumer]:
    """All consumers with their lag, by name."""
    async with _broker(request).asked() as client:
        found = [one for one in await consumers(client) if one.name > after]
    return page_of(found[: limit + 1], limit, key=lambda one: one.name, item=_consumer)


@router.get("/dead-letters", dependencies=[OPERATOR])
async def list_dead_letters(
    request: Request,
    consumer: Annotated[str | None, Query(max_length=100, description="only those of this consumer")] = None,
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[Letter]:
    """The dead letters that are kept, the oldest first: ids and reasons, no content."""
    async with _broker(request).asked() as client:
        found = await letters_after(client, after_number(after), limit, consumer)
    return page_of(found, limit, key=lambda one: one.number, item=_letter)


@router.post("/dead-letters:redrive", dependencies=[OPERATOR])
async def redrive_letters(request: Request, wanted: Redrive, me: Me) -> Redriven:
    """Send letters to their subjects again, or say what that would do. Consumers that have a fact skip it."""
    async with _broker(request).asked() as client:
        numbers = sorted(set(wanted.numbers))
        found = [(number, await letter_at(client, number)) for number in numbers]
        letters = [letter for _, letter in found if letter is not None]
        gone = [number for number, letter in found if letter is None]
        if not wanted.is_dry_run:
            sent = [letter for letter in letters if await send_again(client, letter)]
            gone = sorted([*gone, *(letter.number for letter in letters if letter not in sent)])
            letters = sent
            log.info("dead letters redriven", extra={"count": len(sent), "by": str(me.person_id or me.client)})
    return Redriven(letters=[_letter(one) for one in letters], gone=gone, is_dry_run=wanted.is_dry_run)


def _consumer(one: ConsumerInfo) -> Consumer:
    return Consumer(
        name=one.name,
        service=one.name.partition("-")[0],
        subject=(one.config.filter_subject or "") if one.config else "",
        pending=one.num_pending or 0,
        unacked=one.num_ack_pending or 0,
        redelivered=one.num_redelivered or 0,
    )


def _letter(one: DeadLetter) -> Letter:
    return Letter(
        number=one.number,
        consumer=one.consumer,
        reason=one.reason,
        subject=one.subject,
        event_id=one.event_id,
        at=one.at,
    )
