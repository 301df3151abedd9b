"""The door to the accounts of a school."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from chassis.database import Row
from chassis.doors import doors
from chassis.identity import require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from services.registry.api.doors import Db
from services.registry.domain.accounts import state_of
from services.registry.domain.looks import What
from services.registry.store import accounts as store

router = doors()
# As many as a page shows; their ids have to fit into an address.
MOST_PEOPLE = 100


class Account(BaseModel):
    """How a person comes in, and whether the realm knows yet."""

    person_id: UUID
    username: str
    state: Literal["PENDING", "READY", "DISABLED"]
    has_signed_in: bool


OfPeople = Annotated[
    list[UUID] | None, Query(max_length=MOST_PEOPLE, description="only of these people; of all when empty")
]


@router.get("/schools/{school}/accounts", dependencies=[require("curator", "head")])
async def list_accounts(
    db: Db,
    looks: Looks,
    school: str,
    person_id: OfPeople = None,
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[Account]:
    """The accounts of the school's people, or of some of them: who can come in, who has not come in yet."""
    async with db.transaction(school) as tx:
        rows = await store.accounts_after(tx, school, after_id(after), limit, of=person_id)
    page = page_of(rows, limit, key=lambda row: row["person_id"], item=_account)
    await looks.saw(What.ACCOUNTS, [one.person_id for one in page.items])
    return page


def _account(row: Row) -> Account:
    state = state_of(version=row["version"], done_version=row["done_version"], has_groups=bool(row["groups"]))
    return Account.model_validate({**row, "state": state, "has_signed_in": row["signed_in_at"] is not None})
