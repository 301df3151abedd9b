"""What the doors of the registry share."""

from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Path, Request

from chassis.database import Database
from chassis.refusals import Invalid
from services.registry.store.people import NOBODY

# A place id is a piece of a group's path and of a username, and a comma would join two of them.
PLACE_ID = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"

PlaceId = Annotated[str, Path(pattern=PLACE_ID, examples=["spb-693"])]


async def _db(request: Request) -> Database:
    # The chassis puts it there; Starlette's state is untyped.
    return cast(Database, request.app.state.db)


Db = Annotated[Database, Depends(_db)]


def uuid_after(after: str) -> UUID:
    """Where a page of things with UUIDs begins; raises Invalid."""
    try:
        return UUID(after) if after else NOBODY
    except ValueError as error:
        raise Invalid("page.bad-cursor", field="after") from error
