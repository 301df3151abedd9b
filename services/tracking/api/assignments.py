"""HTTP doors for the curator: assignments, their legal basis, their end, the health of pairs."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel, Field, StrictBool

from chassis.days import PlainDay
from chassis.doors import doors
from chassis.etags import Change, Changing, Tagged
from chassis.identity import require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from contracts.tracking import Basis, TerminationReason
from services.tracking import actions, domain, store
from services.tracking.api.doors import db_of
from services.tracking.domain.looks import What

router = doors("/schools/{school}", guards=[require("curator")])
OfCycle = Annotated[UUID | None, Query(description="only those of this cycle")]


class Assignment(BaseModel):
    """The work of a pair as its curator sees it: what it waits for, who asks for what, which steps are legal.

    `met_on` is the day of the last meeting held; `etag` is for `If-Match`.
    """

    assignment_id: UUID
    etag: str = Field(examples=['"2-5f2a9c01"'])
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
    met_on: date | None
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
    rematch: StrictBool = False
    ends_on: PlainDay | None = None


class NewRest(BaseModel):
    """Why the curator lets the work of a pair rest; only curators read it."""

    reason: Literal[domain.Rest.CURATOR, domain.Rest.ABSENCE, domain.Rest.LOAD, domain.Rest.WISH] = domain.Rest.CURATOR


class PairHealth(BaseModel):
    """How a pair is doing, why it is not green, and how many days have passed without a meeting but for holidays.

    `etag` is that of its assignment, for `If-Match`.
    """

    assignment_id: UUID
    etag: str = Field(examples=['"2-5f2a9c01"'])
    giver_id: UUID
    taker_id: UUID
    competency: str
    colour: domain.Colour
    causes: list[domain.Cause]
    quiet_days: int
    met_on: date | None
    asks_for_help: bool
    wishes_rematch: bool
    disputed_meetings: int


class MeetingTurnout(BaseModel):
    """People of the school: `in_pairs` of the cycle, `met` in one of them, `to_meet` in a pair at work that has not."""

    in_pairs: int
    met: int
    to_meet: int


class SchoolHealth(BaseModel):
    """How many pairs are green, amber and red, and a page of them."""

    green: int
    amber: int
    red: int
    rows: Page[PairHealth]


@router.get("/assignments")
async def list_assignments(
    request: Request,
    looks: Looks,
    school: str,
    state: Annotated[domain.State | None, Query(description="only those in this state")] = None,
    cycle_id: OfCycle = None,
    has_met: Annotated[bool | None, Query(description="only pairs that have met, or only those that have not")] = None,
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[Assignment]:
    """The assignments of the school, and for each what is still missing before the pair may work."""
    wanted = store.Wanted(school, cycle_id, state, has_met)
    rows = await actions.list_assignments(db_of(request), wanted, after_id(after), limit)
    page = page_of(rows, limit, key=lambda row: row.assignment.assignment_id, item=_shown)
    await looks.saw_across(What.ASSIGNMENTS, [side for one in page.items for side in _both(one)])
    return page


@router.get("/turnout")
async def get_turnout(request: Request, school: str, cycle_id: UUID) -> MeetingTurnout:
    """How many people of a cycle work in pairs and have met: counts, no people."""
    return MeetingTurnout.model_validate(dict(await actions.turnout_of(db_of(request), school, cycle_id)))


@router.get("/assignments/{assignment_id}")
async def get_assignment(request: Request, looks: Looks, school: str, assignment_id: UUID, told: Tagged) -> Assignment:
    """One assignment of the school."""
    seen = await actions.look_at_work(db_of(request), school, assignment_id)
    told.tell(seen.tag)
    await looks.saw_across(What.ASSIGNMENTS, _both(seen.assignment))
    return _shown(seen)


@router.put("/assignments/{assignment_id}/basis")
async def choose_basis(
    request: Request, looks: Looks, school: str, assignment_id: UUID, body: NewBasis, change: Changing
) -> Assignment:
    """Choose the legal basis while the pair waits for its papers. The same basis again changes nothing."""
    seen = await actions.choose_basis(db_of(request), school, assignment_id, body.basis, seen=change.seen)
    return await _changed(looks, change, seen)


@router.post("/assignments/{assignment_id}/suspend")
async def suspend(
    request: Request, looks: Looks, school: str, assignment_id: UUID, change: Changing, body: NewRest | None = None
) -> Assignment:
    """Let the work of a pair rest, with the reason; without one it is the curator's own."""
    why = (body or NewRest()).reason
    seen = await actions.suspend(db_of(request), school, assignment_id, why, seen=change.seen)
    return await _changed(looks, change, seen)


@router.post("/assignments/{assignment_id}/resume")
async def resume(request: Request, looks: Looks, school: str, assignment_id: UUID, change: Changing) -> Assignment:
    """End the rest of a pair; refused while a consent is missing."""
    seen = await actions.resume(db_of(request), school, assignment_id, seen=change.seen)
    return await _changed(looks, change, seen)


@router.post("/assignments/{assignment_id}/complete")
async def complete(request: Request, looks: Looks, school: str, assignment_id: UUID, change: Changing) -> Assignment:
    """Bring the work of a pair to its planned end."""
    seen = await actions.complete(db_of(request), school, assignment_id, seen=change.seen)
    return await _changed(looks, change, seen)


@router.post("/assignments/{assignment_id}/terminate")
async def terminate(
    request: Request, looks: Looks, school: str, assignment_id: UUID, body: NewEnd, change: Changing
) -> Assignment:
    """End the work of a pair early; with `rematch` the taker's need is to be served by somebody else."""
    ending = domain.Ending(reason=body.reason, wants_rematch=body.rematch, ends_on=body.ends_on)
    seen = await actions.terminate(db_of(request), school, assignment_id, ending, seen=change.seen)
    return await _changed(looks, change, seen)


@router.post("/assignments/{assignment_id}/helped")
async def answer_help(request: Request, looks: Looks, school: str, assignment_id: UUID, change: Changing) -> Assignment:
    """Say that the pair that asked for help got it; its health is told by its meetings again."""
    seen = await actions.answer_help(db_of(request), school, assignment_id, seen=change.seen)
    return await _changed(looks, change, seen, What.HELP)


@router.get("/health")
async def show_health(
    request: Request,
    looks: Looks,
    school: str,
    cycle_id: OfCycle = None,
    order: Annotated[Literal["id", "urgency"], Query(description="by ids, or who needs a call first")] = "id",
    after: After = "",
    limit: Limit = DEFAULT,
) -> SchoolHealth:
    """How the working pairs of the school are doing; one that lost a consent counts as red.

    By `urgency` those who need a call first stand first.
    """
    found = await actions.health_of(db_of(request), school, cycle_id)
    beginning = after_id(after)
    if order == "urgency":
        found.sort(key=lambda one: domain.urgency(one.causes, one.quiet_days))
        rest = _behind(found, beginning)
    else:
        rest = [one for one in found if one.assignment.assignment_id > beginning]
    colours = [one.colour for one in found]
    shown = [side for one in rest[:limit] for side in _both(one.assignment)]
    await looks.saw_across(What.HEALTH, shown)
    return SchoolHealth(
        green=colours.count(domain.Colour.GREEN),
        amber=colours.count(domain.Colour.AMBER),
        red=colours.count(domain.Colour.RED),
        rows=page_of(rest, limit, key=lambda row: row.assignment.assignment_id, item=_doing),
    )


def _behind(found: Sequence[actions.Health], last: UUID) -> list[actions.Health]:
    """What follows the pair with which the last page ended; all of it when that pair is there no more."""
    place = next((place for place, one in enumerate(found, 1) if one.assignment.assignment_id == last), 0)
    return list(found[place:])


async def _changed(looks: Looks, change: Change, seen: actions.Seen, what: What = What.ASSIGNMENTS) -> Assignment:
    change.tell(seen.tag)
    await looks.changed_across(what, _both(seen.assignment))
    return _shown(seen)


def _both(pair: Assignment | domain.Assignment) -> list[tuple[str, UUID | None]]:
    return [(pair.giver_school, pair.giver_id), (pair.taker_school, pair.taker_id)]


def _shown(seen: actions.Seen) -> Assignment:
    one = seen.assignment
    return Assignment(
        assignment_id=one.assignment_id,
        etag=seen.tag,
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
        met_on=one.met_on,
        asks_for_help=one.help_asked_at is not None,
        wishes_rematch=one.is_rematch_wished,
        disputed_meetings=seen.disputed_meetings,
        can=one.legal,
    )


def _doing(health: actions.Health) -> PairHealth:
    one = health.assignment
    return PairHealth(
        assignment_id=one.assignment_id,
        etag=health.tag,
        giver_id=one.giver_id,
        taker_id=one.taker_id,
        competency=one.competency,
        colour=health.colour,
        causes=list(health.causes),
        quiet_days=health.quiet_days,
        met_on=one.met_on,
        asks_for_help=one.help_asked_at is not None,
        wishes_rematch=one.is_rematch_wished,
        disputed_meetings=health.disputed_meetings,
    )
