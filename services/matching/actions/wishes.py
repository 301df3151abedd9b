"""Free times, capacity, bans."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Database
from chassis.refusals import Forbidden, Invalid
from services.matching.domain import Capacity, slots_mask
from services.matching.store import knowledge, wishes


async def enter_availability(
    db: Database, school: str, person: UUID, *, slots: Sequence[str], capacity: Capacity
) -> None:
    """A person says when they are free and how many pairings they can carry in each role."""
    mask = slots_mask(slots)
    async with db.transaction(school) as tx:
        if await knowledge.is_erased(tx, school, person):
            raise Forbidden("identity.erased")
        await wishes.save_availability(tx, school, person, slots=mask, capacity=capacity)


async def ban_pair(db: Database, school: str, giver: UUID, taker: UUID, *, by: UUID) -> bool:
    """A curator forbids a pair in this direction, in every cycle; false when it was forbidden already."""
    if giver == taker:
        raise Invalid("ban.same-person", field="taker_id")
    async with db.transaction(school) as tx:
        return await wishes.save_ban(tx, school, giver, taker, by=by)


async def lift_ban(db: Database, school: str, giver: UUID, taker: UUID) -> None:
    """A curator forbids a pair no longer; a repeat changes nothing."""
    async with db.transaction(school) as tx:
        await wishes.lift_ban(tx, school, giver, taker)
