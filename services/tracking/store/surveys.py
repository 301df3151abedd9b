"""Queries of surveys; participation and answers are never joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    Integer,
    String,
    bindparam,
    column,
    delete,
    distinct,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.tracking.domain import MENTEE, MENTOR, Caller, State, Survey
from services.tracking.store.tables import answers, assignments, participations, surveys, tallies

BATCH = 200
# A school asks a few times a year.
MOST_SURVEYS = 100
_ASKED_STATES = (State.ACTIVE, State.COMPLETED)
_COLUMNS = (
    surveys.c.survey_id,
    surveys.c.school_id,
    surveys.c.cycle_id,
    surveys.c.closes_on,
    surveys.c.is_open,
)

_ADD = insert(surveys).on_conflict_do_nothing()
_ONE = select(*_COLUMNS).where(surveys.c.survey_id == bindparam("survey"))
_ONE_TO_ANSWER = _ONE.with_for_update(read=True)
_ONE_TO_CLOSE = _ONE.with_for_update()
_CLOSE = surveys.update().where(surveys.c.survey_id == bindparam("survey")).values(is_open=False)
_OPEN = (
    select(*_COLUMNS)
    .where(
        surveys.c.school_id == bindparam("school"),
        surveys.c.is_open,
        surveys.c.closes_on >= bindparam("today"),
    )
    .order_by(surveys.c.closes_on, surveys.c.survey_id)
    .limit(50)
)
_OF_CYCLE = (
    select(*_COLUMNS)
    .where(surveys.c.school_id == bindparam("school"), surveys.c.cycle_id == bindparam("cycle"))
    .order_by(surveys.c.closes_on.desc(), surveys.c.survey_id)
    .limit(MOST_SURVEYS)
)
_DUE = (
    select(surveys.c.survey_id)
    .where(surveys.c.is_open, surveys.c.closes_on < bindparam("today"))
    .order_by(surveys.c.survey_id)
    .limit(BATCH)
)
_MENTORS = (assignments.c.giver_school, assignments.c.giver_id)
_MENTEES = (assignments.c.taker_school, assignments.c.taker_id)
_SIDES = {MENTOR: _MENTORS, MENTEE: _MENTEES}
_INVITED = {
    role: select(func.count(distinct(person))).where(
        school == bindparam("school"),
        assignments.c.cycle_id == bindparam("cycle"),
        assignments.c.state.in_(_ASKED_STATES),
    )
    for role, (school, person) in _SIDES.items()
}
_ASKED_CYCLES = {
    role: select(assignments.c.cycle_id)
    .where(
        school == bindparam("school"),
        person == bindparam("person"),
        assignments.c.state.in_(_ASKED_STATES),
    )
    .distinct()
    .limit(200)
    for role, (school, person) in _SIDES.items()
}
_PARTICIPATE = insert(participations).on_conflict_do_nothing()
_PARTICIPATED = (
    select(participations.c.survey_id, participations.c.role)
    .where(participations.c.school_id == bindparam("school"), participations.c.person_id == bindparam("person"))
    .order_by(participations.c.survey_id.desc())
    .limit(500)
)
_FORGET_PARTICIPATIONS = delete(participations).where(participations.c.person_id == bindparam("person"))
_ANSWER = insert(answers)
_is_of_role = (answers.c.survey_id == bindparam("survey"), answers.c.role == bindparam("role"))
_ANSWERED = select(func.count()).select_from(answers).where(*_is_of_role)
_each = func.jsonb_each_text(answers.c.marks).table_valued(column("key", String), column("value", String)).lateral()
_COUNTS = (
    select(_each.c.key, _each.c.value, func.count().label("count"))
    .select_from(answers)
    .join(_each, _each.c.key.is_not(None))
    .where(*_is_of_role)
    .group_by(_each.c.key, _each.c.value)
    .order_by(_each.c.key, _each.c.value.cast(Integer))
    .limit(1000)
)
_FORGET_ANSWERS = delete(answers).where(answers.c.survey_id == bindparam("survey"))
_KEEP_TALLY = insert(tallies).on_conflict_do_nothing()
_TALLIES = (
    select(tallies.c.role, tallies.c.invited, tallies.c.answered, tallies.c.counts)
    .where(tallies.c.survey_id == bindparam("survey"))
    .order_by(tallies.c.role)
    .limit(10)
)


@dataclass(frozen=True, slots=True)
class Tally:
    """What is kept of a role's answers; `counts` per item and mark, empty below five answers."""

    role: str
    invited: int
    answered: int
    counts: dict[str, dict[str, int]] | None = None


def _survey(row: Row) -> Survey:
    return Survey(**dict(row))


async def add_survey(tx: Tx, survey: Survey) -> bool:
    """Write a survey down; false when its id is taken."""
    row = {
        "school_id": survey.school_id,
        "survey_id": survey.survey_id,
        "cycle_id": survey.cycle_id,
        "closes_on": survey.closes_on,
        "is_open": True,
    }
    return await tx.run(_ADD, row) == 1


async def survey(tx: Tx, survey_id: UUID) -> Survey | None:
    """A survey, only to look at."""
    row = await tx.row(_ONE, {"survey": survey_id})
    return _survey(row) if row else None


async def survey_to_answer(tx: Tx, survey_id: UUID) -> Survey | None:
    """A survey that nobody closes before the end of the transaction."""
    row = await tx.row(_ONE_TO_ANSWER, {"survey": survey_id})
    return _survey(row) if row else None


async def survey_to_close(tx: Tx, survey_id: UUID) -> Survey | None:
    """A survey that nobody answers before the end of the transaction."""
    row = await tx.row(_ONE_TO_CLOSE, {"survey": survey_id})
    return _survey(row) if row else None


async def close_survey(tx: Tx, survey_id: UUID) -> None:
    """Take no more answers."""
    await tx.run(_CLOSE, {"survey": survey_id})


async def open_surveys(tx: Tx, school: str) -> list[Survey]:
    """The surveys of a school that take answers today."""
    return [_survey(row) for row in await tx.rows(_OPEN, {"school": school, "today": tx.now.date()})]


async def surveys_of(tx: Tx, school: str, cycle_id: UUID) -> list[Survey]:
    """The surveys of a cycle, the last day first."""
    return [_survey(row) for row in await tx.rows(_OF_CYCLE, {"school": school, "cycle": cycle_id})]


async def due_surveys(tx: Tx) -> list[UUID]:
    """Open surveys whose last day is over."""
    return [row["survey_id"] for row in await tx.rows(_DUE, {"today": tx.now.date()})]


async def invited(tx: Tx, survey: Survey, role: str) -> int:
    """How many people of the school are asked in a role: those of working and of completed pairs."""
    return int(await tx.value(_INVITED[role], {"school": survey.school_id, "cycle": survey.cycle_id}))


async def asked_cycles(tx: Tx, caller: Caller, role: str) -> set[UUID]:
    """The cycles in which a person is asked in a role."""
    rows = await tx.rows(_ASKED_CYCLES[role], {"school": caller.school, "person": caller.person})
    return {row["cycle_id"] for row in rows}


async def participate(tx: Tx, caller: Caller, survey_id: UUID, role: str) -> bool:
    """Note that a person answered in a role; false when that was noted before."""
    row = {"school_id": caller.school, "survey_id": survey_id, "role": role, "person_id": caller.person}
    return await tx.run(_PARTICIPATE, row) == 1


async def participated(tx: Tx, caller: Caller) -> set[tuple[UUID, str]]:
    """The surveys and roles in which a person answered."""
    rows = await tx.rows(_PARTICIPATED, {"school": caller.school, "person": caller.person})
    return {(row["survey_id"], row["role"]) for row in rows}


async def forget_participations(tx: Tx, person: UUID) -> None:
    """Delete that an erased person took part; the answers cannot be found, and stay counted."""
    await tx.run(_FORGET_PARTICIPATIONS, {"person": person})


async def add_answer(tx: Tx, survey: Survey, role: str, *, key: UUID, marks: dict[str, int]) -> None:
    """Keep an answer under a random key."""
    row = {
        "school_id": survey.school_id,
        "answer_id": key,
        "survey_id": survey.survey_id,
        "role": role,
        "marks": marks,
    }
    await tx.run(_ANSWER, row)


async def answered(tx: Tx, survey_id: UUID, role: str) -> int:
    """How many answered in a role."""
    return int(await tx.value(_ANSWERED, {"survey": survey_id, "role": role}))


async def counts(tx: Tx, survey_id: UUID, role: str) -> dict[str, dict[str, int]]:
    """How often each mark of each item was given in a role."""
    found: dict[str, dict[str, int]] = {}
    for row in await tx.rows(_COUNTS, {"survey": survey_id, "role": role}):
        found.setdefault(row["key"], {})[row["value"]] = row["count"]
    return found


async def keep_tallies(tx: Tx, survey: Survey, found: Sequence[Tally]) -> None:
    """Keep counts in the place of answers, which are deleted."""
    for tally in found:
        row = {
            "school_id": survey.school_id,
            "survey_id": survey.survey_id,
            "role": tally.role,
            "invited": tally.invited,
            "answered": tally.answered,
            "counts": tally.counts,
        }
        await tx.run(_KEEP_TALLY, row)
    await tx.run(_FORGET_ANSWERS, {"survey": survey.survey_id})


async def tallies_of(tx: Tx, survey_id: UUID) -> list[Tally]:
    """What is kept of a closed survey."""
    return [Tally(**dict(row)) for row in await tx.rows(_TALLIES, {"survey": survey_id})]
