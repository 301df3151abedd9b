"""Marks of evidence by assigned observers: lesson by lesson, and of artefacts."""

from uuid import UUID

from chassis.database import Database, Tx
from chassis.refusals import Conflict, Forbidden, Missing
from services.diagnostics import domain, store
from services.diagnostics.actions.evidence import score_again
from services.diagnostics.domain import Catalogue, Instrument, Marks
from services.diagnostics.scoring import SourceKind


async def observe_lesson(
    db: Database, catalogue: Catalogue, school: str, *, key: store.SheetKey, lesson: store.Lesson
) -> store.Lesson:
    """Keep the marks of a lesson; a final one is scored in the same transaction, and counts from two lessons on.

    Marks of competencies that were given before stay. Refused as `sheet.unknown`, `instrument.not-used`,
    `campaign.closed`, `campaign.not-begun`, `answers.already-final`, `rubric.not-assigned` or `rubric.marks-unfit`.
    """
    async with db.transaction(school) as tx:
        found = await store.sheets.held(tx, key)
        if found is None:
            raise Missing("sheet.unknown", field="person_id")
        _must_take(tx, found.part, Instrument.OBSERVATION)
        domain.check_marks(found.asked, lesson.marks, highest=domain.HIGHEST_OF_LESSON)
        known = (await store.rubrics.lessons_by(tx, found.part, key.author_id)).get(lesson.number)
        filled = _filled(known, lesson)
        if filled == known:
            return filled
        if found.known.is_final or (known is not None and known.is_final):
            raise Conflict("answers.already-final", field="marks")
        await store.rubrics.keep_lesson(tx, found.part, key.author_id, filled)
        if filled.is_final:
            await score_again(tx, catalogue, found.part, source=SourceKind.OBS)
    return filled


def _filled(known: store.Lesson | None, lesson: store.Lesson) -> store.Lesson:
    if known is None:
        return lesson
    is_final = lesson.is_final or known.is_final
    return store.Lesson(lesson.number, {**known.marks, **lesson.marks}, is_final)


async def rate_artefact(
    db: Database, catalogue: Catalogue, school: str, *, key: store.RatingKey, marks: Marks
) -> Marks:
    """Rate an artefact by its criteria; it is scored in the same transaction, and may be rated anew while it is open.

    Refused as `artefact.unknown` for what is not the observer's to judge, `instrument.not-used`, `campaign.closed`,
    `campaign.not-begun`, `rubric.not-assigned` or `rubric.marks-unfit`.
    """
    async with db.transaction(school) as tx:
        part, asked = await _reviewed(tx, school, key)
        _must_take(tx, part, Instrument.ARTEFACT)
        domain.check_marks(asked, marks, highest=domain.HIGHEST_OF_ARTEFACT)
        known = (await store.rubrics.ratings_by(tx, key.campaign_id, key.author_id)).get(key.artefact_id, {})
        filled: Marks = {**known, **marks}
        if filled != known:
            await store.rubrics.keep_rating(tx, part, key.artefact_id, author=key.author_id, marks=filled)
            await score_again(tx, catalogue, part, source=SourceKind.ART)
    return filled


async def _reviewed(tx: Tx, school: str, key: store.RatingKey) -> tuple[store.Part, tuple[str, ...]]:
    row = await store.artefacts.one(tx, key.artefact_id)
    if row is None or row["campaign_id"] != key.campaign_id:
        raise Missing("artefact.unknown", field="artefact_id")
    owner: UUID = row["person_id"]
    part = await store.sheets.held_part(tx, key.campaign_id, owner)
    assigned = await store.observers.of_observer(tx, school, key.campaign_id, key.author_id)
    asked = domain.reviewed_codes(store.artefacts.artefact_of(row), assigned, owner=owner)
    if part is None or not asked:
        raise Missing("artefact.unknown", field="artefact_id")
    return part, asked


def _must_take(tx: Tx, part: store.Part, instrument: Instrument) -> None:
    if instrument not in part.instruments:
        raise Forbidden("instrument.not-used", field="campaign_id", instrument=instrument.value)
    domain.must_take_answers(part.state, part.opens_on, today=domain.day_at_place(tx.now))
