"""The curator's edits of a run, and what changed a run and by whom."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Text, bindparam, delete, insert, literal, select, update
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.postgresql import insert as insert_or

from chassis.database import Row, Tx
from services.matching.domain import RunState
from services.matching.store.tables import NOBODY, edits, run_changes, runs

_MOST_EDITS = 10_000
_MOST_CHANGES = 50

_ADD = insert_or(edits).on_conflict_do_nothing()
# What stood of the whole input may be large and is read by the solver alone.
_SHOWN = [column for column in edits.c if column.name != "change"]
_plain_change = edits.c.change.op("-")(literal("stands", Text)).label("change")
_is_this = (edits.c.run_id == bindparam("run")) & (edits.c.edit_id == bindparam("edit"))
_EDIT = select(*_SHOWN, _plain_change).where(_is_this)
_TAKE_BACK = (
    update(edits)
    .where(_is_this, edits.c.undone_at.is_(None))
    .values(undone_at=bindparam("new_undone_at"), undone_by=bindparam("new_undone_by"))
)
_STANDING = (
    select(edits.c.edit_id, edits.c.change)
    .where(edits.c.run_id == bindparam("run"), edits.c.undone_at.is_(None))
    .order_by(edits.c.number)
    .limit(_MOST_EDITS)
)
_EDITS = (
    select(*_SHOWN, _plain_change)
    .where(edits.c.run_id == bindparam("run"), edits.c.number > bindparam("after"))
    .order_by(edits.c.number)
    .limit(bindparam("limit"))
)
_NOTE = insert(run_changes).from_select(
    ["school_id", "run_id", "version", "what", "edit_id", "changed_at", "changed_by"],
    select(
        runs.c.school_id,
        runs.c.run_id,
        runs.c.version,
        bindparam("what", type_=run_changes.c.what.type),
        bindparam("edit", type_=run_changes.c.edit_id.type),
        bindparam("now", type_=run_changes.c.changed_at.type),
        bindparam("by", type_=run_changes.c.changed_by.type),
    ).where(runs.c.run_id == bindparam("run")),
)
_EVERY_CHANGE = (
    select(run_changes, edits.c.kind)
    .join(
        edits,
        (edits.c.run_id == run_changes.c.run_id) & (edits.c.edit_id == run_changes.c.edit_id),
        isouter=True,
    )
    .where(run_changes.c.run_id == bindparam("run"))
)
_CHANGES = (
    _EVERY_CHANGE.where(run_changes.c.version > bindparam("seen")).order_by(run_changes.c.version).limit(_MOST_CHANGES)
)
_CHANGES_BEFORE = (
    _EVERY_CHANGE.where(run_changes.c.version < bindparam("before"))
    .order_by(run_changes.c.version.desc())
    .limit(bindparam("limit"))
)

# Nothing rests on an edit that was taken back; one that stands is part of its run, which keeps the bare id.
_names_person = as_type(edits.c.change, Text).contains(bindparam("named"))
_FORGET_NAMED = delete(edits).where(edits.c.undone_at.is_not(None), _names_person)
_FORGET = (
    update(edits).where(edits.c.made_by == bindparam("person")).values(made_by=NOBODY),
    update(edits).where(edits.c.undone_by == bindparam("person")).values(undone_by=NOBODY),
    update(run_changes).where(run_changes.c.changed_by == bindparam("person")).values(changed_by=NOBODY),
    update(runs).where(runs.c.created_by == bindparam("person")).values(created_by=NOBODY),
)


async def add(tx: Tx, row: Row) -> bool:
    """Write an edit down; false when its id is taken in this run."""
    return await tx.run(_ADD, row) == 1


async def edit(tx: Tx, run_id: UUID, edit_id: UUID) -> Row | None:
    """An edit of a run."""
    return await tx.row(_EDIT, {"run": run_id, "edit": edit_id})


async def take_back(tx: Tx, run_id: UUID, edit_id: UUID, *, by: UUID) -> bool:
    """Take an edit back; false when it was taken back already."""
    params = {"run": run_id, "edit": edit_id, "new_undone_at": tx.now, "new_undone_by": by}
    return await tx.run(_TAKE_BACK, params) == 1


async def standing(tx: Tx, run_id: UUID) -> Sequence[Row]:
    """The edits of a run that stand, in the order in which they were made, with all that they change."""
    return await tx.rows(_STANDING, {"run": run_id})


async def edits_after(tx: Tx, run_id: UUID, after: int, limit: int) -> Sequence[Row]:
    """The edits of a run, also those taken back, a page and one more."""
    return await tx.rows(_EDITS, {"run": run_id, "after": after, "limit": limit + 1})


async def note(tx: Tx, run_id: UUID, what: str | RunState, *, by: UUID | None, edit: UUID | None = None) -> None:
    """Note what brought the run to the version that it has now, and who did it; nobody where it went by itself."""
    await tx.run(_NOTE, {"run": run_id, "what": what.lower(), "edit": edit, "now": tx.now, "by": by})


async def changes_since(tx: Tx, run_id: UUID, seen: int) -> Sequence[Row]:
    """What changed a run after a version that somebody saw."""
    return await tx.rows(_CHANGES, {"run": run_id, "seen": seen})


async def changes_before(tx: Tx, run_id: UUID, version: int, limit: int) -> Sequence[Row]:
    """What changed a run, the newest first and older than a version: a page and one more."""
    return await tx.rows(_CHANGES_BEFORE, {"run": run_id, "before": version, "limit": limit + 1})


async def forget(tx: Tx, person: UUID) -> None:
    """Forget who edited, and the edits taken back that name an erased person."""
    await tx.run(_FORGET_NAMED, {"named": str(person)})
    for statement in _FORGET:
        await tx.run(statement, {"person": person})
