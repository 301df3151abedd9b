"""Answers: about oneself, about colleagues, about observed lessons; each final sheet is scored at once."""

from dataclasses import replace

from chassis.database import Database
from chassis.refusals import Forbidden, Missing
from services.diagnostics import domain, store
from services.diagnostics.actions.evidence import score_again
from services.diagnostics.domain import AnswerSheet, Catalogue
from services.diagnostics.scoring import SourceKind


async def keep_answers(
    db: Database, catalogue: Catalogue, school: str, *, key: store.SheetKey, new: AnswerSheet
) -> store.LaidOut:
    """Add answers to a sheet that was laid out for their author; a final sheet is scored in the same transaction.

    Returns the sheet as it stands now. Refused as `sheet.unknown` when nobody asked the author about the person,
    `instrument.not-used`, `campaign.closed`, `campaign.not-begun`, `answers.already-final`, or as the rules of a
    form refuse.
    """
    async with db.transaction(school) as tx:
        found = await store.sheets.held(tx, key)
        if found is None:
            raise Missing("sheet.unknown", field="person_id" if key.source is not SourceKind.SA else "campaign_id")
        part, instrument = found.part, domain.ON_SHEETS[key.source]
        # Where artefacts alone are rated, the sheet of an observer says only whose artefacts they are.
        if found.is_by_default and instrument not in part.instruments:
            raise Forbidden("instrument.not-used", field="campaign_id", instrument=instrument.value)
        domain.must_take_answers(part.state, part.opens_on, today=domain.day_at_place(tx.now))
        filled = domain.fill(found.known, new, form=found.asked)
        if filled is None:
            return found
        await store.sheets.fill(tx, key, filled)
        if filled.is_final:
            await score_again(tx, catalogue, part, source=key.source)
    return replace(found, known=filled)
