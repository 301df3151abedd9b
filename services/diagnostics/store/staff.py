"""What registry and documents told: members, cycles, consents."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.diagnostics.domain import Member
from services.diagnostics.store.tables import (
    consents,
    cycles,
    members,
    needs,
    offers,
    participants,
    profiles,
    releases,
    sheets,
)
from services.diagnostics.store.tables_of_appeals import appeals, comments, then_tests
from services.diagnostics.store.tables_of_instruments import (
    artefact_ratings,
    artefacts,
    lesson_notes,
    observed_lessons,
    test_answers,
    test_sittings,
)

TEACHER, OBSERVER = "teacher", "observer"
MOST_MEMBERS = 5000

_new_member = insert(members)
# One counter of revisions serves all facts about a membership, so the same revision is the same state.
_SAVE_MEMBER = _new_member.on_conflict_do_update(
    index_elements=[members.c.school_id, members.c.person_id],
    set_={
        name: _new_member.excluded[name]
        for name in ("roles", "role_profiles", "subjects", "counts_in_staff", "left_on", "revision")
    },
    where=(members.c.revision <= _new_member.excluded.revision) & ~members.c.is_erased,
)
_SAVE_LEAVER = _new_member.on_conflict_do_update(
    index_elements=[members.c.school_id, members.c.person_id],
    set_={"left_on": _new_member.excluded.left_on, "revision": _new_member.excluded.revision},
    where=(members.c.revision <= _new_member.excluded.revision) & ~members.c.is_erased,
)
_SAVE_ERASED = _new_member.on_conflict_do_update(
    index_elements=[members.c.school_id, members.c.person_id],
    set_={name: _new_member.excluded[name] for name in ("roles", "role_profiles", "subjects", "is_erased")},
)
_new_cycle = insert(cycles)
_SAVE_CYCLE = _new_cycle.on_conflict_do_update(
    index_elements=[cycles.c.cycle_id],
    set_={"starts_on": _new_cycle.excluded.starts_on, "ends_on": _new_cycle.excluded.ends_on},
)
_SAVE_STAGE = _new_cycle.on_conflict_do_update(
    index_elements=[cycles.c.cycle_id],
    set_={"stage": _new_cycle.excluded.stage, "stage_revision": _new_cycle.excluded.stage_revision},
    where=cycles.c.stage_revision < _new_cycle.excluded.stage_revision,
)
_new_consent = insert(consents)
_SAVE_CONSENT = _new_consent.on_conflict_do_update(
    index_elements=[consents.c.school_id, consents.c.person_id, consents.c.purpose],
    set_={"is_given": _new_consent.excluded.is_given, "revision": _new_consent.excluded.revision},
    where=consents.c.revision < _new_consent.excluded.revision,
)
_ERASED = select(members.c.person_id).where(
    members.c.school_id == bindparam("school"), members.c.person_id == bindparam("person"), members.c.is_erased
)
_ERASED_AMONG = (
    select(members.c.school_id, members.c.person_id)
    .where(members.c.person_id == any_(bindparam("people", type_=ARRAY(Uuid))), members.c.is_erased)
    .limit(10_000)
)
_STAGE = select(cycles.c.stage).where(
    cycles.c.cycle_id == bindparam("cycle"), cycles.c.school_id == bindparam("school")
)
_CURRENT = (
    select(members.c.person_id, members.c.roles, members.c.role_profiles, members.c.subjects)
    .where(
        members.c.school_id == bindparam("school"),
        or_(members.c.left_on.is_(None), members.c.left_on > bindparam("today")),
        members.c.roles.overlap([TEACHER, OBSERVER]),
    )
    .order_by(members.c.person_id)
    .limit(MOST_MEMBERS)
)
# These stand in the order of campaigns; the campaigns of a person are known as long as the person's parts are.
_of_person = select(participants.c.campaign_id).where(participants.c.person_id == bindparam("person"))
_FORGET = (
    *(
        delete(table).where(table.c.campaign_id.in_(_of_person), table.c.person_id == bindparam("person"))
        for table in (
            test_answers,
            test_sittings,
            observed_lessons,
            lesson_notes,
            artefacts,
            artefact_ratings,
            then_tests,
        )
    ),
    *(
        delete(table).where(table.c.person_id == bindparam("person"))
        for table in (sheets, profiles, participants, releases, needs, offers, consents, appeals, comments)
    ),
    *(
        delete(table).where(table.c.author_id == bindparam("person"))
        for table in (sheets, observed_lessons, lesson_notes, artefact_ratings)
    ),
)


@dataclass(frozen=True, slots=True)
class Membership:
    """What registry said last of a person in a school."""

    school_id: str
    person_id: UUID
    roles: tuple[str, ...]
    role_profiles: tuple[str, ...]
    subjects: tuple[str, ...]
    counts_in_staff: bool
    left_on: date | None
    revision: int
    is_erased: bool = False


async def save_membership(tx: Tx, membership: Membership) -> None:
    """Keep a membership; older news changes nothing, and an erased person stays erased."""
    await tx.run(_SAVE_MEMBER, asdict(membership))


async def save_leaver(tx: Tx, school: str, person: UUID, *, left_on: date, revision: int) -> None:
    """Keep the day on which a person left; whatever else is known of the membership stays."""
    await tx.run(_SAVE_LEAVER, asdict(Membership(school, person, (), (), (), False, left_on, revision)))


async def forget(tx: Tx, school: str, person: UUID) -> None:
    """Delete everything of an erased person in a school; the bare id stays, so that late news is not kept."""
    await tx.run(_SAVE_ERASED, asdict(Membership(school, person, (), (), (), False, None, 0, is_erased=True)))
    for statement in _FORGET:
        await tx.run(statement, {"person": person})


async def is_erased(tx: Tx, school: str, person: UUID) -> bool:
    """Was this person forgotten?"""
    return await tx.row(_ERASED, {"school": school, "person": person}) is not None


async def save_cycle(tx: Tx, school: str, cycle: UUID, *, starts_on: date, ends_on: date) -> None:
    """Know an approved cycle; its stage is told by other facts, which may have come before."""
    row = {"school_id": school, "cycle_id": cycle, "starts_on": starts_on, "ends_on": ends_on}
    await tx.run(_SAVE_CYCLE, {**row, "stage": "APPROVED", "stage_revision": 0})


async def save_stage(tx: Tx, school: str, cycle: UUID, *, stage: str, revision: int) -> None:
    """Keep the stage of a cycle; older news changes nothing."""
    row = {"school_id": school, "cycle_id": cycle, "starts_on": None, "ends_on": None}
    await tx.run(_SAVE_STAGE, {**row, "stage": stage, "stage_revision": revision})


async def erased_among(tx: Tx, people: Sequence[UUID]) -> frozenset[tuple[str, UUID]]:
    """Those of the people who were erased, with their schools."""
    rows = await tx.rows(_ERASED_AMONG, {"people": list(people)})
    return frozenset((row["school_id"], row["person_id"]) for row in rows)


async def save_consents(tx: Tx, rows: Sequence[Row]) -> None:
    """Keep consents, given or withdrawn; older news changes nothing."""
    await tx.run(_SAVE_CONSENT, rows)


async def stage_of(tx: Tx, school: str, cycle: UUID) -> str | None:
    """The stage of a cycle; none when the school has no such cycle, or none that is known here yet."""
    found = await tx.value(_STAGE, {"school": school, "cycle": cycle})
    return None if found is None else str(found)


async def current(tx: Tx, school: str, today: date) -> tuple[list[Member], frozenset[UUID]]:
    """The teachers of the school today, and its observers."""
    rows = await tx.rows(_CURRENT, {"school": school, "today": today})
    teachers = [
        Member(row["person_id"], tuple(row["role_profiles"]), tuple(row["subjects"]))
        for row in rows
        if TEACHER in row["roles"]
    ]
    return teachers, frozenset(row["person_id"] for row in rows if OBSERVER in row["roles"])
