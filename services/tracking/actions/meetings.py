"""What the two do about their meetings."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from chassis.database import Database, Tx
from chassis.etags import check_seen, tag_of
from chassis.refusals import Conflict, Missing
from contracts.tracking import MeetingHeld, MeetingMissed, MeetingPlanned, ReflectionGiven
from services.tracking import domain, store
from services.tracking.actions import work


@dataclass(frozen=True, slots=True)
class OwnMeeting:
    """A meeting as one of the two sees it, with what both thought of it."""

    meeting: domain.Meeting
    side: str
    reflections: list[domain.GivenReflection]


class _About(TypedDict):
    meeting_id: UUID
    assignment_id: UUID
    cycle_id: UUID
    giver_school: str
    taker_school: str
    kind: str
    revision: int
    occurred_at: datetime


def _about(tx: Tx, meeting: domain.Meeting) -> _About:
    return _About(
        meeting_id=meeting.meeting_id,
        assignment_id=meeting.assignment_id,
        cycle_id=meeting.cycle_id,
        giver_school=meeting.giver_school,
        taker_school=meeting.taker_school,
        kind=meeting.kind,
        revision=meeting.revision,
        occurred_at=tx.now,
    )


async def list_own(db: Database, caller: domain.Caller, after: tuple[datetime, UUID], limit: int) -> list[OwnMeeting]:
    """The meetings of a person in the order of their start, a page and one more."""
    async with db.transaction(caller.school) as tx:
        found = await store.meetings_of(tx, caller, after, limit)
        thoughts = await store.reflections_on(tx, [one.meeting_id for one in found])
    return [OwnMeeting(one, one.side_of(caller) or "", thoughts[one.meeting_id]) for one in found]


async def plan_meeting(
    db: Database, caller: domain.Caller, plan: domain.Plan, *, seen: str | None = None
) -> tuple[domain.Meeting, bool]:
    """One of the two plans a meeting, or moves a planned one as it was seen; true when it is new."""
    async with db.transaction(caller.school) as tx:
        assignment = await work.held_by(tx, caller, plan.assignment_id)
        known = await store.meeting(tx, plan.meeting_id)
        _check_seen(known if known and known.assignment_id == plan.assignment_id else None, seen)
        if known is not None:
            return await _move(tx, known, domain.move_meeting(known, plan, assignment)), False
        domain.check_cycle(await store.cycle(tx, assignment.cycle_id) or domain.Cycle())
        meeting = domain.plan_meeting(plan, assignment)
        if not await store.add_meeting(tx, meeting):
            raise Conflict("meeting.id-taken", field="meeting_id")
        await tx.emit(MeetingPlanned(**_about(tx, meeting)))
    return meeting, True


def tag_of_meeting(meeting: domain.Meeting) -> str:
    """The tag of a meeting: it changes with every new time, and with what either says of it."""
    return tag_of(meeting.revision, str(meeting.state), meeting.giver_says, meeting.taker_says)


def _check_seen(known: domain.Meeting | None, seen: str | None) -> None:
    if known is None:
        check_seen(seen, None)
    else:
        check_seen(seen, tag_of_meeting(known), state=known.state.value, legal=known.legal)


async def _move(tx: Tx, known: domain.Meeting, moved: domain.Meeting) -> domain.Meeting:
    if moved != known:
        await store.save_meeting(tx, moved)
        await tx.emit(MeetingPlanned(**_about(tx, moved)))
    return moved


async def confirm_meeting(db: Database, caller: domain.Caller, meeting_id: UUID, *, took_place: bool) -> domain.Meeting:
    """One of the two says whether a meeting took place; of two at once both are heard, and it is held once."""
    async with db.transaction(caller.school) as tx:
        meeting, side = await _held_by(tx, caller, meeting_id)
        said = domain.answer(meeting, side, took_place=took_place, now=tx.now)
        await settle(tx, meeting, said)
    return said


async def settle(tx: Tx, before: domain.Meeting, after: domain.Meeting) -> None:
    """Write down what was said of a meeting, and announce its outcome when it has one now."""
    if after == before:
        return
    await store.save_meeting(tx, after)
    if after.state is domain.MeetingState.HELD:
        await tx.emit(MeetingHeld(**_about(tx, after), minutes=after.minutes))
        await store.met_on(tx, after.assignment_id, after.starts_at.date())
    elif after.state is domain.MeetingState.NO_SHOW:
        await tx.emit(MeetingMissed(**_about(tx, after)))


async def reflect(
    db: Database, caller: domain.Caller, meeting_id: UUID, reflection: domain.Reflection
) -> domain.Reflection:
    """One of the two thinks back on a meeting; a second time replaces the first, and is no new fact."""
    async with db.transaction(caller.school) as tx:
        meeting, side = await _held_by(tx, caller, meeting_id)
        domain.check_reflection(reflection, meeting, side)
        if await store.save_reflection(tx, meeting, caller.person, reflection):
            await tx.emit(
                ReflectionGiven(
                    school_id=caller.school,
                    meeting_id=meeting_id,
                    assignment_id=meeting.assignment_id,
                    person_id=caller.person,
                    cycle_id=meeting.cycle_id,
                    occurred_at=tx.now,
                )
            )
    return reflection


async def _held_by(tx: Tx, caller: domain.Caller, meeting_id: UUID) -> tuple[domain.Meeting, str]:
    """A meeting of one of the two, read under the lock of its assignment; for anybody else there is none."""
    seen = await store.meeting(tx, meeting_id)
    if seen is None or seen.side_of(caller) is None:
        raise Missing("meeting.unknown", field="meeting_id")
    await work.refuse_erased(tx, caller)
    await work.held(tx, seen.assignment_id)
    meeting = await store.meeting(tx, meeting_id) or seen
    return meeting, meeting.side_of(caller) or ""
