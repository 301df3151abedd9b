"""What all doors of matching share: the database, the worker, cursors, words in the caller's language."""

from typing import cast
from uuid import UUID

from fastapi import Request

from chassis.database import Database
from chassis.refusals import Fact, Invalid
from chassis.texts import Texts, choose_language
from services.matching.actions.solving import Worker
from services.matching.domain import SLOTS
from services.matching.store import NOBODY


def db_of(request: Request) -> Database:
    """The service's database."""
    return cast(Database, request.app.state.db)


def worker_of(request: Request) -> Worker:
    """The service's worker."""
    return cast(Worker, request.app.state.worker)


def id_after(after: str) -> UUID:
    """Where a page begins in a list by id; `Invalid` for what is no cursor."""
    try:
        return UUID(after) if after else NOBODY
    except ValueError as error:
        raise Invalid("page.bad-cursor", field="after") from error


def place_after(after: str, *, first: int) -> int:
    """Where a page begins in a list by place; `Invalid` for what is no cursor."""
    try:
        return int(after) if after else first
    except ValueError as error:
        raise Invalid("page.bad-cursor", field="after") from error


def say(request: Request, slug: str, **facts: Fact) -> str:
    """A text in the caller's language."""
    texts: Texts = request.app.state.texts
    return texts.say(slug, choose_language(request.headers.get("accept-language")), **facts)


def reason_of(request: Request, competency: str, first_slot: int | None) -> str:
    """Why a pair is proposed, in one sentence of codes: neither a level nor a name."""
    if first_slot is None:
        return say(request, "proposal.reason-without-time", competency=competency)
    day, _, period = SLOTS[first_slot].partition("-")
    return say(
        request,
        "proposal.reason",
        competency=competency,
        day=say(request, f"day.{day}"),
        period=period,
    )
