"""Surveys: asked by the curator, answered by the two sides without a trace to the person, closed into counts."""

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from chassis.database import Database, Tx
from chassis.refusals import Conflict, Missing
from contracts.tracking import SurveyTallied
from services.tracking import domain, store


@dataclass(frozen=True, slots=True)
class Progress:
    """A survey and what is known of each role: how many were asked and answered, and counts after the close."""

    survey: domain.Survey
    roles: list[store.Tally]


@dataclass(frozen=True, slots=True)
class Question:
    """A survey that asks a person in a role."""

    survey: domain.Survey
    role: str
    is_answered: bool


async def open_survey(db: Database, survey: domain.Survey) -> bool:
    """The curator asks the pairs of a cycle; false when the survey was known."""
    async with db.transaction(survey.school_id) as tx:
        known = await store.survey(tx, survey.survey_id)
        domain.check_survey(survey, known, tx.now.date())
        if known is not None:
            return False
        if await store.cycle(tx, survey.cycle_id) is None:
            raise Missing("cycle.unknown", field="cycle_id")
        if not await store.add_survey(tx, survey):
            raise Conflict("survey.id-taken", field="survey_id")
    return True


async def look_at_survey(db: Database, school: str, survey_id: UUID) -> Progress:
    """How many were asked and answered so far; counts only after the close, and only from five answers."""
    async with db.transaction(school) as tx:
        survey = _known(await store.survey(tx, survey_id))
        if not survey.is_open:
            return Progress(survey, await store.tallies_of(tx, survey_id))
        return Progress(survey, [await _progress(tx, survey, role) for role in domain.ROLES])


async def surveys_of(db: Database, school: str, cycle_id: UUID) -> list[domain.Survey]:
    """The surveys of a cycle, the last day first."""
    async with db.transaction(school) as tx:
        return await store.surveys_of(tx, school, cycle_id)


async def _progress(tx: Tx, survey: domain.Survey, role: str) -> store.Tally:
    answered = await store.answered(tx, survey.survey_id, role)
    # Who answered and whose pair ended since was asked all the same.
    invited = max(await store.invited(tx, survey, role), answered)
    return store.Tally(role, invited, answered)


async def list_questions(db: Database, caller: domain.Caller) -> list[Question]:
    """The open surveys that ask a person, one for each role that the person has in pairs of the cycle."""
    async with db.transaction(caller.school) as tx:
        surveys = await store.open_surveys(tx, caller.school)
        done = await store.participated(tx, caller)
        asked = {role: await store.asked_cycles(tx, caller, role) for role in domain.ROLES}
    return [
        Question(survey, role, (survey.survey_id, role) in done)
        for survey in surveys
        for role in domain.ROLES
        if survey.cycle_id in asked[role]
    ]


async def answer_survey(
    db: Database, caller: domain.Caller, survey_id: UUID, *, role: str, items: dict[str, int]
) -> None:
    """A person answers in a role. Who took part and what was answered are two rows without any link; a second answer
    of the same person is not counted, and nobody is told.
    """
    domain.check_items(items)
    async with db.transaction(caller.school) as tx:
        survey = _known(await store.survey_to_answer(tx, survey_id))
        asked = await store.asked_cycles(tx, caller, role)
        domain.check_answer(survey, is_invited=survey.cycle_id in asked, today=tx.now.date())
        if await store.participate(tx, caller, survey_id, role):
            await store.add_answer(tx, survey, role, key=uuid4(), marks=items)


async def close_survey(db: Database, school: str, survey_id: UUID) -> Progress:
    """The curator closes a survey before its last day; a closed one stays as it is."""
    async with db.transaction(school) as tx:
        survey = _known(await store.survey_to_close(tx, survey_id))
        if survey.is_open:
            await tally(tx, survey)
        return Progress(replace(survey, is_open=False), await store.tallies_of(tx, survey_id))


async def tally(tx: Tx, survey: domain.Survey) -> None:
    """Close a survey: answers become counts, and are told per role from five answers on; fewer leave only a number."""
    found = []
    for role in domain.ROLES:
        progress = await _progress(tx, survey, role)
        if domain.may_tally(progress.answered):
            progress = replace(progress, counts=await store.counts(tx, survey.survey_id, role))
            await tx.emit(_fact(tx, survey, progress))
        found.append(progress)
    await store.keep_tallies(tx, survey, found)
    await store.close_survey(tx, survey.survey_id)


def _fact(tx: Tx, survey: domain.Survey, tally: store.Tally) -> SurveyTallied:
    return SurveyTallied(
        school_id=survey.school_id,
        survey_id=survey.survey_id,
        cycle_id=survey.cycle_id,
        role=tally.role,
        invited=tally.invited,
        answered=tally.answered,
        counts=tally.counts or {},
        occurred_at=tx.now,
    )


def _known(survey: domain.Survey | None) -> domain.Survey:
    if survey is None:
        raise Missing("survey.unknown", field="survey_id")
    return survey
