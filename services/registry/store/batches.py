"""Many rows in one statement: a list for each column instead of a statement for each row.

A statement a row costs the driver and the server about as much as the row itself, which is felt from some hundreds on.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, Column, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database import Tx

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Batch:
    """An insert of many rows that all tell the same columns."""

    sql: str
    names: tuple[str, ...]
    converts: tuple[Callable[[Any], str] | None, ...]

    async def write(self, tx: Tx, rows: Sequence[Mapping[str, object]]) -> None:
        """Write the rows down, in their order; the same row twice is for the statement's ending to settle."""
        if rows:
            # 32,767 arguments are the most that a statement takes; here there is one for each column.
            await tx.raw.execute(self.sql, *map(self._told, self.names, self.converts, [rows] * len(self.names)))

    def _told(
        self, name: str, convert: Callable[[Any], str] | None, rows: Sequence[Mapping[str, object]]
    ) -> list[object]:
        values = [row[name] for row in rows]
        return values if convert is None else [None if value is None else convert(value) for value in values]


def batch(table: Table, names: Sequence[str], ending: str = "") -> Batch:
    """The statement for these columns of a table; `ending` says what happens to a row that is there already."""
    columns = [table.c[name] for name in names]
    given = ", ".join(f"${number}::{_type_of(column)}[]" for number, column in enumerate(columns, 1))
    taken = ", ".join(f"{column.name}::{_name_of(column)}" for column in columns)
    told = ", ".join(names)
    # The words are those of our own tables.
    sql = f"insert into {table.name} ({told}) select {taken} from unnest({given}) as told ({told}) {ending}"  # noqa: S608
    return Batch(sql, tuple(names), tuple(_convert_of(column) for column in columns))


def _name_of(column: Column[Any]) -> str:
    return str(column.type.compile(dialect=_DIALECT))


def _type_of(column: Column[Any]) -> str:
    """How a column's values travel: `unnest` would open a list within the list, therefore it goes as one text."""
    return "text" if _convert_of(column) else _name_of(column)


def _convert_of(column: Column[Any]) -> Callable[[Any], str] | None:
    if isinstance(column.type, ARRAY):
        return array_of
    return _json if isinstance(column.type, JSONB) else None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def array_of(values: Sequence[str]) -> str:
    """A list of texts in the words of PostgreSQL."""
    return _array_of(tuple(values))


# The same few lists of roles, profiles and subjects stand in all rows.
@lru_cache(maxsize=4096)
def _array_of(values: tuple[str, ...]) -> str:
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"
