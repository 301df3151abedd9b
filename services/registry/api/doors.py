"""What the doors of the registry share."""

from asyncio import Event
from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends, Path, Request

from chassis.database import Database
from chassis.identity import Principal
from chassis.texts import Texts, choose_language
from services.registry.domain.people import SCHOOL_ROLES

# A place id is a piece of a group's path and of a username, and a comma would join two of them.
PLACE_ID = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"

PlaceId = Annotated[str, Path(pattern=PLACE_ID, examples=["spb-693"])]


async def _db(request: Request) -> Database:
    # The chassis puts it there; Starlette's state is untyped.
    return cast(Database, request.app.state.db)


Db = Annotated[Database, Depends(_db)]


def wake_workers(request: Request) -> None:
    """Tell the service's workers that a file waits."""
    # The composition root puts it there; Starlette's state is untyped.
    cast(Event, request.app.state.file_ordered).set()


Say = Callable[[str], str]


def speaker(request: Request) -> Say:
    """Says the text of a slug in the caller's language."""
    # The chassis puts the texts there; Starlette's state is untyped.
    texts = cast(Texts, request.app.state.texts)
    language = choose_language(request.headers.get("accept-language"))
    return lambda slug: texts.say(slug, language)


def roles_of(me: Principal, school: str) -> list[str]:
    """The caller's roles in the school."""
    return [role for role in SCHOOL_ROLES if me.at_school(school, role)]
