"""Staff imports: check a file and keep what it would change, until it is applied or too old."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from chassis.database import Database, Tx
from chassis.refusals import Conflict
from services.registry.actions import places, staff
from services.registry.actions.staff_lines import digest_of, in_batches, lines_of, written
from services.registry.domain.imports import CHECKED, KEPT_HOURS, REFUSED, Counts, check_decided
from services.registry.staff_file import Decided, Problem, StaffChanges, StaffFile, read
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
        changes = await compared(tx, school, file, upload.decided)
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


async def compared(tx: Tx, school: str, file: StaffFile, decided: Decided) -> StaffChanges:
    """What a file would change among the people of a school; raises Invalid for decisions that fit nobody."""
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
        "counts": {**asdict(counts_of(changes)), **found},
        "problems": [_told(problem) for problem in (*file.problems, *_problems(changes))],
        "checked_by": upload.by,
        "applied_at": None,
    }


def counts_of(changes: StaffChanges) -> Counts:
    """How many people would be what."""
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
