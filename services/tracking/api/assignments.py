"""HTTP doors for the curator: assignments, their legal basis, their end, the health of pairs."""

from datetime import date
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from chassis.doors import doors
from chassis.identity import require
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from contracts.tracking import Basis, TerminationReason
from services.tracking import actions, domain, store
from services.tracking.api.doors import db_of

router = doors("/schools/{school}", guards=[require("curator")])


class Assignment(BaseModel):
    """The work of a pair as its curator sees it: what it waits for, who asks for what, which steps are legal."""

    assignment_id: UUID
    pairing_id: UUID
    cycle_id: UUID
    giver_id: UUID
    taker_id: UUID
    giver_school: str
    taker_school: str
    competency: str
    kind: str
    basis: Basis
    state: domain.State
    term_from: date
    term_to: date
    waits_for: list[str] = Field(examples=[["consent.MENTORING_LOCAL_ACT.taker", "paper.DOC08"]])
    rests_for: domain.Rest | None
    reason: TerminationReason | None
    ends_on: date | None
    asks_for_help: bool
    wishes_rematch: bool
    disputed_meetings: int
    can: list[str]


class NewBasis(BaseModel):
    """The legal basis that the school chooses for a pair."""

    basis: Basis


class NewEnd(BaseModel):
    """An early end; `ends_on` is the last day of the work.

    Without it the work ends today, or, under ТК РФ ст. 351.8, on the third working day from now.
    """

    reason: TerminationReason
    rematch: bool = False
    ends_on: date | None = None


class PairHealth(BaseModel):
    """How a pair is doing."""

    assignment_id: UUID
    giver_id: UUID
    taker_id: UUID
    competency: str
    colour: domain.Colour
    met_on: date | None
    asks_for_help: bool
    wishes_rematch: bool
    disputed_meetings: int


class SchoolHealth(BaseModel):
    """How many pairs are green, amber and red, and a page of them."""

    green: int
    amber: int
    red: int
    rows: Page[PairHealth]


@router.get("/assignments")
async def list_assignments(
    request: Request,
    school: str,
    state: domain.State | None = None,
    cycle_id: UUID | None = None,
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[Assignment]:
    """The assignments of the school, and for each what is still missing before the pair may work."""
    wanted = store.Wanted(school, cycle_id, state)
    rows = await actions.list_assignments(db_of(request), wanted, after_id(after), limit)
    return page_of(rows, limit, key=lambda row: row.assignment.assignment_id, item=_shown)


@router.put("/assignments/{assignment_id}/basis")
async def choose_basis(request: Request, school: str, assignment_id: UUID, body: NewBasis) -> Assignment:
    """Choose the legal basis while the pair waits for its papers. The same basis again changes nothing."""
    return _shown(await actions.choose_basis(db_of(request), school, assignment_id, body.basis))


@router.post("/assignments/{assignment_id}/suspend")
async def suspend(request: Request, school: str, assignment_id: UUID) -> Assignment:
    """Let the work of a pair rest."""
    return _shown(await actions.suspend(db_of(request), school, assignment_id))


@router.post("/assignments/{assignment_id}/resume")
async def resume(request: Request, school: str, assignment_id: UUID) -> Assignment:
    """End the rest of a pair; refused while a consent is missing."""
    return _shown(await actions.resume(db_of(request), school, assignment_id))


@router.post("/assignments/{assignment_id}/complete")
async def complete(request: Request, school: str, assignment_id: UUID) -> Assignment:
    """Bring the work of a pair to its planned end."""
    return _shown(await actions.complete(db_of(request), school, assignment_id))


@router.post("/assignments/{assignment_id}/terminate")
async def terminate(request: Request, school: str, assignment_id: UUID, body: NewEnd) -> Assignment:
    """End the work of a pair early; with `rematch` the taker's need is to be served by somebody else."""
    ending = domain.Ending(reason=body.reason, wants_rematch=body.rematch, ends_on=body.ends_on)
    return _shown(await actions.terminate(db_of(request), school, assignment_id, ending))


@router.post("/assignments/{assignment_id}/helped")
async def answer_help(request: Request, school: str, assignment_id: UUID) -> Assignment:
    """Say that the pair that asked for help got it; its health is told by its meetings again."""
    return _shown(await actions.answer_help(db_of(request), school, assignment_id))


@router.get("/health")
async def show_health(
    request: Request, school: str, cycle_id: UUID | None = None, after: After = "", limit: Limit = DEFAULT
) -> SchoolHealth:
    """How the working pairs of the school are doing; one that lost a consent counts as red."""
    found = await actions.health_of(db_of(request), school, cycle_id)
    beginning = after_id(after)
    rest = [one for one in found if one.assignment.assignment_id > beginning]
    colours = [one.colour for one in found]
    return SchoolHealth(
        green=colours.count(domain.Colour.GREEN),
        amber=colours.count(domain.Colour.AMBER),
        red=colours.count(domain.Colour.RED),
        rows=page_of(rest, limit, key=lambda row: row.assignment.assignment_id, item=_doing),
    )


def _shown(seen: actions.Seen) -> Assignment:
    one = seen.assignment
    return Assignment(
        assignment_id=one.assignment_id,
        pairing_id=one.pairing_id,
        cycle_id=one.cycle_id,
        giver_id=one.giver_id,
        taker_id=one.taker_id,
        giver_school=one.giver_school,
        taker_school=one.taker_school,
        competency=one.competency,
        kind=one.kind,
        basis=Basis(one.basis),
        state=one.state,
        term_from=one.term_from,
        term_to=one.term_to,
        waits_for=seen.waits_for,
        rests_for=domain.Rest(one.rests_for) if one.rests_for else None,
        reason=TerminationReason(one.reason) if one.reason else None,
        ends_on=one.ends_on,
        asks_for_help=one.help_asked_at is not None,
        wishes_rematch=one.is_rematch_wished,
        disputed_meetings=seen.disputed_meetings,
        can=one.legal,
    )


def _doing(health: actions.Health) -> PairHealth:
    one = health.assignment
    return PairHealth(
        assignment_id=one.assignment_id,
        giver_id=one.giver_id,
        taker_id=one.taker_id,
        competency=one.competency,
        colour=health.colour,
        met_on=one.met_on,
        asks_for_help=one.help_asked_at is not None,
        wishes_rematch=one.is_rematch_wished,
        disputed_meetings=health.disputed_meetings,
    )
