"""Staff imports: check a file, show what it would change, apply all of it or nothing."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from chassis.database import Database, Row, Tx
from chassis.refusals import Conflict, Missing
from contracts.registry import StaffImported
from services.registry.actions import members, places, staff, staff_applying
from services.registry.actions.staff_facts import member_of
from services.registry.actions.staff_lines import decided_in, digest_of, in_batches, lines_of, written
from services.registry.domain.imports import (
    APPLIED,
    CHECKED,
    KEPT_HOURS,
    REFUSED,
    Counts,
    check_applying,
    check_decided,
    check_same,
)
from services.registry.staff_file import (
    Column,
    Decided,
    Problem,
    StaffChanges,
    StaffFile,
    read,
)
from services.registry.store import imports as store
from services.registry.store import people
from services.registry.store import places as tree

AT_ONCE = 200
MOST_CONFLICTS_TOLD = 200


@dataclass(frozen=True, slots=True)
class Upload:
    """A staff file as it came through the door; `decided` says of some rows who the person is."""

    import_id: UUID
    content: bytes
    filename: str
    by: UUID
    decided: Decided = field(default_factory=dict)


async def check_file(db: Database, school: str, upload: Upload) -> bool:
    """Read a file and compare it with the school's people; applies nothing. False when it was checked before.

    Raises Invalid or TooLarge for what cannot be read as a staff file, Invalid for decisions that fit nobody,
    Conflict when the id belongs to another file.
    """
    digest = sha256(upload.content).hexdigest()
    async with db.transaction(school) as tx:
        await places.open_school(tx, school)
        if await _is_known(tx, upload, digest):
            return False
    file = await asyncio.to_thread(read, upload.content, upload.filename)
    async with db.transaction(school) as tx:
        await store.forget_lines(tx, tx.now - timedelta(hours=KEPT_HOURS))
        changes = await _compared(tx, school, file, upload.decided)
        if not await store.save_import(tx, {**_checked(school, upload, file, changes), "checked_at": tx.now}):
            if await _is_known(tx, upload, digest):
                return False
            raise Conflict("import.id-taken", field="import_id")
        if not file.count("error"):
            for batch in in_batches(lines_of(changes), store.AT_ONCE):
                await store.add_lines(tx, school, upload.import_id, batch)
    return True


async def _is_known(tx: Tx, upload: Upload, digest: str) -> bool:
    known = await store.staff_import(tx, upload.import_id)
    if known is not None and (known["sha256"], known["decided"]) != (digest, written(upload.decided)):
        raise Conflict("import.id-taken", field="import_id")
    return known is not None


async def _compared(tx: Tx, school: str, file: StaffFile, decided: Decided) -> StaffChanges:
    known = await staff.known_staff(people.each_member(tx, school))
    if decided:
        rows = {row for member in file.people for row in member.rows}
        check_decided(decided, rows, known.ids)
    # Seconds for the largest file: other requests go on meanwhile.
    return await asyncio.to_thread(staff.compare_staff, known, file, decided)


def _checked(school: str, upload: Upload, file: StaffFile, changes: StaffChanges) -> dict[str, object]:
    is_refused = bool(file.count("error") or changes.conflicts)
    found = {"errors": file.count("error") + len(changes.conflicts), "warnings": file.count("warning")}
    return {
        "school_id": school,
        "import_id": upload.import_id,
        "state": REFUSED if is_refused else CHECKED,
        "can_apply": not is_refused,
        "sha256": file.sha256,
        "digest": digest_of(changes),
        "rows_read": file.rows_read,
        "head_count": file.head_count,
        "columns": sorted(file.columns),
        "decided": written(upload.decided),
        "counts": {**asdict(_counts(changes)), **found},
        "problems": [_told(problem) for problem in (*file.problems, *_problems(changes))],
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


def _problems(changes: StaffChanges) -> Iterator[Problem]:
    for conflict in changes.conflicts[:MOST_CONFLICTS_TOLD]:
        yield Problem(conflict.member.rows[0], "", conflict.slug)


def _told(problem: Problem) -> dict[str, Any]:
    return {
        "row": problem.row,
        "column": problem.column,
        "slug": problem.slug,
        "severity": problem.severity,
        "facts": dict(problem.facts),
    }


async def apply_import(db: Database, school: str, import_id: UUID) -> list[UUID]:
    """Make a checked file true: all of it in one transaction; gives whom it changed, nobody when applied before.

    Raises Missing, and Conflict when the file has errors or the school's staff is not as it was compared with.
    """
    async with db.transaction(school) as tx:
        place = await places.open_school(tx, school)
        await tx.lock(members.lock_of(school))
        known = await store.staff_import(tx, import_id)
        if known is None:
            raise Missing("import.unknown", field="import_id")
        if known["state"] == APPLIED:
            return []
        check_applying(known["state"], can_apply=known["can_apply"])
        changes = await _compared(tx, school, await _kept(tx, known), decided_in(known["decided"]))
        check_same(known["digest"], digest_of(changes))
        touched = await store.touched(tx, known)
        await staff_applying.apply(tx, place, changes)
        await store.mark_applied(tx, import_id)
        await store.outdate_imports(tx, school)
        await tx.emit(_imported(school, import_id, _counts(changes), tx))
    return touched


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


async def forget_old_checks(db: Database) -> None:
    """Drop the parsed people of files that nobody applied within a day."""
    after = ""
    while True:
        async with db.transaction() as tx:
            schools = await tree.schools_after(tx, after, AT_ONCE)
        if not schools:
            return
        async with db.transaction(*schools) as tx:
            await store.forget_lines(tx, tx.now - timedelta(hours=KEPT_HOURS))
        after = schools[-1]
