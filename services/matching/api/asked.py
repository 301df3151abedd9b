"""What all doors of matching share: the database, the worker, words in the caller's language."""

from typing import cast

from fastapi import Request

from chassis.database import Database
from chassis.refusals import Fact
from chassis.texts import Texts, choose_language
from services.matching.actions.solving import Worker


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
