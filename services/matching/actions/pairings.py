"""Pairs from the proposal to the end: the taker first, then the giver, then the curator."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from chassis.database import Database, Row, Tx
from chassis.refusals import Conflict, Missing
from contracts.matching import (
    MentoringKind,
    PairingAccepted,
    PairingDeclined,
    PairingDissolved,
    PairingExpired,
    PairingFormed,
)
from services.matching import domain
from services.matching.actions.cascade import ask_for_next_best
from services.matching.domain import Pairing, PairingState, RunState
from services.matching.store import edits, knowledge, pairings, runs, solving, wishes

SCHOOLS_AT_ONCE = 500
OVERDUE_AT_ONCE = 200

# The taker's yes is told to nobody but the giver, who finds it among the own proposals.
_FACTS = {
    PairingState.ACCEPTED: PairingAccepted,
    PairingState.DECLINED: PairingDeclined,
    PairingState.EXPIRED: PairingExpired,
    PairingState.DISSOLVED: PairingDissolved,
}


async def answer(db: Database, school: str, pairing_id: UUID, *, by: UUID, is_yes: bool) -> Row:
    """One of the two says yes or no, in turn; returns the pairing as it stands then."""
    async with db.transaction(school) as tx:
        pairing = pairings.pairing_of(await _locked(tx, pairing_id))
        moved = await _move(tx, domain.answer(pairing, by, is_yes=is_yes, now=tx.now))
        if not is_yes:
            await ask_for_next_best(tx, [moved["run_id"]])
    return moved


async def confirm(
    db: Database, school: str, pairing_id: UUID, *, by: UUID, term: tuple[date | None, date | None]
) -> Row:
    """The curator forms a pairing that both accepted; without a term it lasts from today to the cycle's end."""
    async with db.transaction(school) as tx:
        row = await _locked(tx, pairing_id)
        if row["taker_school"] != school:
            raise Conflict("pairing.other-school-confirms", field="pairing_id", state=row["state"], legal=[])
        formed = domain.confirm(pairings.pairing_of(row), by, is_curator=True)
        if await wishes.is_forbidden(tx, school, row["cycle_id"], formed.giver, formed.taker):
            raise Conflict("pairing.banned", field="pairing_id", state=row["state"], legal=[])
        term_from, term_to = await _term(tx, school, row["cycle_id"], term)
        await pairings.set_term(tx, pairing_id, term_from, term_to)
        row = await pairings.move(tx, formed)
        await tx.emit(PairingFormed.model_validate({**row, "kind": MentoringKind.REVERSE, "occurred_at": tx.now}))
        await settle(tx, [row["run_id"]])
    return row


async def _term(tx: Tx, school: str, cycle_id: UUID, term: tuple[date | None, date | None]) -> tuple[date, date]:
    cycle = await knowledge.cycle(tx, school, cycle_id)
    if cycle is None or cycle["ends_on"] is None:
        raise Missing("cycle.unknown", field="cycle_id")
    term_from, term_to = term[0] or domain.today_at_place(tx.now), term[1] or cycle["ends_on"]
    domain.check_term(term_from, term_to, cycle_ends_on=cycle["ends_on"])
    return term_from, term_to


async def expire_overdue(db: Database) -> int:
    """Expire the proposals whose answer is overdue, of all schools; returns how many.

    At most 200 for each 500 schools and turn; the next turn takes the rest.
    """
    expired, after = 0, ""
    while True:
        async with db.transaction() as tx:
            schools = await knowledge.schools_after(tx, after, SCHOOLS_AT_ONCE)
        if not schools:
            return expired
        expired, after = expired + await _expire_at(db, schools), schools[-1]


async def _expire_at(db: Database, schools: Iterable[str]) -> int:
    async with db.transaction(*schools) as tx:
        rows = await pairings.overdue(tx, OVERDUE_AT_ONCE)
        for row in rows:
            await _move(tx, domain.expire_overdue(pairings.pairing_of(row), tx.now))
        await ask_for_next_best(tx, [row["run_id"] for row in rows])
    return len(rows)


async def take_out(tx: Tx, school: str, person: UUID) -> None:
    """A person takes part in a school no longer: open proposals expire, formed pairs dissolve."""
    await _end_open(tx, school, person, is_formed_too=True)


async def stop_proposals(tx: Tx, school: str, person: UUID) -> None:
    """A person does not want to be matched: open proposals expire; what is formed goes on."""
    await _end_open(tx, school, person, is_formed_too=False)


async def stop_crossing(tx: Tx, school: str, person: UUID) -> None:
    """A person does not want to be shown outside the school: open proposals across schools expire, the rest goes on."""
    await _end_open(tx, school, person, is_formed_too=False, is_crossing_only=True)


async def _end_open(tx: Tx, school: str, person: UUID, *, is_formed_too: bool, is_crossing_only: bool = False) -> None:
    rows = [
        row
        for row in await pairings.open_of(tx, school, person)
        if (is_formed_too or row["state"] != PairingState.FORMED)
        and not (is_crossing_only and row["giver_school"] == row["taker_school"])
    ]
    for row in rows:
        await _move(tx, domain.part(pairings.pairing_of(row)))
    await ask_for_next_best(tx, [row["run_id"] for row in rows])


async def dissolve(tx: Tx, pairing_id: UUID) -> None:
    """A formed pair ends as a pair; whatever else it may be by now stays as it is."""
    row = await pairings.locked(tx, pairing_id)
    if row is not None and row["state"] == PairingState.FORMED:
        await _move(tx, domain.dissolve(pairings.pairing_of(row)))
        await settle(tx, [row["run_id"]])


async def complete(tx: Tx, pairing_id: UUID) -> None:
    """The work of a pair came to its planned end; both have room for another."""
    await pairings.complete(tx, pairing_id)


async def _locked(tx: Tx, pairing_id: UUID) -> Row:
    row = await pairings.locked(tx, pairing_id)
    if row is None:
        raise Missing("pairing.unknown")
    return row


async def _move(tx: Tx, moved: Pairing) -> Row:
    row = await pairings.move(tx, moved)
    fact = _FACTS.get(moved.state)
    if fact is not None:
        await tx.emit(fact.model_validate({**row, "occurred_at": tx.now}))
    return row


async def settle(tx: Tx, run_ids: Iterable[UUID]) -> None:
    """A published run is confirmed once nothing is left to decide; the row's lock lets the last answer see all.

    While the next best is still looked for, something may be left.
    """
    for run_id in sorted(set(run_ids)):
        run = await runs.locked(tx, run_id)
        if run is None or run["state"] != RunState.PUBLISHED or await solving.waits(tx, run_id):
            continue
        if domain.is_concluded(await pairings.states_of_run(tx, run_id)):
            await runs.move(tx, run_id, domain.step(RunState.PUBLISHED, RunState.CONFIRMED), seen=run["version"])
            await edits.note(tx, run_id, RunState.CONFIRMED, by=None)
