"""What the two of a pair do beside their meetings: goals, a call for help, the wish for another pair."""

from dataclasses import dataclass, replace
from uuid import UUID

from chassis.database import Database
from chassis.refusals import Conflict, Missing
from contracts.tracking import GoalAchieved
from services.tracking import domain, store
from services.tracking.actions import work
from services.tracking.actions.assignments import waits_for


@dataclass(frozen=True, slots=True)
class Own:
    """An assignment as one of the two sees it: own missing papers only, and the goals of the pair."""

    assignment: domain.Assignment
    side: str
    waits_for: list[str]
    goals: list[domain.Goal]


async def list_own(db: Database, caller: domain.Caller, after: UUID, limit: int) -> list[Own]:
    """The assignments of a person, a page and one more; whether the other has consented is not told."""
    async with db.transaction(caller.school) as tx:
        found = await store.assignments_of(tx, caller, after, limit)
        lacking = await waits_for(tx, found)
        goals = await store.goals_of(tx, [one.assignment_id for one in found])
    return [
        Own(
            assignment=one,
            side=side,
            waits_for=[code for code in lacking[one.assignment_id] if not code.endswith(f".{_other(side)}")],
            goals=[goal for goal in goals if goal.assignment_id == one.assignment_id],
        )
        for one in found
        if (side := one.side_of(caller))
    ]


def _other(side: str) -> str:
    return domain.TAKER if side == domain.GIVER else domain.GIVER


async def agree_goal(db: Database, caller: domain.Caller, goal: domain.Goal) -> tuple[domain.Goal, bool]:
    """One of the two writes a goal of the pair down; false when it was known."""
    async with db.transaction(caller.school) as tx:
        assignment = await work.held_by(tx, caller, goal.assignment_id)
        known = await store.goal(tx, goal.goal_id)
        if known is not None:
            domain.check_same_goal(known, goal)
            return known, False
        cycle = await store.cycle(tx, assignment.cycle_id) or domain.Cycle()
        domain.check_cycle(cycle)
        domain.check_goal(goal, assignment, cycle)
        if not await store.add_goal(tx, assignment, goal, by=caller.person):
            raise Conflict("goal.id-taken", field="goal_id")
    return goal, True


async def achieve_goal(db: Database, caller: domain.Caller, assignment_id: UUID, goal_id: UUID) -> domain.Goal:
    """One of the two says that a goal is reached; said by both, it is one fact."""
    async with db.transaction(caller.school) as tx:
        assignment = await work.held_by(tx, caller, assignment_id)
        goal = await store.goal(tx, goal_id)
        if goal is None or goal.assignment_id != assignment_id:
            raise Missing("goal.unknown", field="goal_id")
        if goal.state is domain.GoalState.ACHIEVED:
            return goal
        domain.check_achievable(assignment)
        await store.achieve(tx, goal_id)
        await tx.emit(
            GoalAchieved(
                school_id=assignment.taker_school,
                goal_id=goal_id,
                assignment_id=assignment_id,
                cycle_id=assignment.cycle_id,
                occurred_at=tx.now,
            )
        )
    return replace(goal, state=domain.GoalState.ACHIEVED)


async def ask_for_help(db: Database, caller: domain.Caller, assignment_id: UUID) -> None:
    """One of the two asks the curator for help; the other does not learn of it."""
    async with db.transaction(caller.school) as tx:
        assignment = await work.held_by(tx, caller, assignment_id)
        domain.check_open(assignment)
        asked_at = assignment.help_asked_at or tx.now
        asked = replace(assignment, help_asked_at=asked_at, stalled_at=assignment.stalled_at or tx.now)
        await work.take_step(tx, assignment, asked)
        if assignment.stalled_at is None:
            await work.tell_stalled(tx, assignment)


async def wish_rematch(db: Database, caller: domain.Caller, assignment_id: UUID) -> None:
    """One of the two wishes for another pair; only the curator learns of it, and not from whom."""
    async with db.transaction(caller.school) as tx:
        assignment = await work.held_by(tx, caller, assignment_id)
        domain.check_open(assignment)
        await work.take_step(tx, assignment, replace(assignment, is_rematch_wished=True))
