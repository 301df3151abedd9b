"""Queries of goals."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.tracking.domain import Assignment, Goal, GoalState
from services.tracking.store.tables import assignments, goals

_new_goal = insert(goals)
_ADD_GOAL = _new_goal.on_conflict_do_nothing()
_GOAL = select(goals).where(goals.c.goal_id == bindparam("goal"))
_GOALS = (
    select(goals)
    .where(goals.c.assignment_id.in_(bindparam("ids", expanding=True)))
    .order_by(goals.c.assignment_id, goals.c.due_on, goals.c.goal_id)
    .limit(2000)
)
_ACHIEVE = (
    goals.update()
    .where(goals.c.goal_id == bindparam("goal"), goals.c.state == GoalState.AGREED)
    .values(state=GoalState.ACHIEVED)
)
_FORGET_GOALS = (
    goals.update()
    .where(
        goals.c.text.is_not(None),
        or_(
            goals.c.written_by == bindparam("person"),
            goals.c.assignment_id.in_(
                select(assignments.c.assignment_id).where(
                    or_(assignments.c.giver_id == bindparam("person"), assignments.c.taker_id == bindparam("person"))
                )
            ),
        ),
    )
    .values(text=None)
)


async def add_goal(tx: Tx, assignment: Assignment, goal: Goal, *, by: UUID) -> bool:
    """Write a goal down; false when its id is taken."""
    schools = {"giver_school": assignment.giver_school, "taker_school": assignment.taker_school}
    return await tx.run(_ADD_GOAL, {**schools, **asdict(goal), "written_by": by}) == 1


def _goal(row: Row) -> Goal:
    names = Goal.__dataclass_fields__
    return Goal(**{**{name: row[name] for name in names}, "state": GoalState(row["state"])})


async def goal(tx: Tx, goal_id: UUID) -> Goal | None:
    """A goal."""
    row = await tx.row(_GOAL, {"goal": goal_id})
    return _goal(row) if row else None


async def goals_of(tx: Tx, ids: Sequence[UUID]) -> list[Goal]:
    """The goals of assignments."""
    return [_goal(row) for row in await tx.rows(_GOALS, {"ids": list(ids)})] if ids else []


async def achieve(tx: Tx, goal_id: UUID) -> bool:
    """Mark a goal as achieved; false when it was."""
    return await tx.run(_ACHIEVE, {"goal": goal_id}) == 1


async def forget_goals(tx: Tx, person: UUID) -> None:
    """Delete the texts of the goals of an erased person's pairs, whoever of the two wrote them."""
    await tx.run(_FORGET_GOALS, {"person": person})
