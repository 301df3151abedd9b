"""Staff imports: check a file, show what it would change, apply all of it or nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from chassis.database import Database, Tx
from chassis.refusals import Conflict, Missing
from contracts.registry import AttestationRecorded, StaffImported
from services.registry.actions import members, places, staff
from services.registry.domain.imports import (
    APPLIED,
    CHECKED,
    KEPT_HOURS,
    REFUSED,
    Counts,
    check_applying,
    check_same,
)
from services.registry.domain.places import Place
from services.registry.staff_file import Problem, StaffChanges, StaffConflict, StaffFile, read
from services.registry.store import imports as store
from services.registry.store import people
from services.registry.store import places as tree

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Upload:
    """A staff file as it came through the door."""

    import_id: UUID
    content: bytes
    filename: str
    by: UUID


async def check_file(db: Database, school: str, upload: Upload) -> bool:
    """Read a file and compare it with the school's people; applies nothing. False when it was checked before.

    Raises Invalid or TooLarge for what cannot be read as a staff file, Conflict when the id belongs to another file.
    """
    digest = sha256(upload.content).hexdigest()
    async with db.transaction(school) as tx:
        await places.school(tx, school)
        if await _is_known(tx, upload.import_id, digest):
            return False
    file = await asyncio.to_thread(read, upload.content, upload.filename)
    async with db.transaction(school) as tx:
        await store.forget_rows(tx, tx.now - timedelta(hours=KEPT_HOURS))
        changes = staff.compare_staff(await people.all_members(tx, school), file)
        row = _checked(school, upload, file, changes)
        if await store.save_import(tx, {**row, "checked_at": tx.now}):
            return True
        if await _is_known(tx, upload.import_id, digest):
            return False
        raise Conflict("import.id-taken", field="import_id")


async def _is_known(tx: Tx, import_id: UUID, digest: str) -> bool:
    known = await store.staff_import(tx, import_id)
    if known is not None and known["sha256"] != digest:
        raise Conflict("import.id-taken", field="import_id")
    return known is not None


def _checked(school: str, upload: Upload, file: StaffFile, changes: StaffChanges) -> dict[str, object]:
    problems = [*file.problems, *(_problem(conflict) for conflict in changes.conflicts)]
    is_refused = any(problem.severity == "error" for problem in problems)
    return {
        "school_id": school,
        "import_id": upload.import_id,
        "state": REFUSED if is_refused else CHECKED,
        "sha256": file.sha256,
        "rows_read": file.rows_read,
        "head_count": sum(member.counts_in_staff for member in file.people),
        "counts": asdict(_counts(changes)),
        "problems": [_told(problem) for problem in problems],
        "rows": None if is_refused else staff.rows_of(file),
        "checked_by": upload.by,
        "applied_at": None,
    }


def _counts(changes: StaffChanges) -> Counts:
    return Counts(
        new=len(changes.new),
        changed=len(changes.changed),
        left=len(changes.left),
        unchanged=len(changes.unchanged),
        conflicts=len(changes.conflicts),
    )


def _problem(conflict: StaffConflict) -> Problem:
    return Problem(conflict.member.rows[0], "", conflict.slug)


def _told(problem: Problem) -> dict[str, Any]:
    return {
        "row": problem.row,
        "column": problem.column,
        "slug": problem.slug,
        "severity": problem.severity,
        "facts": dict(problem.facts),
    }


async def apply_import(db: Database, school: str, import_id: UUID) -> bool:
    """Make a checked file true: all of it in one transaction; false when it was applied before.

    Raises Missing, and Conflict when the file has errors or the school's staff is not as it was compared with.
    """
    async with db.transaction(school) as tx:
        place = await places.school(tx, school)
        await tx.lock(members.lock_of(school))
        known = await store.staff_import(tx, import_id)
        if known is None:
            raise Missing("import.unknown", field="import_id")
        if known["state"] == APPLIED:
            return False
        check_applying(known["state"], has_rows=known["rows"] is not None)
        current = await people.all_members(tx, school)
        changes = staff.compare_staff(current, staff.file_of(known["rows"]))
        counts = _counts(changes)
        check_same(Counts.of(known["counts"]), counts)
        await _apply(tx, place, changes, current)
        await store.mark_applied(tx, import_id)
        await store.outdate_imports(tx, school)
        await tx.emit(_imported(school, import_id, counts, tx))
    return True


async def _apply(tx: Tx, place: Place, changes: StaffChanges, current: Sequence[staff.Known]) -> None:
    today = place.day_of(tx.now)
    before = {membership.person_id: membership for _, membership in current}
    new = {uuid4(): member for member in changes.new}
    recorded = [
        *(staff.joined(place, person_id, member, today=today) for person_id, member in new.items()),
        *(staff.changed(before[one.person_id], one.member, today=today) for one in changes.changed),
        *(staff.left(before[one.person_id], today=today) for one in changes.left),
    ]
    told = {**new, **{one.person_id: one.member for one in changes.changed}}
    await members.record(tx, place, recorded)
    await people.save_names(tx, {person_id: staff.names_of(member) for person_id, member in told.items()})
    for change in recorded:
        await _announce_decisions(tx, change)


async def _announce_decisions(tx: Tx, change: members.Change) -> None:
    for decision in staff.decisions(change.before, change.after):
        await tx.emit(
            AttestationRecorded(
                school_id=change.after.place_id,
                person_id=change.after.person_id,
                kind=decision.kind,
                decided_on=decision.decided_on,
                valid_until=decision.valid_until,
                revision=change.after.revision,
                occurred_at=tx.now,
            )
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


async def forget_old_checks(db: Database) -> None:
    """Drop the parsed people of files that nobody applied within a day."""
    after = ""
    while True:
        async with db.transaction() as tx:
            schools = await tree.schools_after(tx, after, AT_ONCE)
        if not schools:
            return
        async with db.transaction(*schools) as tx:
            await store.forget_rows(tx, tx.now - timedelta(hours=KEPT_HOURS))
        after = schools[-1]
