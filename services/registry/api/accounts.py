"""The door to the accounts of a school."""

from typing import Literal
from uuid import UUID

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


class Account(BaseModel):
    """How a person comes in, and whether the realm knows yet."""

    person_id: UUID
    username: str
    state: Literal["PENDING", "READY", "DISABLED"]
    has_signed_in: bool


@router.get("/schools/{school}/accounts", dependencies=[require("curator", "head")])
async def list_accounts(db: Db, looks: Looks, school: str, after: After = "", limit: Limit = DEFAULT) -> Page[Account]:
    """The accounts of the school's people: who can come in, who has not come in yet."""
    async with db.transaction(school) as tx:
        rows = await store.accounts_after(tx, school, after_id(after), limit)
    page = page_of(rows, limit, key=lambda row: row["person_id"], item=_account)
    await looks.saw(What.ACCOUNTS, [one.person_id for one in page.items])
    return page


def _account(row: Row) -> Account:
    state = state_of(version=row["version"], done_version=row["done_version"], has_groups=bool(row["groups"]))
    return Account.model_validate({**row, "state": state, "has_signed_in": row["signed_in_at"] is not None})
