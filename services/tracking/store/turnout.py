"""How many people of a school work in pairs, and how many of them have met."""

from uuid import UUID

from sqlalchemy import String, bindparam, func, select, union_all

from chassis.database import Row, Tx
from services.tracking.domain import State
from services.tracking.store.tables import assignments

_c = assignments.c
_sides = union_all(
    *(
        select(person.label("person_id"), _c.state, _c.met_on).where(
            school == bindparam("school", type_=String), _c.cycle_id == bindparam("cycle")
        )
        for person, school in ((_c.giver_id, _c.giver_school), (_c.taker_id, _c.taker_school))
    )
).subquery()
_people = func.count(_sides.c.person_id.distinct())
_TURNOUT = select(
    _people.label("in_pairs"),
    _people.filter(_sides.c.met_on.is_not(None)).label("met"),
    _people.filter(_sides.c.met_on.is_(None), _sides.c.state == State.ACTIVE).label("to_meet"),
)


async def turnout(tx: Tx, school: str, cycle: UUID) -> Row:
    """People in pairs of a cycle, those who have met in one of them, those whose pair works and has not met yet."""
    row = await tx.row(_TURNOUT, {"school": school, "cycle": cycle})
    return row or {}
