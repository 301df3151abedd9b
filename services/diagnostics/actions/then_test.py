"""The then-test: after a cycle people say where they stood before it, by what they understand today."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database import Database, Tx
from chassis.refusals import Missing
from services.diagnostics import domain, store
from services.diagnostics.domain import Levels
from services.diagnostics.scoring import SourceKind


@dataclass(frozen=True, slots=True)
class ThenTest:
    """What is asked, the competencies that the person rated now, and what was answered so far."""

    codes: tuple[str, ...]
    answers: Levels


async def then_test_of(db: Database, school: str, *, campaign_id: UUID, person: UUID) -> ThenTest:
    """What the then-test asks of a person; refused as `sheet.unknown` or `then-test.*`."""
    async with db.transaction(school) as tx:
        _, codes = await _asked(tx, campaign_id, person)
        return ThenTest(codes, await store.then_tests.of_person(tx, campaign_id, person))


async def answer_then_test(db: Database, school: str, *, campaign_id: UUID, person: UUID, answers: Levels) -> ThenTest:
    """Add answers to the then-test; they may change until the campaign closes and never touch a level.

    Refused as `sheet.unknown`, `campaign.closed`, `then-test.*`, or as the rules of a form refuse.
    """
    async with db.transaction(school) as tx:
        part, codes = await _asked(tx, campaign_id, person)
        domain.must_be_open(part.state)
        known = await store.then_tests.of_person(tx, campaign_id, person)
        whole = {**known, **answers}
        domain.check_answers(codes, whole)
        await store.then_tests.save(tx, part, whole)
    return ThenTest(codes, whole)


async def _asked(tx: Tx, campaign_id: UUID, person: UUID) -> tuple[store.Part, tuple[str, ...]]:
    found = await store.sheets.held(tx, store.SheetKey(campaign_id, person, SourceKind.SA, person))
    if found is None:
        raise Missing("sheet.unknown", field="campaign_id")
    own = found.known
    domain.check_then_test(found.part.wave, is_own_form_final=own.is_final)
    return found.part, tuple(code for code in found.part.targets if own.answers.get(code))
