"""Applying a checked staff file: ordered, made true as a whole in one transaction, or cancelled before."""

from uuid import UUID

from chassis.database import Database, Row, Tx
from chassis.looks import How, Looker, note_looks
from chassis.refusals import Conflict, Invalid, Missing
from chassis.turns import LeaseLost
from contracts.registry import StaffImported
from services.registry.actions import members, places, staff_applying
from services.registry.actions.imports import compared, counts_of
from services.registry.actions.staff_applying import Watch
from services.registry.actions.staff_facts import member_of
from services.registry.actions.staff_lines import decided_in, digest_of
from services.registry.domain.imports import (
    APPLIED,
    APPLYING,
    CHECKED,
    FAILED,
    Counts,
    check_applying,
    check_cancelling,
    check_same,
)
from services.registry.domain.looks import What
from services.registry.staff_file import Column, StaffChanges, StaffFile
from services.registry.store import imports as store
from services.registry.store.applying import LEASES, enqueue
from services.registry.store.imports import Ending


async def order(db: Database, school: str, import_id: UUID, *, by: Looker) -> bool:
    """Ask for a checked file to be made true; false when it is being applied already, or was.

    Raises Missing, and Conflict when the file has errors or the school's staff is not as it was compared with.
    """
    async with db.transaction(school) as tx:
        await places.open_school(tx, school)
        known = await _locked(tx, import_id)
        if known["state"] in (APPLYING, APPLIED):
            return False
        check_applying(known["state"], can_apply=known["can_apply"])
        await store.order(tx, import_id, by)
        await enqueue(tx, school, import_id)
    return True


async def cancel(db: Database, school: str, import_id: UUID) -> None:
    """Take an order back before it is done: nobody is changed, and the file can be applied again.

    A worker that is at it stops. Raises Missing, and Conflict when the file was applied.
    """
    async with db.transaction(school) as tx:
        # The queue first, as the worker does when it is done: so neither waits for the other for ever.
        await LEASES.remove(tx, import_id)
        known = await _locked(tx, import_id)
        check_cancelling(known["state"])
        if known["state"] == APPLYING:
            await store.conclude(tx, known, Ending(CHECKED, is_kept=True))


async def apply_ordered(db: Database, claim: Row, worker: UUID, watch: Watch) -> None:
    """Make a file true that a worker has claimed: all of it in one transaction.

    Raises LeaseLost when the order is no longer this worker's, and Conflict when the school's staff has changed since
    the file was checked; then nothing is written.
    """
    school, import_id = claim["school_id"], claim["import_id"]
    async with db.transaction(school) as tx:
        place = await places.open_school(tx, school)
        await tx.lock(members.lock_of(school))
        known = await _ordered(tx, import_id)
        changes = await _compared_again(tx, known)
        people = await store.touched(tx, known)
        await staff_applying.apply(tx, place, changes, watch)
        by = Looker(known["ordered_by"], known["ordered_client"], known["ordered_role"])
        await note_looks(tx, by, What.STAFF_FILE, How.CHANGED, [(school, person) for person in people])
        if not await LEASES.release(tx, import_id, worker):
            raise LeaseLost
        watch.is_released = True
        await store.conclude(tx, known, Ending(APPLIED, applied_at=tx.now))
        await store.outdate_imports(tx, school)
        await tx.emit(_imported(school, import_id, counts_of(changes), tx))


async def fail(db: Database, claim: Row, worker: UUID, *, reason: str, is_kept: bool) -> None:
    """Note why a file was not applied, unless the order is no longer this worker's; nobody was changed.

    With `is_kept` it may be ordered again as it is.
    """
    async with db.transaction(claim["school_id"]) as tx:
        if await LEASES.release(tx, claim["import_id"], worker):
            known = await _locked(tx, claim["import_id"])
            if known["state"] == APPLYING:
                await store.conclude(tx, known, Ending(FAILED, reason, is_kept=is_kept))


async def _locked(tx: Tx, import_id: UUID) -> Row:
    known = await store.locked(tx, import_id)
    if known is None:
        raise Missing("import.unknown", field="import_id")
    return known


async def _ordered(tx: Tx, import_id: UUID) -> Row:
    known = await store.staff_import(tx, import_id)
    if known is None or known["state"] != APPLYING:
        raise LeaseLost
    check_applying(known["state"], can_apply=known["can_apply"])
    return known


async def _compared_again(tx: Tx, known: Row) -> StaffChanges:
    """What the file would change now; raises Conflict when that is not what the curator was shown."""
    try:
        changes = await compared(tx, known["school_id"], await _kept(tx, known), decided_in(known["decided"]))
    except Invalid as unfit:
        # The decisions did fit when the file was checked: a person of whom they speak is no longer known.
        raise Conflict("import.outdated", state=APPLYING, legal=[]) from unfit
    check_same(known["digest"], digest_of(changes))
    return changes


async def _kept(tx: Tx, known: Row) -> StaffFile:
    """The checked file again, as far as a comparison needs it."""
    told = store.told(tx, known["school_id"], known["import_id"])
    return StaffFile(
        people=tuple([member_of(one) async for one in told]),
        columns=frozenset(Column(one) for one in known["columns"]),
    )


def _imported(school: str, import_id: UUID, counts: Counts, tx: Tx) -> StaffImported:
    return StaffImported(
        school_id=school,
        import_id=import_id,
        joined=counts.new,
        changed=counts.changed,
        left=counts.left,
        unchanged=counts.unchanged,
        occurred_at=tx.now,
    )
