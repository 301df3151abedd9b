"""What people and curators enter here: free times, capacity, bans."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.matching.domain import Capacity
from services.matching.store.tables import availability, bans, misfits

_AVAILABILITY = select(availability).where(
    availability.c.school_id == bindparam("school"), availability.c.person_id == bindparam("person")
)
_new_availability = insert(availability)
_SAVE_AVAILABILITY = _new_availability.on_conflict_do_update(
    index_elements=[availability.c.school_id, availability.c.person_id],
    set_={name: _new_availability.excluded[name] for name in ("slots", "give", "take", "changed_at")},
)

_is_this_pair = and_(
    bans.c.school_id == bindparam("school"),
    bans.c.giver_id == bindparam("giver"),
    bans.c.taker_id == bindparam("taker"),
)
_SAVE_BAN = insert(bans).on_conflict_do_nothing()
_BAN = select(bans).where(_is_this_pair)
_LIFT_BAN = delete(bans).where(_is_this_pair)
_BANS = (
    select(bans)
    .where(
        bans.c.school_id == bindparam("school"),
        tuple_(bans.c.giver_id, bans.c.taker_id) > tuple_(bindparam("giver"), bindparam("taker")),
    )
    .order_by(bans.c.giver_id, bans.c.taker_id)
    .limit(bindparam("limit"))
)
_IS_FORBIDDEN = select(
    or_(
        select(bans.c.giver_id).where(_is_this_pair).exists(),
        select(misfits.c.giver_id)
        .where(
            misfits.c.school_id == bindparam("school"),
            misfits.c.cycle_id == bindparam("cycle"),
            misfits.c.giver_id == bindparam("giver"),
            misfits.c.taker_id == bindparam("taker"),
        )
        .exists(),
    )
)


async def available(tx: Tx, school: str, person: UUID) -> Row | None:
    """Free times and capacity as a person entered them, or nothing."""
    return await tx.row(_AVAILABILITY, {"school": school, "person": person})


async def save_availability(tx: Tx, school: str, person: UUID, *, slots: int, capacity: Capacity) -> None:
    """Write down when a person is free and how much the person can carry."""
    row = {
        "school_id": school,
        "person_id": person,
        "slots": slots,
        "give": capacity.give,
        "take": capacity.take,
        "changed_at": tx.now,
    }
    await tx.run(_SAVE_AVAILABILITY, row)


async def save_ban(tx: Tx, school: str, giver: UUID, taker: UUID, *, by: UUID) -> bool:
    """Forbid a pair; false when it was forbidden already."""
    row = {"school_id": school, "giver_id": giver, "taker_id": taker, "banned_at": tx.now, "banned_by": by}
    return await tx.run(_SAVE_BAN, row) == 1


async def ban(tx: Tx, school: str, giver: UUID, taker: UUID) -> Row | None:
    """The ban of a pair."""
    return await tx.row(_BAN, {"school": school, "giver": giver, "taker": taker})


async def lift_ban(tx: Tx, school: str, giver: UUID, taker: UUID) -> None:
    """Forbid a pair no longer."""
    await tx.run(_LIFT_BAN, {"school": school, "giver": giver, "taker": taker})


async def bans_after(tx: Tx, school: str, after: tuple[UUID, UUID], limit: int) -> Sequence[Row]:
    """The curator's bans, a page and one more."""
    giver, taker = after
    return await tx.rows(_BANS, {"school": school, "giver": giver, "taker": taker, "limit": limit + 1})


async def is_forbidden(tx: Tx, school: str, cycle: UUID, giver: UUID, taker: UUID) -> bool:
    """Is the pair banned, or a misfit of the cycle?"""
    found = await tx.value(_IS_FORBIDDEN, {"school": school, "cycle": cycle, "giver": giver, "taker": taker})
    return bool(found)
