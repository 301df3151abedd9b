"""Work that waits in a table and is held on a lease: one worker at a time claims it, beats, hands it back or ends it.

A lease is real time: it guards against dead workers, not against the calendar. The table stands outside row-level
security, for a worker takes what waits before it knows of which school it is. Whatever belongs to the school it then
reads and writes in transactions of that school.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Delete,
    Table,
    Update,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    update,
)

from chassis.database import Row, Tx

_Told: TypeAlias = Mapping[str, Any]
_NOBODYS = {"worker": None, "beat_at": None}
_REAL_NOW = func.clock_timestamp()
_ME: BindParameter[UUID] = bindparam("lease_worker")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a table keeps what waits; it has the columns `worker`, `beat_at` and `claims` beside its own.

    `is_open` says which rows still wait or are worked on, all without it. `begun` is written with a claim, `left`
    when a worker hands back. Rows go when they end, unless `is_kept`: then they tell how they ended. Of rows with the
    same value in `one_of`, such as the school, one at a time is worked on; the others are passed over meanwhile.
    """

    table: Table
    key: Column[Any]
    order: Sequence[ColumnElement[Any]]
    is_open: ColumnElement[bool] = field(default_factory=true)
    begun: _Told = field(default_factory=dict)
    left: _Told = field(default_factory=dict)
    is_kept: bool = False
    one_of: Column[Any] | None = None


@dataclass(frozen=True, slots=True)
class Leases:
    """The statements of one table of waiting work, built once."""

    key: str
    claims: Update
    beats: Update
    returns: Update
    releases: Update | Delete
    removes: Update | Delete
    turn: str | None = None

    async def claim(self, tx: Tx, worker: UUID, *, lease_seconds: float) -> Row | None:
        """Take the first that nobody works on, or whose worker has been silent for longer than the lease.

        Where rows are worked on one of a kind at a time, claims come one after the other too: each has to see what the
        one before took. So the transaction should end soon.
        """
        if self.turn is not None:
            await tx.lock(self.turn)
        return await tx.row(self.claims, {"lease_worker": worker, "lease_seconds": lease_seconds})

    async def beat(self, tx: Tx, key: UUID, worker: UUID, **told: object) -> bool:
        """Show that the worker lives, and tell in columns how far it is; false when it holds this no longer."""
        return await tx.run(self.beats, {"lease_key": key, "lease_worker": worker, **told}) == 1

    async def hand_back(self, tx: Tx, worker: UUID) -> None:
        """Leave what this worker holds to another; an orderly departure does not count as a claim."""
        await tx.run(self.returns, {"lease_worker": worker})

    async def release(self, tx: Tx, key: UUID, worker: UUID, **told: object) -> bool:
        """End what this worker holds, and tell in columns how; false when it holds this no longer."""
        return await tx.run(self.releases, {"lease_key": key, "lease_worker": worker, **told}) == 1

    async def remove(self, tx: Tx, key: UUID, **told: object) -> bool:
        """End what waits or is worked on, whoever holds it; false when there is nothing to be ended."""
        return await tx.run(self.removes, {"lease_key": key, **told}) == 1


def leases(of: Waiting) -> Leases:
    """The statements for a table. Columns that a beat or an end tells of are named by the caller, not here."""
    table = of.table
    is_it, is_mine = of.key == bindparam("lease_key"), table.c.worker == _ME
    end: Update | Delete = update(table).values(_NOBODYS) if of.is_kept else delete(table)
    claimed = {"worker": _ME, "beat_at": _REAL_NOW, "claims": table.c.claims + 1, **of.begun}
    left = {**_NOBODYS, "claims": table.c.claims - 1, **of.left}
    return Leases(
        key=of.key.name,
        claims=update(table).where(of.key == _first_free(of)).values(claimed).returning(*table.c),
        beats=update(table).where(is_it, is_mine, of.is_open).values(beat_at=_REAL_NOW),
        returns=update(table).where(is_mine, of.is_open).values(left),
        releases=end.where(is_it, is_mine, of.is_open),
        removes=end.where(is_it, of.is_open),
        turn=None if of.one_of is None else f"claim/{table.name}",
    )


def _first_free(of: Waiting) -> ColumnElement[Any]:
    silent_since = _REAL_NOW - func.make_interval(0, 0, 0, 0, 0, 0, bindparam("lease_seconds"))
    is_free = or_(of.table.c.worker.is_(None), of.table.c.beat_at < silent_since)
    first = select(of.key).where(of.is_open, is_free).order_by(*of.order).limit(1)
    if of.one_of is not None:
        held = of.table.alias("held")
        is_of_the_same = held.c[of.one_of.name] == of.one_of, held.c[of.key.name] != of.key
        first = first.where(~exists().where(*is_of_the_same, held.c.beat_at >= silent_since).correlate(of.table))
    return first.with_for_update(skip_locked=True).scalar_subquery()
