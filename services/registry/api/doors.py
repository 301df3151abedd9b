"""What the doors of the registry share."""

from typing import Annotated, cast

from fastapi import Depends, Path, Request

from chassis.database import Database

# A place id is a piece of a group's path and of a username, and a comma would join two of them.
PLACE_ID = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"

PlaceId = Annotated[str, Path(pattern=PLACE_ID, examples=["spb-693"])]


async def _db(request: Request) -> Database:
    # The chassis puts it there; Starlette's state is untyped.
    return cast(Database, request.app.state.db)


Db = Annotated[Database, Depends(_db)]
