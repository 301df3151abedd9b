"""Free notes of an observer about a lesson: the observer's own, until the person observed is given them."""

from dataclasses import replace

from chassis.database import Database
from chassis.refusals import Conflict, Invalid, Missing
from services.diagnostics import store


async def keep_notes(
    db: Database, school: str, *, key: store.SheetKey, notes: store.Notes, is_given: bool
) -> store.Notes:
    """Keep or give notes; empty ones are deleted, a repeat changes nothing.

    They are no answer, so that they may be finished after the campaign. Refused as `sheet.unknown`, `notes.empty`
    for giving nothing, or `notes.already-given`: what was given has been read.
    """
    async with db.transaction(school) as tx:
        part = await store.sheets.held_part(tx, key.campaign_id, key.person_id)
        if part is None or await store.observers.one(tx, part, key.author_id) is None:
            raise Missing("sheet.unknown", field="person_id")
        known = (await store.lesson_notes.by(tx, key)).get(notes.lesson)
        if known is not None and known.given_at is not None:
            if known.text == notes.text:
                return known
            raise Conflict("notes.already-given", field="text")
        if not notes.text:
            if is_given:
                raise Invalid("notes.empty", field="text")
            await store.lesson_notes.remove(tx, part, key.author_id, lesson=notes.lesson)
            return notes
        kept = replace(notes, given_at=tx.now if is_given else None)
        await store.lesson_notes.keep(tx, part, key.author_id, kept)
    return kept
