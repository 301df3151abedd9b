"""Queries of assignments, of the demands that they meet, and of their health."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import (
    Boolean,
    String,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.tracking.domain import Assignment, Caller, GoalState, Rest, State
from services.tracking.store.tables import assignments, fulfilments, goals, meetings, reflections

# Of one school and cycle; far above what a school has.
MOST_PAIRS = 2000
BATCH = 200
NOBODY = UUID(int=0)
_OPEN_STATES = (State.OPENED, State.ACTIVE, State.SUSPENDED)
_c = assignments.c

_new = insert(assignments)
_OPEN = _new.on_conflict_do_nothing()
_FIXED = frozenset({"assignment_id", "pairing_id", "giver_school", "taker_school"})
_SAVE = _new.on_conflict_do_update(
    index_elements=[_c.assignment_id],
    set_={column.name: _new.excluded[column.name] for column in assignments.columns if column.name not in _FIXED},
)
_ONE = select(assignments).where(_c.assignment_id == bindparam("assignment"))
_ONE_LOCKED = _ONE.with_for_update()
_is_of_person = or_(
    and_(_c.giver_school == bindparam("school"), _c.giver_id == bindparam("person")),
    and_(_c.taker_school == bindparam("school"), _c.taker_id == bindparam("person")),
)
_OPEN_OF_PERSON = (
    select(_c.assignment_id).where(_is_of_person, _c.state.in_(_OPEN_STATES)).order_by(_c.assignment_id).limit(500)
)
_OF_PERSON = (
    select(assignments)
    .where(_is_of_person, _c.assignment_id > bindparam("after"))
    .order_by(_c.assignment_id)
    .limit(bindparam("limit"))
)
_is_of_school = or_(_c.giver_school == bindparam("school"), _c.taker_school == bindparam("school"))
_is_of_cycle = or_(
    bindparam("cycle", type_=Uuid).is_(None),
    _c.cycle_id == bindparam("cycle", type_=Uuid),
)
_disputed = (
    select(func.count())
    .where(
        meetings.c.assignment_id == _c.assignment_id,
        meetings.c.state == "CONFIRMED",
        meetings.c.giver_says != meetings.c.taker_says,
    )
    .scalar_subquery()
    .label("disputed")
)
_OF_SCHOOL = (
    select(assignments, _disputed)
    .where(
        _is_of_school,
        _is_of_cycle,
        or_(bindparam("state", type_=String).is_(None), _c.state == bindparam("state", type_=String)),
        or_(bindparam("has_met", type_=Boolean).is_(None), _c.met_on.is_not(None) == bindparam("has_met")),
        _c.assignment_id > bindparam("after"),
    )
    .order_by(_c.assignment_id)
    .limit(bindparam("limit"))
)
_last_usefulness = (
    select(reflections.c.usefulness)
    .where(reflections.c.assignment_id == _c.assignment_id, reflections.c.usefulness.is_not(None))
    .order_by(reflections.c.given_at.desc())
    .limit(1)
    .scalar_subquery()
    .label("last_usefulness")
)
_has_overdue_goal = exists(
    select(goals.c.goal_id).where(
        goals.c.assignment_id == _c.assignment_id,
        goals.c.state == GoalState.AGREED,
        goals.c.due_on < bindparam("today"),
    )
).label("has_overdue_goal")
_AT_WORK = (
    select(assignments, _disputed, _last_usefulness, _has_overdue_goal)
    .where(
        _is_of_school,
        _is_of_cycle,
        or_(_c.state == State.ACTIVE, _c.rests_for == Rest.CONSENT),
    )
    .order_by(_c.assignment_id)
    .limit(MOST_PAIRS)
)
_new_fulfilment = insert(fulfilments)
_SAVE_FULFILMENT = _new_fulfilment.on_conflict_do_update(
    index_elements=[fulfilments.c.assignment_id, fulfilments.c.requirement],
    set_={"met_from": _new_fulfilment.excluded.met_from},
)
_MET = (
    select(fulfilments.c.assignment_id, fulfilments.c.requirement, fulfilments.c.met_from)
    .where(
        fulfilments.c.assignment_id.in_(bindparam("ids", expanding=True)),
        fulfilments.c.met_from.is_not(None),
    )
    .order_by(fulfilments.c.assignment_id, fulfilments.c.requirement)
    .limit(bindparam("limit"))
)
_MET_ON = (
    assignments.update()
    .where(_c.assignment_id == bindparam("assignment"))
    .values(met_on=func.greatest(_c.met_on, bindparam("day")))
)
# What time brings about, for the schools of the transaction.
_READY = (
    select(_c.assignment_id)
    .where(_c.state == State.OPENED, _c.ready_on <= bindparam("today"))
    .order_by(_c.assignment_id)
    .limit(BATCH)
)
_ENDED = (
    select(_c.assignment_id)
    .where(_c.state.in_(_OPEN_STATES), _c.ends_on < bindparam("today"))
    .order_by(_c.assignment_id)
    .limit(BATCH)
)
_QUIET = (
    select(_c.assignment_id)
    .where(
        _c.state == State.ACTIVE,
        _c.stalled_at.is_(None),
        func.coalesce(_c.met_on, _c.activated_on) <= bindparam("since"),
    )
    .order_by(_c.assignment_id)
    .limit(BATCH)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which assignments of a school a list is about."""

    school: str
    cycle: UUID | None = None
    state: str | None = None
    has_met: bool | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """An assignment with what its health is told by."""

    assignment: Assignment
    disputed: int
    last_usefulness: int | None
    has_overdue_goal: bool


def _assignment(row: Row) -> Assignment:
    found = {name: row[name] for name in Assignment.__dataclass_fields__}
    return Assignment(**{**found, "state": State(row["state"])})


async def open_assignment(tx: Tx, assignment: Assignment) -> bool:
    """Write a new assignment down; false when the pair has one."""
    return await tx.run(_OPEN, asdict(assignment)) == 1


async def save_assignment(tx: Tx, assignment: Assignment) -> None:
    """Write a step of an assignment down."""
    await tx.run(_SAVE, asdict(assignment))


async def assignment(tx: Tx, assignment_id: UUID) -> Assignment | None:
    """An assignment, held until the end of the transaction: whoever changes a pair or its meetings waits here."""
    row = await tx.row(_ONE_LOCKED, {"assignment": assignment_id})
    return _assignment(row) if row else None


async def look_at_assignment(tx: Tx, assignment_id: UUID) -> Assignment | None:
    """An assignment, only to look at."""
    row = await tx.row(_ONE, {"assignment": assignment_id})
    return _assignment(row) if row else None


async def open_assignments_of(tx: Tx, caller: Caller) -> list[UUID]:
    """The assignments of a person that are not over."""
    rows = await tx.rows(_OPEN_OF_PERSON, {"school": caller.school, "person": caller.person})
    return [row["assignment_id"] for row in rows]


async def assignments_of(tx: Tx, caller: Caller, after: UUID, limit: int) -> list[Assignment]:
    """The assignments of a person, a page and one more."""
    wanted = {"school": caller.school, "person": caller.person, "after": after, "limit": limit + 1}
    return [_assignment(row) for row in await tx.rows(_OF_PERSON, wanted)]


async def assignments_after(tx: Tx, wanted: Wanted, after: UUID, limit: int) -> list[tuple[Assignment, int]]:
    """The assignments of a school with their disputed meetings, a page and one more."""
    found = await tx.rows(_OF_SCHOOL, {**asdict(wanted), "after": after, "limit": limit + 1})
    return [(_assignment(row), row["disputed"]) for row in found]


async def watched(tx: Tx, school: str, cycle: UUID | None, *, today: date) -> list[Watched]:
    """The assignments of a school at work, or resting because a consent was taken back."""
    rows = await tx.rows(_AT_WORK, {"school": school, "cycle": cycle, "today": today})
    return [Watched(_assignment(row), row["disputed"], row["last_usefulness"], row["has_overdue_goal"]) for row in rows]


async def fulfil(tx: Tx, assignment: Assignment, met_from: Mapping[str, date | None]) -> None:
    """Keep since when an assignment meets demands; no day means: not any more."""
    rows = [
        {
            "giver_school": assignment.giver_school,
            "taker_school": assignment.taker_school,
            "assignment_id": assignment.assignment_id,
            "requirement": requirement,
            "met_from": day,
        }
        for requirement, day in met_from.items()
    ]
    if rows:
        await tx.run(_SAVE_FULFILMENT, rows)


async def met_by(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, dict[str, date]]:
    """Which demands assignments meet, and since when."""
    found: dict[UUID, dict[str, date]] = {one: {} for one in ids}
    if ids:
        for row in await tx.rows(_MET, {"ids": list(ids), "limit": 20 * len(ids)}):
            found[row["assignment_id"]][row["requirement"]] = row["met_from"]
    return found


async def met_on(tx: Tx, assignment_id: UUID, day: date) -> None:
    """Remember the day of a meeting that was held, if it is the last so far."""
    await tx.run(_MET_ON, {"assignment": assignment_id, "day": day})


async def ready_assignments(tx: Tx, today: date) -> list[UUID]:
    """Opened assignments whose papers are all in force by now."""
    return [row["assignment_id"] for row in await tx.rows(_READY, {"today": today})]


async def ended_assignments(tx: Tx, today: date) -> list[UUID]:
    """Assignments whose announced last day is over."""
    return [row["assignment_id"] for row in await tx.rows(_ENDED, {"today": today})]


async def quiet_assignments(tx: Tx, since: date) -> list[UUID]:
    """Assignments at work that met last on a day or before it, and of which nobody was told yet."""
    return [row["assignment_id"] for row in await tx.rows(_QUIET, {"since": since})]
