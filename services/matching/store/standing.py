"""What a run left, for those who look at it afterwards."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from chassis.database import Row, Tx
from services.matching.domain import RunState
from services.matching.store.tables import matches, runs

_MOST_PAIRS = 100_000

_MATCHES = (
    select(matches.c.giver_id, matches.c.taker_id, matches.c.competency, matches.c.score)
    .where(matches.c.run_id == bindparam("run"), matches.c.variant == bindparam("variant"))
    .order_by(matches.c.place)
    .limit(_MOST_PAIRS)
)
_NEWEST = (
    select(runs.c.run_id)
    .where(
        runs.c.school_id == bindparam("school"),
        runs.c.state.in_([RunState.PUBLISHED.value, RunState.CONFIRMED.value]),
    )
    .order_by(runs.c.number.desc())
    .limit(1)
)


async def pairs_of(tx: Tx, run_id: UUID, variant: str) -> Sequence[Row]:
    """All pairs of one result."""
    return await tx.rows(_MATCHES, {"run": run_id, "variant": variant})


async def newest_published(tx: Tx, school: str) -> Row | None:
    """The run of the school that was published last."""
    return await tx.row(_NEWEST, {"school": school})
