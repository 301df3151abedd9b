"""Answers: about oneself, about colleagues, about observed lessons; each final sheet is scored at once."""

from chassis.database import Database, Tx
from chassis.refusals import Missing
from contracts.diagnostics import DiagnosticCompleted
from services.diagnostics import domain, store
from services.diagnostics.actions.releases import own_lock, tell_again
from services.diagnostics.domain import AnswerSheet, Catalogue
from services.diagnostics.scoring import SourceKind


async def keep_answers(
    db: Database, catalogue: Catalogue, school: str, *, key: store.SheetKey, new: AnswerSheet
) -> AnswerSheet:
    """Add answers to a sheet that was laid out for their author; a final sheet is scored in the same transaction.

    Returns the sheet as it stands now. Refused as `sheet.unknown` when nobody asked the author about the person,
    `campaign.closed`, `answers.already-final`, or as the rules of a form refuse.
    """
    async with db.transaction(school) as tx:
        found = await store.sheets.held(tx, key)
        if found is None:
            raise Missing("sheet.unknown", field="person_id" if key.source is not SourceKind.SA else "campaign_id")
        part, known = found
        domain.must_be_open(part.state)
        filled = domain.fill(known, new, form=part.targets)
        if filled is None:
            return known
        await store.sheets.fill(tx, key, filled)
        if filled.is_final:
            await _score(tx, catalogue, part, source=key.source)
    return filled


async def _score(tx: Tx, catalogue: Catalogue, part: store.Part, *, source: SourceKind) -> None:
    sheets = await store.sheets.final_about(tx, part)
    if not domain.may_change_profile(sheets, source, catalogue.parameters):
        return
    await own_lock(tx, part.owner)
    wishes = await store.wishes.wishes_of(tx, part.owner)
    scored = domain.score(part.targets, sheets, wishes=wishes, parameters=catalogue.parameters)
    if not scored:
        return
    await store.profiles.save(tx, part, scored)
    await store.sheets.raise_revision(tx, part, part.scored_revision + 1)
    await tx.emit(
        DiagnosticCompleted(
            school_id=part.school_id,
            campaign_id=part.campaign_id,
            person_id=part.person_id,
            cycle_id=part.cycle_id,
            wave=part.wave,
            competencies=len(scored),
            revision=part.scored_revision + 1,
            occurred_at=tx.now,
        )
    )
    assessments = {code: each.assessment for code, each in scored.items()}
    await tell_again(tx, part.owner, assessments)
