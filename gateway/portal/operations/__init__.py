"""The room of whoever is on duty: are the services well, who lags behind, which letters were not taken in."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from chassis.refusals import Unavailable
from gateway.health import Health, look
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import Refused
from gateway.portal.words import number

API = "/api/operations/v1"
# Not a service of the house: it looks at them.
OWN = "operations"


class Wanted(BaseModel):
    """Which letters were marked, and whether only to see what would happen."""

    number: list[int] = []
    do: Literal["try", "redrive"] = "try"


@dataclass(frozen=True, slots=True)
class ShownConsumer:
    """One line of the lag: numbers as they are read."""

    name: str
    service: str
    pending: str
    unacked: str
    redelivered: str
    is_behind: bool


@dataclass(frozen=True, slots=True)
class ShownStream:
    """One stream: how many messages, how many megabytes."""

    name: str
    messages: str
    megabytes: str


@dataclass(frozen=True, slots=True)
class State:
    """All that the page shows; `is_away` when the desk itself cannot see the broker."""

    health: Health
    streams: Sequence[ShownStream] = ()
    consumers: Sequence[ShownConsumer] = ()
    letters: Sequence[Mapping[str, Any]] = ()
    next: str | None = None
    is_away: bool = False


def router(portal: Portal) -> APIRouter:
    """The doors of the room."""
    room = APIRouter(include_in_schema=False)

    @room.get("/operations")
    async def show_operations(request: Request, after: str = "") -> HTMLResponse:
        reader = await portal.reader(request, "city", "operator")
        return portal.show(reader, "operations/desk.html", state=await _state(portal, reader, after), tried=None)

    @room.post("/operations/redrive")
    async def redrive(request: Request, wanted: Annotated[Wanted, Form()]) -> Response:
        reader = await portal.reader(request, "city", "operator")
        is_try = wanted.do == "try"
        if not wanted.number:
            return await _marked_nothing(portal, reader)
        try:
            told = await reader.talk.post(
                f"{API}/dead-letters:redrive", {"numbers": wanted.number, "is_dry_run": is_try}
            )
        except Refused as refused:
            state = await _state(portal, reader, "")
            return portal.show(
                reader, "operations/desk.html", status=refused.status, state=state, tried=None, wrong=refused
            )
        if not is_try:
            return portal.lead("/operations", "redriven")
        return portal.show(reader, "operations/desk.html", state=await _state(portal, reader, ""), tried=told)

    return room


async def _marked_nothing(portal: Portal, reader: Reader) -> HTMLResponse:
    words = reader.say("desk-page.mark-one")
    state = await _state(portal, reader, "")
    wrong = Refused(422, {"detail": words, "field": "numbers"} if state.letters else {"detail": words})
    facts = {"state": state, "tried": None, "wrong": wrong, "not_marked": words}
    return portal.show(reader, "operations/desk.html", status=wrong.status, **facts)


async def _state(portal: Portal, reader: Reader, after: str) -> State:
    health, found = await asyncio.gather(
        look({name: app for name, app in portal.upstreams.items() if name != OWN}), _told(reader, after)
    )
    if found is None:
        return State(health, is_away=True)
    streams, consumers, letters = found
    return State(
        health=health,
        streams=[shown_stream(one, reader.language) for one in streams],
        consumers=by_lag(consumers, reader.language),
        letters=letters["items"],
        next=letters["next"],
    )


async def _told(reader: Reader, after: str) -> tuple[Any, Any, Any] | None:
    """What the desk tells, or None while it cannot see the broker or is not there at all."""
    talk = reader.talk
    try:
        return await asyncio.gather(
            talk.get(f"{API}/streams"),
            talk.all_of(f"{API}/consumers", limit=200),
            talk.get(f"{API}/dead-letters", **({"after": after} if after else {})),
        )
    except Unavailable:
        return None
    except Refused as refused:
        if refused.status < 500:
            raise
        return None


def by_lag(consumers: Sequence[Mapping[str, Any]], language: str) -> list[ShownConsumer]:
    """Consumers, whoever is furthest behind first; those that keep up stand by name."""
    ordered = sorted(consumers, key=lambda one: (-(one["pending"] + one["unacked"]), one["name"]))
    return [
        ShownConsumer(
            name=str(one["name"]),
            service=str(one["service"]),
            pending=number(one["pending"], language),
            unacked=number(one["unacked"], language),
            redelivered=number(one["redelivered"], language),
            is_behind=one["pending"] + one["unacked"] > 0,
        )
        for one in ordered
    ]


def shown_stream(one: Mapping[str, Any], language: str) -> ShownStream:
    """A stream as it is read."""
    size = number(one["size"] / 2**20, language, "#,##0.0")
    return ShownStream(str(one["name"]), number(one["messages"], language), size)
