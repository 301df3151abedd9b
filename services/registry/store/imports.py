"""Staff imports: what a checked file says and would change, a line per person, until it is applied."""

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    DateTime,
    Integer,
    Text,
    Uuid,
    bindparam,
    case,
    delete,
    literal,
    null,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from chassis.looks import Looker
from services.registry.domain.imports import APPLYING, FAILED, OUTDATED, Kind
from services.registry.store.tables import applying
from services.registry.store.tables import staff_import_lines as lines
from services.registry.store.tables import staff_imports as imports

AT_ONCE = 1000

_SAVE = insert(imports).on_conflict_do_nothing()
_is_it = imports.c.import_id == bindparam("import")
_IMPORT = (
    select(imports, applying.c.step, applying.c.done)
    .outerjoin(applying, applying.c.import_id == imports.c.import_id)
    .where(_is_it)
)
_LOCKED = select(imports).where(_is_it).with_for_update()
_ORDER = (
    update(imports)
    .where(_is_it)
    .values(
        state=APPLYING,
        reason=null(),
        ordered_by=bindparam("new_person", type_=Uuid),
        ordered_client=bindparam("new_client", type_=Text),
        ordered_role=bindparam("new_role", type_=Text),
    )
)
_CONCLUDE = (
    update(imports)
    .where(_is_it)
    .values(
        state=bindparam("new_state"),
        reason=bindparam("new_reason", type_=Text),
        can_apply=imports.c.can_apply & bindparam("is_kept", type_=Boolean),
        applied_at=bindparam("new_applied_at", type_=DateTime(timezone=True)),
        ordered_by=null(),
        ordered_client=null(),
        ordered_role=null(),
    )
)
_DROP_LINES_OF = delete(lines).where(lines.c.school_id == bindparam("school"), lines.c.import_id == bindparam("import"))
# One that has failed might have been applied again; now it is too late for that.
_NO_LONGER: dict[str, Any] = {
    "can_apply": False,
    "reason": case((imports.c.state == FAILED, literal(OUTDATED)), else_=imports.c.reason),
}
_OUTDATE = update(imports).where(imports.c.school_id == bindparam("school"), imports.c.can_apply).values(**_NO_LONGER)
_DROP_LINES = delete(lines).where(lines.c.school_id == bindparam("school"))
_EXPIRE = update(imports).where(imports.c.can_apply, imports.c.checked_at < bindparam("before")).values(**_NO_LONGER)
_FORGET_LINES = text("""
    delete from staff_import_lines using staff_imports
    where staff_imports.school_id = staff_import_lines.school_id
      and staff_imports.import_id = staff_import_lines.import_id and staff_imports.checked_at < :before
""")
# Of a person who is forgotten: every checked file of the person's places, and any other that could name the person.
_FORGET_FILES_OF = text("""
    with named as materialized (
        select distinct school_id, import_id from staff_import_lines
        where school_id = any(:places) or told @> cast(:who as jsonb)
    ), dropped as (
        delete from staff_import_lines using named
        where staff_import_lines.school_id = named.school_id and staff_import_lines.import_id = named.import_id
    )
    update staff_imports set can_apply = false,
           reason = case when staff_imports.state = 'FAILED' then 'import.outdated' else staff_imports.reason end
    from named where staff_imports.import_id = named.import_id
""").bindparams(bindparam("places", type_=ARRAY(Text)), bindparam("who", type_=Text))
# One statement for many lines; a list within a list is given as one text, for `unnest` opens all of them.
_ADD_LINES = text("""
    insert into staff_import_lines (school_id, import_id, number, kind, person_ids, fields, reason, told)
    select cast(:school as text), cast(:import as uuid), number, kind, cast(person_ids as uuid[]),
           cast(fields as text[]), reason, cast(told as jsonb)
    from unnest(:numbers, :kinds, :person_ids, :fields, :reasons, :told)
         as line (number, kind, person_ids, fields, reason, told)
""").bindparams(
    bindparam("school", type_=Text),
    bindparam("import", type_=Uuid),
    bindparam("numbers", type_=ARRAY(Integer)),
    *(bindparam(name, type_=ARRAY(Text)) for name in ("kinds", "person_ids", "fields", "reasons", "told")),
)
_TOLD = (
    select(lines.c.number, lines.c.told)
    .where(
        lines.c.school_id == bindparam("school"),
        lines.c.import_id == bindparam("import"),
        lines.c.number > bindparam("after"),
        lines.c.told.is_not(None),
    )
    .order_by(lines.c.number)
    .limit(bindparam("limit"))
)
_LINES = text("""
    select number, kind, person_ids, fields, reason, told from staff_import_lines
    where school_id = :school and import_id = :import and number > :after and kind = any(:kinds)
    order by number limit :limit
""").bindparams(bindparam("import", type_=Uuid), bindparam("kinds", type_=ARRAY(Text)))
_TOUCHED = text("""
    select person_ids from staff_import_lines
    where school_id = :school and import_id = :import and kind = any(:kinds) limit 200000
""").bindparams(bindparam("import", type_=Uuid), bindparam("kinds", type_=ARRAY(Text)))


@dataclass(frozen=True, slots=True)
class Line:
    """What a file would change for one person: who it may be, which fields, and by what the person was found."""

    number: int
    kind: str
    person_ids: tuple[UUID, ...]
    fields: tuple[str, ...] = ()
    reason: str | None = None
    told: dict[str, Any] | None = None


async def staff_import(tx: Tx, import_id: UUID) -> Row | None:
    """An import; with `step` and `done` while it is being applied."""
    return await tx.row(_IMPORT, {"import": import_id})


async def locked(tx: Tx, import_id: UUID) -> Row | None:
    """An import that nobody else moves until the end of the transaction."""
    return await tx.row(_LOCKED, {"import": import_id})


async def order(tx: Tx, import_id: UUID, by: Looker) -> None:
    """Note that an import is to be applied, and who has asked for it."""
    who = {"new_person": by.person_id, "new_client": by.client, "new_role": by.role}
    await tx.run(_ORDER, {"import": import_id, **who})


async def save_import(tx: Tx, row: dict[str, object]) -> bool:
    """Keep a checked or refused import; false when its id is taken, be it in another school."""
    return await tx.run(_SAVE, row) == 1


async def add_lines(tx: Tx, school: str, import_id: UUID, added: Sequence[Line]) -> None:
    """Keep some lines of a checked import."""
    await tx.run(
        _ADD_LINES,
        {
            "school": school,
            "import": import_id,
            "numbers": [line.number for line in added],
            "kinds": [line.kind for line in added],
            "person_ids": [_array(line.person_ids) for line in added],
            "fields": [_array(line.fields) for line in added],
            "reasons": [line.reason for line in added],
            "told": [None if line.told is None else json.dumps(line.told, ensure_ascii=False) for line in added],
        },
    )


def _array(values: Sequence[object]) -> str:
    """An array in the words of PostgreSQL; ids and names of fields need no quotes."""
    return "{" + ",".join(map(str, values)) + "}"


async def told(tx: Tx, school: str, import_id: UUID) -> AsyncIterator[dict[str, Any]]:
    """The people of a checked file in its order, read page by page."""
    after = 0
    while True:
        wanted = {"school": school, "import": import_id, "after": after, "limit": AT_ONCE}
        rows = await tx.rows(_TOLD, wanted)
        for row in rows:
            yield row["told"]
        if len(rows) < AT_ONCE:
            return
        after = rows[-1]["number"]


async def lines_after(tx: Tx, row: Row, after: int, limit: int, *, kinds: Sequence[str]) -> Sequence[Row]:
    """The lines of an import of certain kinds, a page and one more."""
    wanted = {"school": row["school_id"], "import": row["import_id"], "after": after, "limit": limit + 1}
    return await tx.rows(_LINES, {**wanted, "kinds": list(kinds)})


async def touched(tx: Tx, row: Row) -> list[UUID]:
    """The known people whom an import would change or see leave."""
    wanted = {"school": row["school_id"], "import": row["import_id"], "kinds": [Kind.CHANGED.value, Kind.LEFT.value]}
    return [person for line in await tx.rows(_TOUCHED, wanted) for person in line["person_ids"]]


@dataclass(frozen=True, slots=True)
class Ending:
    """How applying ended; what is not kept must be checked again before it can be applied."""

    state: str
    reason: str | None = None
    is_kept: bool = False
    applied_at: datetime | None = None


async def conclude(tx: Tx, row: Row, ending: Ending) -> None:
    """Note how applying ended, and forget who had asked for it."""
    await tx.run(
        _CONCLUDE,
        {
            "import": row["import_id"],
            "new_state": ending.state,
            "new_reason": ending.reason,
            "is_kept": ending.is_kept,
            "new_applied_at": ending.applied_at,
        },
    )
    if not ending.is_kept:
        await tx.run(_DROP_LINES_OF, {"school": row["school_id"], "import": row["import_id"]})


async def outdate_imports(tx: Tx, school: str) -> None:
    """Drop the lines of every import of a school that waits to be applied: the staff is not as it was compared with."""
    await tx.run(_OUTDATE, {"school": school})
    await tx.run(_DROP_LINES, {"school": school})


async def forget_lines(tx: Tx, before: datetime) -> None:
    """Drop the lines of imports that were checked before a moment, in the schools of this transaction."""
    await tx.run(_EXPIRE, {"before": before})
    await tx.run(_FORGET_LINES, {"before": before})


async def forget_files_of(tx: Tx, places: Collection[str], names: Mapping[str, str]) -> None:
    """Drop the lines of checked files of some places, and of all others that name somebody so."""
    await tx.run(_FORGET_FILES_OF, {"places": sorted(places), "who": json.dumps(dict(names))})
