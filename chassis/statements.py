"""SQLAlchemy Core statements, compiled once and run by asyncpg itself.

Core writes the SQL and knows how values are given to the driver; SQLAlchemy's own execution costs two thirds of a
small transaction's time (ADR 0018) and is left out. A statement is built once, at module level; its compiled form
is remembered with it, and that of what reads can be made ahead of its first use. Rows come back as asyncpg reads
them, therefore tables use only types that it speaks itself.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.elements import BindParameter, ClauseElement

from chassis.ahead import Piece

Values = Mapping[str, Any]

_DIALECT = asyncpg_dialect()  # type: ignore[no-untyped-call]
_known: WeakKeyDictionary[Executable, dict[tuple[str, ...], "Compiled"]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class _Bind:
    """One `$n` of a statement: where its value comes from, and how the driver wants it."""

    name: str
    bound: BindParameter[Any]
    convert: Callable[[Any], Any] | None

    def value(self, given: Values) -> Any:
        key = self.bound.key if self.bound.key in given else self.name
        if key in given:
            value = given[key]
        elif self.bound.required:
            raise KeyError(f"a value is required for {self.bound.key!r}")
        else:
            value = self.bound.effective_value
        return value if self.convert is None else self.convert(value)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement ready for the driver."""

    compiler: SQLCompiler
    binds: tuple[_Bind, ...]

    def call(self, given: Values) -> tuple[str, list[Any]]:
        """The SQL and its arguments; raises KeyError for a missing value."""
        if not self.compiler.post_compile_params:
            return self.compiler.string, [bind.value(given) for bind in self.binds]
        # `in` with a list: how many placeholders it has is known only now.
        state = self.compiler.construct_expanded_state(dict(given))
        converts = {**{bind.name: bind.convert for bind in self.binds}, **state.processors}
        return state.statement, [
            convert(value) if (convert := converts.get(name)) is not None else value
            for name, value in zip(state.positiontup or (), state.positional_parameters, strict=True)
        ]


def compiled(statement: Executable, keys: Iterable[str]) -> Compiled:
    """The compiled form of a statement for the named values; what writes has one for each set of names."""
    forms = _known.get(statement)
    if forms is None:
        forms = _known[statement] = {}
    names = tuple(keys) if _writes(statement) else ()
    found = forms.get(names)
    if found is None:
        found = forms[names] = _compile(statement, names)
    return found


def is_known(statement: Executable) -> bool:
    """Has the statement been compiled already?"""
    return bool(_known.get(statement))


def reading_in(package: str) -> Iterator[Executable]:
    """The statements at module level of a package as far as it has been imported, of those that only read."""
    for name in sorted(sys.modules):
        if name == package or name.startswith(f"{package}."):
            for found in list(vars(sys.modules[name]).values()):
                yield from (one for one in _parts(found) if isinstance(one, Executable) and not _writes(one))


def ahead_in(package: str) -> Iterator[Piece]:
    """The compiling of what reads in a package, a statement at a time."""

    async def compile_ahead(statement: Executable) -> None:
        compiled(statement, ())

    for statement in reading_in(package):
        if not is_known(statement):
            yield Piece("statement", partial(compile_ahead, statement))


def _writes(statement: Executable) -> bool:
    return isinstance(statement, UpdateBase)


def _parts(found: object) -> Iterable[object]:
    """Several statements may stand together under one name."""
    if isinstance(found, Mapping):
        return list(found.values())
    return found if isinstance(found, tuple | list) else (found,)


def _compile(statement: Executable, names: tuple[str, ...]) -> Compiled:
    if not isinstance(statement, ClauseElement):
        raise TypeError(f"not a statement: {type(statement).__name__}")
    # Without names the columns of an insert are those that it says itself.
    compiler = statement.compile(dialect=_DIALECT, column_keys=list(names) or None)
    if not isinstance(compiler, SQLCompiler):
        raise TypeError(f"a service runs no DDL: {type(statement).__name__}")
    binds = (compiler.binds[name] for name in compiler.positiontup or ())
    return Compiled(compiler, tuple(_Bind(compiler.bind_names[bound], bound, _convert_of(bound)) for bound in binds))


def _convert_of(bound: BindParameter[Any]) -> Callable[[Any], Any] | None:
    return bound.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
