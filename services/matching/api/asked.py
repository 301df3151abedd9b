"""What all doors of matching share: the database, the worker, words in the caller's language."""

from typing import cast

from fastapi import Request

from chassis.database import Database
from chassis.refusals import Fact
from chassis.texts import Texts, choose_language
from services.matching.actions.solving import Worker
from services.matching.domain import SLOTS


def db_of(request: Request) -> Database:
    """The service's database."""
    return cast(Database, request.app.state.db)


def worker_of(request: Request) -> Worker:
    """The service's worker."""
    return cast(Worker, request.app.state.worker)


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
