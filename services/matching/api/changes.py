"""Door to what brought a run to where it stands: which step, when, and by whose hand."""

from datetime import datetime
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from chassis.database import Row
from chassis.doors import doors
from chassis.identity import require
from chassis.paging import DEFAULT, LARGEST_NUMBER, After, Limit, Page, after_number, page_of
from services.matching.actions.versions import run_as_seen
from services.matching.api.asked import db_of
from services.matching.store import edits as store

router = doors()


class RunChange(BaseModel):
    """One step of a run: `kind` tells what an edit was, `by` who did it; nobody where the run went by itself."""

    version: int
    what: str = Field(examples=["edited", "undone", "solved", "chosen", "published"])
    kind: str | None = Field(examples=["pin"])
    edit_id: UUID | None
    at: datetime
    by: UUID | None


@router.get("/schools/{school}/runs/{run_id}/changes", dependencies=[require("curator")])
async def list_changes(
    request: Request, school: str, run_id: UUID, after: After = "", limit: Limit = DEFAULT
) -> Page[RunChange]:
    """What brought a run to its version, the newest step first; the pairs that an edit is about are told with it."""
    async with db_of(request).transaction(school) as tx:
        await run_as_seen(tx, school, run_id, None)
        rows = await store.changes_before(tx, run_id, after_number(after) or LARGEST_NUMBER, limit)
    return page_of(rows, limit, key=lambda row: row["version"], item=_change)


def _change(row: Row) -> RunChange:
    return RunChange(
        version=row["version"],
        what=row["what"],
        kind=row["kind"],
        edit_id=row["edit_id"],
        at=row["changed_at"],
        by=row["changed_by"],
    )
