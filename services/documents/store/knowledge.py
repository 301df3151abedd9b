"""What documents has heard of others: members, cycles, pairs."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Tx
from services.documents.store.tables import cycles, members, pairings

_new_member = insert(members)
_SAVE_MEMBER = _new_member.on_conflict_do_update(
    index_elements=[members.c.school_id, members.c.person_id],
    set_={"is_member": _new_member.excluded.is_member, "revision": _new_member.excluded.revision},
    where=(members.c.revision < _new_member.excluded.revision) & ~members.c.is_erased,
)
_SAVE_ERASED = _new_member.on_conflict_do_update(
    index_elements=[members.c.school_id, members.c.person_id],
    set_={"is_member": False, "is_erased": True},
)
_ERASED = select(members.c.person_id).where(
    members.c.school_id == bindparam("school"), members.c.person_id == bindparam("person"), members.c.is_erased
)
_SAVE_CYCLE = insert(cycles).on_conflict_do_nothing()
_new_pairing = insert(pairings)
_SAVE_PAIRING = _new_pairing.on_conflict_do_update(
    index_elements=[pairings.c.pairing_id],
    set_={"giver_id": _new_pairing.excluded.giver_id, "taker_id": _new_pairing.excluded.taker_id},
    where=pairings.c.giver_id.is_(None),
)
_KNOWN_PAIRINGS = select(pairings.c.pairing_id).where(pairings.c.pairing_id.in_(bindparam("ids", expanding=True)))
_KNOWN_CYCLE = select(cycles.c.cycle_id).where(cycles.c.cycle_id == bindparam("cycle"))


async def save_member(tx: Tx, school: str, person: UUID, *, is_member: bool, revision: int) -> None:
    """Keep what registry said last of a membership; older news changes nothing."""
    await tx.run(_SAVE_MEMBER, {"school_id": school, "person_id": person, "is_member": is_member, "revision": revision})


async def save_cycle(tx: Tx, school: str, cycle: UUID) -> None:
    """Know a cycle."""
    await tx.run(_SAVE_CYCLE, {"school_id": school, "cycle_id": cycle})


async def save_erased(tx: Tx, school: str, person: UUID) -> None:
    """Keep for good that a person is erased, whatever news comes late."""
    row = {"school_id": school, "person_id": person, "is_member": False, "is_erased": True, "revision": 0}
    await tx.run(_SAVE_ERASED, row)


async def is_erased(tx: Tx, school: str, person: UUID) -> bool:
    """Was this person forgotten?"""
    return await tx.row(_ERASED, {"school": school, "person": person}) is not None


async def save_pairing(tx: Tx, row: dict[str, str | UUID]) -> None:
    """Know a formed pair and its two people."""
    await tx.run(_SAVE_PAIRING, row)


async def known_pairings(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the pairs that are known here."""
    return {row["pairing_id"] for row in await tx.rows(_KNOWN_PAIRINGS, {"ids": list(ids)})}


async def knows_cycle(tx: Tx, cycle: UUID) -> bool:
    """Is the cycle known here?"""
    return await tx.row(_KNOWN_CYCLE, {"cycle": cycle}) is not None
