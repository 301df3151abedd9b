"""Tests: begun, answered task by task on whatever device, finished and scored at once."""

from chassis.database import Database, Tx
from chassis.refusals import Missing
from services.diagnostics import domain, store
from services.diagnostics.actions.evidence import score_again
from services.diagnostics.domain import Answered, Instrument, Instruments, TestForm
from services.diagnostics.scoring import SourceKind


async def sit_test(
    db: Database, instruments: Instruments, school: str, *, key: store.SittingKey, new: Answered
) -> TestForm:
    """Begin a test, keep choices, or finish it; a finished test is scored in the same transaction.

    Returns the form that the person sits. Refused as `test.unknown` when the campaign asks no such test of the
    person, `campaign.closed`, or as the rules of a sitting refuse.
    """
    async with db.transaction(school) as tx:
        part = await store.sheets.held_part(tx, key.campaign_id, key.person_id)
        form = None if part is None else tests_of(instruments, part).get(key.competency)
        if part is None or form is None:
            raise Missing("test.unknown", field="competency")
        known = (await store.sittings.of_person(tx, key.campaign_id, key.person_id)).get(key.competency)
        filled = domain.answer(form, known.answered if known else Answered({}), new)
        if known is not None and filled is None:
            return form
        domain.must_take_answers(part.state, part.opens_on, today=domain.day_at_place(tx.now))
        if known is None:
            await store.sittings.begin(tx, part, key.competency, form=form.letter)
        if filled is not None:
            await _keep(tx, instruments, part, form=form, filled=filled, new=new)
    return form


def tests_of(instruments: Instruments, part: store.Part) -> dict[str, TestForm]:
    """The tests that a campaign asks of a person, in the person's form of them."""
    if Instrument.TEST not in part.instruments:
        return {}
    letter = domain.letter_for(part.cycle_id, part.person_id, wave=part.wave)
    return domain.offered_tests(instruments.bank, part.targets, letter=letter)


async def _keep(
    tx: Tx, instruments: Instruments, part: store.Part, *, form: TestForm, filled: Answered, new: Answered
) -> None:
    items = instruments.bank.items
    marked = {item: (choice, domain.is_right(items[item], choice)) for item, choice in new.choices.items()}
    await store.sittings.keep(tx, part, form.competency, form=form.letter, chosen=marked)
    if filled.is_final:
        right = domain.right_count(form, filled.choices)
        await store.sittings.finish(tx, part, form.competency, tasks=len(form.items), right=right)
        await score_again(tx, instruments.catalogue, part, source=SourceKind.TST)
