"""What time alone brings about; each looks at the schools in batches, one replica at a time."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from chassis.database import Database, Tx
from services.tracking import domain, store
from services.tracking.actions import meetings, notifications, surveys, work

SCHOOLS_AT_ONCE = 200


async def settle_silence(db: Database) -> None:
    """Seven days after one side's word the other's silence counts as agreement."""
    await _for_all_schools(db, _settle_silence)


async def keep_dates(db: Database) -> None:
    """Start the work whose last paper is in force from today; end the work whose announced last day is over."""
    await _for_all_schools(db, _keep_dates)


async def watch_pairs(db: Database) -> None:
    """Tell once of each working pair that has not met for six weeks, school holidays left out."""
    await _for_all_schools(db, _watch_pairs)


async def close_surveys(db: Database) -> None:
    """Close the surveys whose last day is over."""
    await _for_all_schools(db, _close_surveys)


async def remind(db: Database) -> None:
    """Make the notices about campaigns whose time has come."""
    await _for_all_schools(db, notifications.make_notices)


async def _for_all_schools(db: Database, action: Callable[[Tx], Awaitable[None]]) -> None:
    after = ""
    while True:
        async with db.transaction() as tx:
            schools = await store.schools_after(tx, after, SCHOOLS_AT_ONCE)
        if not schools:
            return
        async with db.transaction(*schools) as tx:
            await tx.lock(work.MANY)
            await action(tx)
        after = schools[-1]


async def _settle_silence(tx: Tx) -> None:
    for row in await store.half_answered_meetings(tx, tx.now - domain.SILENCE):
        await work.held(tx, row["assignment_id"])
        meeting = await store.meeting(tx, row["meeting_id"])
        if meeting is not None:
            await meetings.settle(tx, meeting, domain.settle_by_silence(meeting, tx.now))


async def _keep_dates(tx: Tx) -> None:
    today = tx.now.date()
    for assignment_id in await store.ready_assignments(tx, today):
        await work.consider(tx, await work.held(tx, assignment_id))
    for assignment_id in await store.ended_assignments(tx, today):
        assignment = await work.held(tx, assignment_id)
        if not assignment.is_over:
            await work.take_step(tx, assignment, domain.end_announced(assignment))


async def _watch_pairs(tx: Tx) -> None:
    since = domain.quiet_since(tx.now.date(), domain.RED_DAYS)
    for assignment_id in await store.quiet_assignments(tx, since):
        assignment = await work.held(tx, assignment_id)
        if assignment.stalled_at is None and assignment.state is domain.State.ACTIVE:
            await work.take_step(tx, assignment, replace(assignment, stalled_at=tx.now))
            await work.tell_stalled(tx, assignment)


async def _close_surveys(tx: Tx) -> None:
    for survey_id in await store.due_surveys(tx):
        survey = await store.survey_to_close(tx, survey_id)
        if survey is not None and survey.is_open:
            await surveys.tally(tx, survey)
