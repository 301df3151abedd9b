"""How many people of a school stand in pairs that were proposed, and how far these have come."""

from uuid import UUID

from sqlalchemy import String, Uuid, bindparam, func, literal, select, union_all

from chassis.database import Row, Tx
from services.matching.domain import PairingState
from services.matching.store.tables import pairings

# Put to people and refused by nobody; a pairing that was dissolved later had been agreed to.
_GONE = (PairingState.DECLINED.value, PairingState.EXPIRED.value)
_AGREED = (PairingState.ACCEPTED.value, PairingState.FORMED.value, PairingState.DISSOLVED.value)
_school, _cycle = bindparam("school", type_=String), bindparam("cycle", type_=Uuid)
_sides = union_all(
    *(
        select(person.label("person_id"), pairings.c.state, literal(turn, String).label("turn")).where(
            school == _school, pairings.c.cycle_id == _cycle, pairings.c.state.not_in(_GONE)
        )
        for person, school, turn in (
            (pairings.c.giver_id, pairings.c.giver_school, PairingState.TAKER_AGREED.value),
            (pairings.c.taker_id, pairings.c.taker_school, PairingState.PROPOSED.value),
        )
    )
).subquery()
_people = func.count(_sides.c.person_id.distinct())
_TURNOUT = select(
    _people.label("asked"),
    _people.filter(_sides.c.state.in_(_AGREED)).label("agreed"),
    _people.filter(_sides.c.state == _sides.c.turn).label("to_answer"),
)


async def turnout(tx: Tx, school: str, cycle: UUID) -> Row:
    """People in proposed pairs, in pairs to which both agreed, and those whose answer is waited for."""
    row = await tx.row(_TURNOUT, {"school": school, "cycle": cycle})
    return row or {}
