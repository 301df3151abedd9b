"""Runs with their frozen input and certificates, and what they found."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from chassis.database import Row, Tx
from services.matching.domain import RunState
from services.matching.store.tables import matches, runs, solving, unmet

# The frozen input is read by the solver alone: it may be large.
_is_searching = select(solving.c.run_id).where(solving.c.run_id == runs.c.run_id).exists().label("is_searching")
_SHOWN = [*(column for column in runs.c if column.name != "instance"), _is_searching]
_ADD = insert_or(runs).on_conflict_do_nothing()
_RUN = select(*_SHOWN).where(runs.c.school_id == bindparam("school"), runs.c.run_id == bindparam("run"))
_RUN_LOCKED = select(runs.c.state, runs.c.version).where(runs.c.run_id == bindparam("run")).with_for_update()
_TASK = select(runs).where(runs.c.run_id == bindparam("run"))
_PLACE = select(runs.c.school_id, runs.c.state).where(runs.c.run_id == bindparam("run"))
_RUNS = (
    select(*_SHOWN)
    .where(runs.c.school_id == bindparam("school"), runs.c.number < bindparam("before"))
    .order_by(runs.c.number.desc())
    .limit(bindparam("limit"))
)
_is_as_seen = (runs.c.run_id == bindparam("run")) & (runs.c.version == bindparam("seen"))
_MOVE = (
    update(runs)
    .where(_is_as_seen)
    .values(state=bindparam("new_state"), reason=bindparam("new_reason"), version=runs.c.version + 1)
)
_CHOOSE = update(runs).where(_is_as_seen).values(chosen=bindparam("new_choice"), version=runs.c.version + 1)
_WANT_POINT = (
    update(runs)
    .where(runs.c.run_id == bindparam("run"))
    .values(chosen=bindparam("new_choice"), wanted_dual=bindparam("new_dual"))
)
_GIVE_DAYS = update(runs).where(runs.c.run_id == bindparam("run")).values(answer_days=bindparam("new_days"))
_PROGRESS = (
    update(runs)
    .where(runs.c.run_id == bindparam("run"))
    .values(step=bindparam("new_step"), share=bindparam("new_share"))
)
_CERTIFY = (
    update(runs)
    .where(runs.c.run_id == bindparam("run"))
    .values(
        dual_first=bindparam("new_dual_first"),
        coverage_first=bindparam("new_coverage_first"),
        between=bindparam("new_between"),
    )
)
_CLEAR = tuple(delete(table).where(table.c.run_id == bindparam("run")) for table in (matches, unmet))
_ADD_MATCHES = insert(matches)
_ADD_UNMET = insert(unmet)
_MATCHES = (
    select(matches)
    .where(
        matches.c.run_id == bindparam("run"),
        matches.c.variant == bindparam("variant"),
        matches.c.place > bindparam("after"),
    )
    .order_by(matches.c.place)
    .limit(bindparam("limit"))
)
_UNMET = (
    select(unmet)
    .where(
        unmet.c.run_id == bindparam("run"),
        unmet.c.variant == bindparam("variant"),
        unmet.c.place > bindparam("after"),
    )
    .order_by(unmet.c.place)
    .limit(bindparam("limit"))
)


async def add(tx: Tx, row: Row) -> bool:
    """Write a new run down; false when its id is taken."""
    return await tx.run(_ADD, row) == 1


async def run(tx: Tx, school: str, run_id: UUID) -> Row | None:
    """A run of the school, without its input."""
    return await tx.row(_RUN, {"school": school, "run": run_id})


async def locked(tx: Tx, run_id: UUID) -> Row | None:
    """State and version of a run that nobody else moves until the end of the transaction."""
    return await tx.row(_RUN_LOCKED, {"run": run_id})


async def place_of(tx: Tx, run_id: UUID) -> Row | None:
    """The school and the state of a run that this transaction may see."""
    return await tx.row(_PLACE, {"run": run_id})


async def task(tx: Tx, run_id: UUID) -> Row | None:
    """A run with its frozen input."""
    return await tx.row(_TASK, {"run": run_id})


async def runs_before(tx: Tx, school: str, before: int, limit: int) -> Sequence[Row]:
    """The runs of a school, the newest first, a page and one more."""
    return await tx.rows(_RUNS, {"school": school, "before": before, "limit": limit + 1})


async def move(tx: Tx, run_id: UUID, to: RunState, *, seen: int, reason: str | None = None) -> bool:
    """Bring a run into its next state; false when it is no longer as it was seen."""
    params = {"run": run_id, "seen": seen, "new_state": to.value, "new_reason": reason}
    return await tx.run(_MOVE, params) == 1


async def choose(tx: Tx, run_id: UUID, variant: str, *, seen: int) -> bool:
    """Store which end of the exchange was chosen; false when the run is no longer as it was seen."""
    return await tx.run(_CHOOSE, {"run": run_id, "seen": seen, "new_choice": variant}) == 1


async def save_progress(tx: Tx, run_id: UUID, *, step: str, share: float) -> None:
    """Write down how far the solver is."""
    await tx.run(_PROGRESS, {"run": run_id, "new_step": step, "new_share": share})


async def want_point(tx: Tx, run_id: UUID, *, dual: int | None) -> None:
    """Store how many dual roles are wanted between the ends, as the choice; without a number nothing is chosen."""
    choice = None if dual is None else "between"
    await tx.run(_WANT_POINT, {"run": run_id, "new_choice": choice, "new_dual": dual})


async def give_days(tx: Tx, run_id: UUID, days: int) -> None:
    """Store how many working days each side has for its answer."""
    await tx.run(_GIVE_DAYS, {"run": run_id, "new_days": days})


async def certify(tx: Tx, run_id: UUID, *, dual_first: Row, coverage_first: Row, between: Row | None) -> None:
    """Keep the certificates of both ends, and of the point between them if one is wanted."""
    certificates = {"new_dual_first": dual_first, "new_coverage_first": coverage_first, "new_between": between}
    await tx.run(_CERTIFY, {"run": run_id, **certificates})


async def clear_found(tx: Tx, run_id: UUID) -> None:
    """Forget what a run found: it was solved anew."""
    for statement in _CLEAR:
        await tx.run(statement, {"run": run_id})


async def add_found(tx: Tx, *, found: Sequence[Row], missed: Sequence[Row]) -> None:
    """Keep the pairs that a run found and the needs that it left unmet."""
    if found:
        await tx.run(_ADD_MATCHES, found)
    if missed:
        await tx.run(_ADD_UNMET, missed)


async def matches_after(tx: Tx, run_id: UUID, variant: str, *, after: int, limit: int) -> Sequence[Row]:
    """The pairs of one end, a page and one more."""
    return await tx.rows(_MATCHES, {"run": run_id, "variant": variant, "after": after, "limit": limit + 1})


async def unmet_after(tx: Tx, run_id: UUID, variant: str, *, after: int, limit: int) -> Sequence[Row]:
    """The unmet needs of one end, a page and one more."""
    return await tx.rows(_UNMET, {"run": run_id, "variant": variant, "after": after, "limit": limit + 1})
