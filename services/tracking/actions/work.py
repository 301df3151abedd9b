"""How a step of an assignment is written down and announced; shared by all who bring steps about."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import TypedDict
from uuid import UUID

from chassis.database import Tx
from chassis.etags import check_seen, tag_of
from chassis.refusals import Forbidden, Missing
from contracts.event import Event
from contracts.tracking import (
    AssignmentActivated,
    AssignmentCompleted,
    AssignmentOpened,
    AssignmentSuspended,
    AssignmentTerminated,
    Basis,
    PairStalled,
    RematchRequested,
    TerminationReason,
)
from services.tracking import domain, store

# Whoever may touch several pairs in one transaction (facts that arrive, sweeps) goes one after the other under this
# name: no two of them can miss each other's half of what a pair needs, and none can deadlock. Calls from outside
# touch one pair each and hold only its row.
MANY = "tracking/assignments"

_FACTS = MappingProxyType(
    {
        domain.State.OPENED: AssignmentOpened,
        domain.State.ACTIVE: AssignmentActivated,
        domain.State.SUSPENDED: AssignmentSuspended,
        domain.State.COMPLETED: AssignmentCompleted,
    }
)


class _Pair(TypedDict):
    assignment_id: UUID
    pairing_id: UUID
    cycle_id: UUID
    giver_id: UUID
    taker_id: UUID
    competency: str
    giver_school: str
    taker_school: str
    basis: Basis


def _pair(assignment: domain.Assignment) -> _Pair:
    return _Pair(
        assignment_id=assignment.assignment_id,
        pairing_id=assignment.pairing_id,
        cycle_id=assignment.cycle_id,
        giver_id=assignment.giver_id,
        taker_id=assignment.taker_id,
        competency=assignment.competency,
        giver_school=assignment.giver_school,
        taker_school=assignment.taker_school,
        basis=Basis(assignment.basis),
    )


def fact_of(assignment: domain.Assignment, tx: Tx) -> Event:
    """The fact that says in which state an assignment now is."""
    pair = _pair(assignment)
    if assignment.state is domain.State.TERMINATED:
        reason = TerminationReason(assignment.reason or "")
        return AssignmentTerminated(**pair, reason=reason, revision=assignment.revision, occurred_at=tx.now)
    return _FACTS[assignment.state](**pair, revision=assignment.revision, occurred_at=tx.now)


async def take_step(tx: Tx, before: domain.Assignment, after: domain.Assignment) -> domain.Assignment:
    """Write a step down and announce the new state; what the pair had planned for later ends with its work."""
    if after == before:
        return after
    await store.save_assignment(tx, after)
    if after.state is before.state:
        return after
    await tx.emit(fact_of(after, tx))
    if after.is_over:
        await store.cancel_meetings(tx, after.assignment_id)
    if after.state is domain.State.TERMINATED and after.is_rematch_due:
        await _request_rematch(tx, after)
    return after


async def _request_rematch(tx: Tx, assignment: domain.Assignment) -> None:
    await tx.emit(
        RematchRequested(
            school_id=assignment.taker_school,
            assignment_id=assignment.assignment_id,
            pairing_id=assignment.pairing_id,
            cycle_id=assignment.cycle_id,
            giver_id=assignment.giver_id,
            taker_id=assignment.taker_id,
            competency=assignment.competency,
            occurred_at=tx.now,
        )
    )


async def tell_stalled(tx: Tx, assignment: domain.Assignment) -> None:
    """Tell of a stalled pair; the caller sees to it that this happens once."""
    await tx.emit(
        PairStalled(
            school_id=assignment.taker_school,
            assignment_id=assignment.assignment_id,
            cycle_id=assignment.cycle_id,
            occurred_at=tx.now,
        )
    )


async def met_by(tx: Tx, assignment: domain.Assignment) -> Mapping[str, date]:
    """Which demands an assignment meets, and since when."""
    return (await store.met_by(tx, [assignment.assignment_id]))[assignment.assignment_id]


async def consider(tx: Tx, assignment: domain.Assignment) -> domain.Assignment:
    """Take the step that the papers bring about, if any."""
    found = domain.consider(assignment, await met_by(tx, assignment), tx.now.date())
    return await take_step(tx, assignment, found)


async def held(tx: Tx, assignment_id: UUID, *, seen: str | None = None) -> domain.Assignment:
    """An assignment of the transaction's schools, held until its end; raises Missing, MovedOn for an older tag."""
    found = await store.assignment(tx, assignment_id)
    if found is None:
        raise Missing("assignment.unknown", field="assignment_id")
    check_seen(seen, tag_of_assignment(found), state=found.state.value, legal=found.legal)
    return found


def tag_of_assignment(one: domain.Assignment) -> str:
    """The tag of an assignment: it changes with every step, with what the two ask for, and with a meeting held.

    A call for help made anew is another one: whoever saw the one before has not heard it.
    """
    words = (one.state, one.basis, one.rests_for, one.reason, one.ends_on, one.met_on)
    called = one.help_asked_at.timestamp() if one.help_asked_at else None
    return tag_of(one.revision, *map(str, words), called, one.is_rematch_wished)


async def held_by(tx: Tx, caller: domain.Caller, assignment_id: UUID) -> domain.Assignment:
    """An assignment of one of the two, held until the end of the transaction; for anybody else there is none."""
    found = await held(tx, assignment_id)
    if found.side_of(caller) is None:
        raise Missing("assignment.unknown", field="assignment_id")
    await refuse_erased(tx, caller)
    return found


async def refuse_erased(tx: Tx, caller: domain.Caller) -> None:
    """Refuse somebody who was erased: a token lives for some minutes after its account is gone."""
    if await store.is_erased(tx, caller.school, caller.person):
        raise Forbidden("identity.erased")
