"""A staff file that is being applied and gets no further than its newcomers, for tests of what happens meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.database import Database
from chassis.relay import connect_plain
from deploy.databases import database_of
from tests.registry.town import School, some_teachers
from tests.stand import Stand


async def three_and_one(school: School) -> str:
    """A checked file by which three come and one who is here changes; its id."""
    known, *others = some_teachers(4)
    await school.take_in(known)
    checked = await school.check({**known, "Ставка": "0,5"}, *others)
    return str(checked["import_id"])


@asynccontextmanager
async def stuck(stand: Stand, school: School) -> AsyncIterator[None]:
    """Whoever changes the people who are in the school waits; newcomers are written down before."""
    database = await connect_plain(stand.infrastructure.postgres.url(database_of("registry"), "postgres"))
    try:
        async with database.transaction():
            await database.execute("select 1 from memberships where school_id = $1 for update", school.school_id)
            yield
    finally:
        await database.close()


async def row_of(db: Database, import_id: str) -> dict[str, Any]:
    """What the queue tells of an import; nothing when it is not in it."""
    query = text("select worker, claims, step, done from applying where import_id = :import")
    async with db.transaction() as tx:
        return dict(await tx.row(query, {"import": UUID(import_id)}) or {})


async def has_come(db: Database, import_id: str) -> int:
    return int((await row_of(db, import_id)).get("done", 0))
