"""Who observes whom: the curator assigns persons and competencies, and the observer sees nothing else."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Database, Tx
from chassis.etags import check_seen, tag_of
from chassis.refusals import Conflict, Invalid, Missing
from services.diagnostics import domain, store


def tag_of_assignment(codes: Sequence[str]) -> str:
    """The tag of what an observer was assigned of a person: it changes with the competencies."""
    return tag_of(0, *codes)


async def assign_observer(
    db: Database, school: str, *, key: store.SheetKey, codes: Sequence[str], seen: str | None = None
) -> tuple[str, ...]:
    """Let an observer see a person in some competencies of the person's form; a repeat changes nothing.

    Refused as `sheet.unknown`, `state.moved-on`, `campaign.closed`, `observer.oneself`, `observer.not-observer`,
    `answers.not-on-form`, or as `observer.has-spoken` where marks would lose their competency.
    """
    wanted = tuple(dict.fromkeys(codes))
    async with db.transaction(school) as tx:
        part = await _part(tx, key)
        await _check(tx, part, key.author_id, wanted)
        known = await _as_seen(tx, part, key.author_id, seen)
        if known is not None and known.has_spoken and not set(known.codes) <= set(wanted):
            raise Conflict("observer.has-spoken", field="competencies")
        await store.observers.assign(tx, part, key.author_id, wanted)
    return wanted


async def release_observer(db: Database, school: str, *, key: store.SheetKey, seen: str | None = None) -> None:
    """Take an assignment back before anything was said; a repeat changes nothing.

    Refused as `sheet.unknown`, `state.moved-on`, `campaign.closed` or `observer.has-spoken`.
    """
    async with db.transaction(school) as tx:
        part = await _part(tx, key)
        known = await _as_seen(tx, part, key.author_id, seen)
        if known is not None and known.has_spoken:
            raise Conflict("observer.has-spoken", field="observer_id")
        await store.observers.remove(tx, part, key.author_id)


async def _as_seen(tx: Tx, part: store.Part, observer: UUID, seen: str | None) -> store.observers.Assignment | None:
    known = await store.observers.one(tx, part, observer)
    check_seen(seen, tag_of_assignment(known.codes) if known else None)
    return known


async def _part(tx: Tx, key: store.SheetKey) -> store.Part:
    part = await store.sheets.held_part(tx, key.campaign_id, key.person_id)
    if part is None:
        raise Missing("sheet.unknown", field="person_id")
    domain.must_be_open(part.state)
    return part


async def _check(tx: Tx, part: store.Part, observer: UUID, codes: Sequence[str]) -> None:
    if observer == part.person_id:
        raise Invalid("observer.oneself", field="observer_id")
    today = domain.day_at_place(tx.now)
    if not await store.observers.is_observer(tx, part.school_id, person=observer, today=today):
        raise Invalid("observer.not-observer", field="observer_id")
    for code in codes:
        if code not in part.targets:
            raise Invalid("answers.not-on-form", field="competencies", code=code)
