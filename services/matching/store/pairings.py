"""Pairings from the proposal to the end."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Text, and_, any_, bindparam, insert, or_, select, update

from chassis.database import Row, Tx
from services.matching.domain import OPEN_STATES, Pairing, PairingState
from services.matching.store.tables import pairings

_MOST_OF_ONE = 500
_MOST_OF_RUN = 100_000
_GIVER_SEES = (
    PairingState.ACCEPTED.value,
    PairingState.FORMED.value,
    PairingState.DISSOLVED.value,
)

_ADD = insert(pairings)
_PAIRING_LOCKED = select(pairings).where(pairings.c.pairing_id == bindparam("pairing")).with_for_update()
_MOVE = (
    update(pairings)
    .where(pairings.c.pairing_id == bindparam("pairing"))
    .values(
        state=bindparam("new_state"),
        asked_at=bindparam("new_asked_at"),
        expires_at=bindparam("new_expires_at"),
        revision=pairings.c.revision + 1,
    )
    .returning(pairings)
)
_SET_TERM = (
    update(pairings)
    .where(pairings.c.pairing_id == bindparam("pairing"))
    .values(term_from=bindparam("new_from"), term_to=bindparam("new_to"))
)
_COMPLETE = update(pairings).where(pairings.c.pairing_id == bindparam("pairing")).values(is_completed=True)
_STATES_OF_RUN = (
    select(pairings.c.state).where(pairings.c.run_id == bindparam("run")).distinct().limit(len(PairingState))
)
_OF_RUN = (
    select(pairings.c.giver_id, pairings.c.taker_id, pairings.c.competency, pairings.c.state)
    .where(pairings.c.run_id == bindparam("run"))
    .order_by(pairings.c.pairing_id)
    .limit(_MOST_OF_RUN)
)
_OPEN_IN_CYCLE = (
    select(pairings.c.giver_id, pairings.c.taker_id, pairings.c.competency)
    .where(
        or_(pairings.c.giver_school == bindparam("school"), pairings.c.taker_school == bindparam("school")),
        pairings.c.cycle_id == bindparam("cycle"),
        pairings.c.state.in_(sorted(OPEN_STATES)),
        ~pairings.c.is_completed,
    )
    .order_by(pairings.c.pairing_id)
    .limit(_MOST_OF_RUN)
)
_OVERDUE = (
    select(pairings)
    .where(
        pairings.c.state.in_([PairingState.PROPOSED.value, PairingState.TAKER_AGREED.value]),
        pairings.c.expires_at <= bindparam("now"),
    )
    .order_by(pairings.c.pairing_id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_OPEN_OF_PERSON = (
    select(pairings)
    .where(
        or_(
            and_(pairings.c.giver_id == bindparam("person"), pairings.c.giver_school == bindparam("school")),
            and_(pairings.c.taker_id == bindparam("person"), pairings.c.taker_school == bindparam("school")),
        ),
        pairings.c.state.in_(sorted(OPEN_STATES)),
        ~pairings.c.is_completed,
    )
    .order_by(pairings.c.pairing_id)
    .limit(_MOST_OF_ONE)
    .with_for_update()
)
# The giver learns of a pairing by the taker's yes alone, and nothing of one whose answer is overdue.
_is_shown_to_giver = and_(
    pairings.c.giver_id == bindparam("me"),
    or_(
        pairings.c.state.in_(_GIVER_SEES),
        and_(pairings.c.state == PairingState.TAKER_AGREED.value, pairings.c.expires_at > bindparam("now")),
    ),
)
_MINE = (
    select(pairings)
    .where(or_(pairings.c.taker_id == bindparam("me"), _is_shown_to_giver))
    .order_by(pairings.c.asked_at.desc(), pairings.c.pairing_id)
    .limit(_MOST_OF_ONE)
)
_AT_SCHOOL = (
    select(pairings)
    .where(
        or_(pairings.c.giver_school == bindparam("school"), pairings.c.taker_school == bindparam("school")),
        or_(bindparam("any_state"), pairings.c.state == any_(bindparam("states", type_=ARRAY(Text)))),
        or_(bindparam("any_cycle"), pairings.c.cycle_id == bindparam("cycle")),
        pairings.c.pairing_id > bindparam("after"),
    )
    .order_by(pairings.c.pairing_id)
    .limit(bindparam("limit"))
)


def pairing_of(row: Row) -> Pairing:
    """The domain's pairing behind a row."""
    return Pairing(
        id=row["pairing_id"],
        giver=row["giver_id"],
        taker=row["taker_id"],
        competency=row["competency"],
        state=PairingState(row["state"]),
        asked_at=row["asked_at"],
        answer_days=row["answer_days"],
    )


async def add(tx: Tx, rows: Sequence[Row]) -> None:
    """Write new proposals down."""
    if rows:
        await tx.run(_ADD, rows)


async def locked(tx: Tx, pairing_id: UUID) -> Row | None:
    """A pairing of this transaction's school that nobody else moves until the end of the transaction."""
    return await tx.row(_PAIRING_LOCKED, {"pairing": pairing_id})


async def move(tx: Tx, moved: Pairing) -> Row:
    """Write down where a pairing stands now; its revision rises."""
    params = {
        "pairing": moved.id,
        "new_state": moved.state.value,
        "new_asked_at": moved.asked_at,
        "new_expires_at": moved.expires_at,
    }
    return (await tx.rows(_MOVE, params))[0]


async def set_term(tx: Tx, pairing_id: UUID, term_from: date, term_to: date) -> None:
    """Write down from when to when a formed pair works."""
    await tx.run(_SET_TERM, {"pairing": pairing_id, "new_from": term_from, "new_to": term_to})


async def complete(tx: Tx, pairing_id: UUID) -> None:
    """The work of a pair came to its planned end: it takes nobody's place any more."""
    await tx.run(_COMPLETE, {"pairing": pairing_id})


async def states_of_run(tx: Tx, run_id: UUID) -> list[PairingState]:
    """Where the pairings of a run stand, each state once."""
    return [PairingState(row["state"]) for row in await tx.rows(_STATES_OF_RUN, {"run": run_id})]


async def of_run(tx: Tx, run_id: UUID) -> Sequence[Row]:
    """Whom a run has asked, and what became of it."""
    return await tx.rows(_OF_RUN, {"run": run_id})


async def open_in_cycle(tx: Tx, school: str, cycle: UUID) -> Sequence[Row]:
    """The pairs of a school's cycle that are proposed or work together now."""
    return await tx.rows(_OPEN_IN_CYCLE, {"school": school, "cycle": cycle})


async def overdue(tx: Tx, limit: int) -> Sequence[Row]:
    """Pairings whose answer is overdue by business time, locked; another replica takes others."""
    return await tx.rows(_OVERDUE, {"now": tx.now, "limit": limit})


async def open_of(tx: Tx, school: str, person: UUID) -> Sequence[Row]:
    """The open pairings that a person has as a member of a school, locked."""
    return await tx.rows(_OPEN_OF_PERSON, {"school": school, "person": person})


async def shown_to(tx: Tx, person: UUID) -> Sequence[Row]:
    """The pairings that a person may know of, the last asked first."""
    return await tx.rows(_MINE, {"me": person, "now": tx.now})


async def at_school(
    tx: Tx, school: str, *, states: Sequence[str], cycle: UUID | None, after: UUID, limit: int
) -> Sequence[Row]:
    """The pairings of a school in one of some states, or in any when none is named; a page and one more."""
    params = {
        "school": school,
        "any_state": not states,
        "states": list(states),
        "any_cycle": cycle is None,
        "cycle": cycle or after,
        "after": after,
        "limit": limit + 1,
    }
    return await tx.rows(_AT_SCHOOL, params)
