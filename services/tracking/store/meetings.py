"""Queries of meetings and reflections."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Uuid, and_, bindparam, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.tracking.domain import Caller, GivenReflection, Meeting, MeetingState, Reflection
from services.tracking.store.tables import meetings, reflections

BATCH = 200
_c = meetings.c

_new = insert(meetings)
_ADD = _new.on_conflict_do_nothing()
_FIXED = frozenset({"meeting_id", "assignment_id", "giver_school", "taker_school"})
_SAVE = _new.on_conflict_do_update(
    index_elements=[_c.meeting_id],
    set_={column.name: _new.excluded[column.name] for column in meetings.columns if column.name not in _FIXED},
)
_ONE = select(meetings).where(_c.meeting_id == bindparam("meeting"))
_OF_PERSON = (
    select(meetings)
    .where(
        or_(
            and_(_c.giver_school == bindparam("school"), _c.giver_id == bindparam("person")),
            and_(_c.taker_school == bindparam("school"), _c.taker_id == bindparam("person")),
        ),
        tuple_(_c.starts_at, _c.meeting_id)
        > tuple_(bindparam("after_time", type_=DateTime(timezone=True)), bindparam("after", type_=Uuid)),
    )
    .order_by(_c.starts_at, _c.meeting_id)
    .limit(bindparam("limit"))
)
_is_half_answered = _c.giver_says.is_(None) != _c.taker_says.is_(None)
_SILENT = (
    select(_c.meeting_id, _c.assignment_id)
    .where(_c.state == MeetingState.CONFIRMED, _c.answered_at <= bindparam("until"), _is_half_answered)
    .order_by(_c.assignment_id, _c.meeting_id)
    .limit(BATCH)
)
_CANCEL = (
    meetings.update()
    .where(
        _c.assignment_id == bindparam("assignment"),
        _c.state == MeetingState.PLANNED,
        _c.starts_at > bindparam("now"),
    )
    .values(state=MeetingState.CANCELLED)
)
_new_reflection = insert(reflections)
_ADD_REFLECTION = _new_reflection.on_conflict_do_nothing()
_SAVE_REFLECTION = _new_reflection.on_conflict_do_update(
    index_elements=[reflections.c.meeting_id, reflections.c.person_id],
    set_={
        "usefulness": _new_reflection.excluded.usefulness,
        "text": _new_reflection.excluded.text,
        "obstacles": _new_reflection.excluded.obstacles,
    },
)
_REFLECTIONS = (
    select(reflections)
    .where(reflections.c.meeting_id.in_(bindparam("ids", expanding=True)))
    .order_by(reflections.c.meeting_id, reflections.c.person_id)
    .limit(1002)
)
_FORGET_REFLECTIONS = (
    reflections.update()
    .where(reflections.c.person_id == bindparam("person"))
    .values(usefulness=None, text=None, obstacles=[])
)
_FORGET_TEXTS_ABOUT = (
    reflections.update()
    .where(
        reflections.c.text.is_not(None),
        reflections.c.meeting_id.in_(
            select(meetings.c.meeting_id).where(
                or_(meetings.c.giver_id == bindparam("person"), meetings.c.taker_id == bindparam("person"))
            )
        ),
    )
    .values(text=None)
)


def _meeting(row: Row) -> Meeting:
    found = {name: row[name] for name in Meeting.__dataclass_fields__}
    return Meeting(**{**found, "state": MeetingState(row["state"])})


async def add_meeting(tx: Tx, meeting: Meeting) -> bool:
    """Write a new meeting down; false when its id is taken."""
    return await tx.run(_ADD, asdict(meeting)) == 1


async def save_meeting(tx: Tx, meeting: Meeting) -> None:
    """Write a step of a meeting down."""
    await tx.run(_SAVE, asdict(meeting))


async def meeting(tx: Tx, meeting_id: UUID) -> Meeting | None:
    """A meeting; it changes only under the lock of its assignment."""
    row = await tx.row(_ONE, {"meeting": meeting_id})
    return _meeting(row) if row else None


async def meetings_of(tx: Tx, caller: Caller, after: tuple[datetime, UUID], limit: int) -> list[Meeting]:
    """The meetings of a person in the order of their start, a page and one more."""
    wanted = {
        "school": caller.school,
        "person": caller.person,
        "after_time": after[0],
        "after": after[1],
        "limit": limit + 1,
    }
    return [_meeting(row) for row in await tx.rows(_OF_PERSON, wanted)]


async def half_answered_meetings(tx: Tx, until: datetime) -> Sequence[Row]:
    """Meetings of which only one side has said anything, and that some time ago: meeting and assignment."""
    return await tx.rows(_SILENT, {"until": until})


async def cancel_meetings(tx: Tx, assignment_id: UUID) -> None:
    """Cancel what a pair had planned for later."""
    await tx.run(_CANCEL, {"assignment": assignment_id, "now": tx.now})


async def save_reflection(tx: Tx, meeting: Meeting, person: UUID, reflection: Reflection) -> bool:
    """Keep a reflection, or put it in the place of the former one; true the first time."""
    row = {
        "giver_school": meeting.giver_school,
        "taker_school": meeting.taker_school,
        "meeting_id": meeting.meeting_id,
        "person_id": person,
        "assignment_id": meeting.assignment_id,
        "usefulness": reflection.usefulness,
        "text": reflection.text or None,
        "obstacles": list(reflection.obstacles),
        "given_at": tx.now,
    }
    if await tx.run(_ADD_REFLECTION, row) == 1:
        return True
    await tx.run(_SAVE_REFLECTION, row)
    return False


async def reflections_on(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, list[GivenReflection]]:
    """What the two thought of meetings; only for the two."""
    found: dict[UUID, list[GivenReflection]] = {one: [] for one in ids}
    if ids:
        for row in await tx.rows(_REFLECTIONS, {"ids": list(ids)}):
            found[row["meeting_id"]].append(
                GivenReflection(
                    person_id=row["person_id"],
                    usefulness=row["usefulness"],
                    text=row["text"],
                    obstacles=tuple(row["obstacles"]),
                    given_at=row["given_at"],
                )
            )
    return found


async def forget_reflections(tx: Tx, person: UUID) -> None:
    """Delete marks, texts and obstacles of an erased person, and the partners' texts of the common meetings.

    That there was a reflection stays, and so does what a partner marked.
    """
    await tx.run(_FORGET_REFLECTIONS, {"person": person})
    await tx.run(_FORGET_TEXTS_ABOUT, {"person": person})
