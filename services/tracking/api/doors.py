"""What every door of tracking needs: the database, the caller, the language, cursors of pages."""

from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from fastapi import Request

from chassis.database import Database
from chassis.identity import Principal
from chassis.refusals import Invalid
from chassis.texts import Texts, choose_language
from services.tracking import domain, store

BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
SEPARATOR = "~"


def db_of(request: Request) -> Database:
    """The service's database."""
    return cast(Database, request.app.state.db)


def say(request: Request, slug: str) -> str:
    """A text in the caller's language."""
    texts = cast(Texts, request.app.state.texts)
    return texts.say(slug, choose_language(request.headers.get("accept-language")))


def caller_of(school: str, me: Principal) -> domain.Caller:
    """The person behind the request, as a member of the school in the path."""
    return domain.Caller(school, me.me)


def moment_after(after: str) -> tuple[datetime, UUID]:
    """The moment and the id after which a page in order of time begins; raises Invalid."""
    if not after:
        return BEGINNING, store.NOBODY
    moment, _, identity = after.partition(SEPARATOR)
    try:
        found = datetime.fromisoformat(moment)
        return found.replace(tzinfo=found.tzinfo or UTC), UUID(identity)
    except ValueError as error:
        raise Invalid("page.bad-cursor", field="after") from error


def moment_cursor(moment: datetime, identity: UUID) -> str:
    """The cursor of a page in order of time; it may stand in an address as it is."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat()}{SEPARATOR}{identity}"
