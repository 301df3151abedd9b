"""Staff imports: what a checked file says, until it is applied."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, null, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.registry.store.tables import staff_imports as imports

_SAVE = insert(imports).on_conflict_do_nothing()
_IMPORT = select(imports).where(imports.c.import_id == bindparam("import"))
_APPLIED = (
    update(imports)
    .where(imports.c.import_id == bindparam("import"))
    .values(state="APPLIED", rows=null(), applied_at=bindparam("now"))
)
_OUTDATE = (
    update(imports).where(imports.c.school_id == bindparam("school"), imports.c.rows.is_not(None)).values(rows=null())
)
_FORGET = (
    update(imports).where(imports.c.rows.is_not(None), imports.c.checked_at < bindparam("before")).values(rows=null())
)


async def staff_import(tx: Tx, import_id: UUID) -> Row | None:
    """An import."""
    return await tx.row(_IMPORT, {"import": import_id})


async def save_import(tx: Tx, row: dict[str, object]) -> bool:
    """Keep a checked or refused import; false when its id is taken, be it in another school."""
    return await tx.run(_SAVE, row) == 1


async def mark_applied(tx: Tx, import_id: UUID) -> None:
    """An import was applied: its rows are people now."""
    await tx.run(_APPLIED, {"import": import_id, "now": tx.now})


async def outdate_imports(tx: Tx, school: str) -> None:
    """Drop the rows of every import of a school that waits to be applied: the staff is not as it was compared with."""
    await tx.run(_OUTDATE, {"school": school})


async def forget_rows(tx: Tx, before: datetime) -> None:
    """Drop the rows of imports that were checked before a moment, in the schools of this transaction."""
    await tx.run(_FORGET, {"before": before})
