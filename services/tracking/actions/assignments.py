"""What a curator does with assignments, and what can be seen of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from chassis.database import Database, Row, Tx
from chassis.refusals import Missing
from services.tracking import domain, store
from services.tracking.actions import work


@dataclass(frozen=True, slots=True)
class Seen:
    """An assignment with what it still waits for, and how many of its meetings are disputed."""

    assignment: domain.Assignment
    waits_for: list[str]
    disputed_meetings: int = 0

    @property
    def tag(self) -> str:
        """The tag of its state."""
        return work.tag_of_assignment(self.assignment)


@dataclass(frozen=True, slots=True)
class Health:
    """How a pair is doing."""

    assignment: domain.Assignment
    colour: domain.Colour
    disputed_meetings: int
    causes: Sequence[domain.Cause]
    quiet_days: int

    @property
    def tag(self) -> str:
        """The tag of the assignment."""
        return work.tag_of_assignment(self.assignment)


async def list_assignments(db: Database, wanted: store.Wanted, after: UUID, limit: int) -> list[Seen]:
    """The assignments of a school, a page and one more."""
    async with db.transaction(wanted.school) as tx:
        found = await store.assignments_after(tx, wanted, after, limit)
        lacking = await waits_for(tx, [assignment for assignment, _ in found])
    return [Seen(one, lacking[one.assignment_id], disputed) for one, disputed in found]


async def look_at_work(db: Database, school: str, assignment_id: UUID) -> Seen:
    """One assignment of a school with what it still waits for; raises Missing."""
    async with db.transaction(school) as tx:
        found = await store.look_at_assignment(tx, assignment_id)
        if found is None:
            raise Missing("assignment.unknown", field="assignment_id")
        return await _seen(tx, found)


async def waits_for(tx: Tx, assignments: Sequence[domain.Assignment]) -> dict[UUID, list[str]]:
    """What assignments that are not over still wait for."""
    met = await store.met_by(tx, [one.assignment_id for one in assignments])
    today = tx.now.date()
    return {
        one.assignment_id: [] if one.is_over else domain.missing(one.basis, met[one.assignment_id], today)
        for one in assignments
    }


async def turnout_of(db: Database, school: str, cycle_id: UUID) -> Row:
    """How many people of a school work in pairs of a cycle, and how many have met."""
    async with db.transaction(school) as tx:
        return await store.turnout(tx, school, cycle_id)


async def choose_basis(db: Database, school: str, assignment_id: UUID, basis: str, *, seen: str | None = None) -> Seen:
    """Put the work of a pair on another legal basis; it starts at once when nothing is missing for that one."""
    async with db.transaction(school) as tx:
        assignment = await work.held(tx, assignment_id, seen=seen)
        chosen = await work.take_step(tx, assignment, domain.choose_basis(assignment, basis))
        return await _seen(tx, await work.consider(tx, chosen))


async def suspend(db: Database, school: str, assignment_id: UUID, why: domain.Rest, *, seen: str | None = None) -> Seen:
    """Let the work of a pair rest."""
    async with db.transaction(school) as tx:
        assignment = await work.held(tx, assignment_id, seen=seen)
        return await _seen(tx, await work.take_step(tx, assignment, domain.suspend(assignment, why)))


async def resume(db: Database, school: str, assignment_id: UUID, *, seen: str | None = None) -> Seen:
    """End the rest of a pair, when nothing is missing for its work."""
    async with db.transaction(school) as tx:
        assignment = await work.held(tx, assignment_id, seen=seen)
        resumed = domain.resume(assignment, await work.met_by(tx, assignment), tx.now.date())
        return await _seen(tx, await work.take_step(tx, assignment, resumed))


async def complete(db: Database, school: str, assignment_id: UUID, *, seen: str | None = None) -> Seen:
    """Bring the work of a pair to its planned end."""
    async with db.transaction(school) as tx:
        assignment = await work.held(tx, assignment_id, seen=seen)
        return await _seen(tx, await work.take_step(tx, assignment, domain.complete(assignment)))


async def terminate(
    db: Database, school: str, assignment_id: UUID, ending: domain.Ending, *, seen: str | None = None
) -> Seen:
    """End the work of a pair early: at once, or on its announced last day."""
    async with db.transaction(school) as tx:
        assignment = await work.held(tx, assignment_id, seen=seen)
        ended = domain.end_early(assignment, ending, tx.now.date())
        return await _seen(tx, await work.take_step(tx, assignment, ended))


async def answer_help(db: Database, school: str, assignment_id: UUID, *, seen: str | None = None) -> Seen:
    """The curator has helped: the call for help is answered."""
    async with db.transaction(school) as tx:
        assignment = await work.held(tx, assignment_id, seen=seen)
        return await _seen(tx, await work.take_step(tx, assignment, replace(assignment, help_asked_at=None)))


async def health_of(db: Database, school: str, cycle_id: UUID | None) -> list[Health]:
    """How the pairs of a school are doing that work now, or rest because a consent was taken back."""
    async with db.transaction(school) as tx:
        today = tx.now.date()
        found = await store.watched(tx, school, cycle_id, today=today)
    return [_health(one, today) for one in found]


def _health(watched: store.Watched, today: date) -> Health:
    signs = _signs(watched)
    quiet = domain.quiet_days_of(signs, today)
    return Health(
        watched.assignment, domain.colour_of(signs, today), watched.disputed, domain.causes_of(signs, today), quiet
    )


def _signs(watched: store.Watched) -> domain.Signs:
    assignment = watched.assignment
    return domain.Signs(
        since=assignment.met_on or assignment.activated_on or assignment.term_from,
        asks_for_help=assignment.help_asked_at is not None,
        is_consent_withdrawn=assignment.rests_for == domain.Rest.CONSENT,
        last_usefulness=watched.last_usefulness,
        has_overdue_goal=watched.has_overdue_goal,
    )


async def _seen(tx: Tx, assignment: domain.Assignment) -> Seen:
    lacking = await waits_for(tx, [assignment])
    return Seen(assignment, lacking[assignment.assignment_id])
