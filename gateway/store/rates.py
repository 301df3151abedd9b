"""Counters of requests that several gateways share; a caller stands here as a hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete

from chassis.database import Tx
from gateway.store.tables import rates

_COUNT = """
    insert into rates as known (caller, window_at, spent)
    select * from unnest($1::bytea[], $2::timestamptz[], $3::int[])
    on conflict (caller, window_at) do update set spent = known.spent + excluded.spent
    returning caller, window_at, spent
"""
_SWEEP = delete(rates).where(rates.c.window_at < bindparam("before"))


@dataclass(frozen=True, slots=True)
class Spent:
    """How much a caller spent in the window that began at `window_at`."""

    caller: bytes
    window_at: datetime
    spent: int


async def count_together(tx: Tx, news: Sequence[Spent]) -> list[Spent]:
    """Add what this gateway has counted; returns what all gateways have counted together."""
    # In one order everywhere: two gateways must not wait for each other.
    ordered = sorted(news, key=lambda one: (one.caller, one.window_at))
    columns = ([one.caller for one in ordered], [one.window_at for one in ordered], [one.spent for one in ordered])
    rows = await tx.raw.fetch(_COUNT, *columns)
    return [Spent(row["caller"], row["window_at"], row["spent"]) for row in rows]


async def sweep_rates(tx: Tx, *, longest: timedelta) -> None:
    """Delete windows that are over."""
    await tx.run(_SWEEP, {"before": tx.now - longest})
