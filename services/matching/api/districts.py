"""Doors for pairs across schools: the coordinator proposes, the curators of both schools agree."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from chassis.database import Row
from chassis.doors import doors
from chassis.etags import Changing, Reading, Tagged, tag_of
from chassis.identity import Me, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, LARGEST_NUMBER, After, Limit, Page, after_id, after_number, page_of
from chassis.refusals import Invalid, Missing
from services.matching.actions import districts as actions
from services.matching.actions import runs as school_runs
from services.matching.actions.across import Ground
from services.matching.actions.districts import NO_CYCLE, CrossingState
from services.matching.actions.reasons import PairReason
from services.matching.actions.runs import Plan
from services.matching.api.asked import db_of, say, worker_of
from services.matching.api.runs import Certificate, Exchange, Progress, Seen
from services.matching.api.said import Reason, reason_said
from services.matching.api.seen import as_seen
from services.matching.domain import RunState, What
from services.matching.store import districts as store
from services.matching.store import runs

router = doors()

_CAN = {RunState.SOLVING: ["cancel"], RunState.REVIEW: ["propose", "cancel"]}
End = Literal["dual-first", "coverage-first"]


class NewDistrictRun(BaseModel):
    """What to solve: the same seed and the same input give the same result."""

    seed: int = Field(strict=True, default=1, ge=0, le=2**31 - 1)


class Waiting(BaseModel):
    """How many pairs wait for curators, were agreed to by both, refused by one, or fell away meanwhile."""

    asked: int = 0
    agreed: int = 0
    refused: int = 0
    dropped: int = 0


class DistrictRun(BaseModel):
    """A run across the schools of a district: counts, and no person.

    `people` agreed to be shown to the district; `supply` counts strengths that they offer outside their school,
    `demand` their needs.
    """

    run_id: UUID
    seed: int
    state: RunState
    version: int
    progress: Progress
    exchange: Exchange | None
    chosen: str | None
    certificate: Certificate | None
    people: int
    supply: int
    demand: int
    pairs: Waiting
    reason: str | None
    reason_text: str | None
    created_at: datetime
    can: list[str]


class ListedRun(BaseModel):
    """A run across schools in a list: when it was begun, and how far it is."""

    run_id: UUID
    state: RunState
    people: int
    supply: int
    demand: int
    created_at: datetime


class Proposing(Seen):
    """Which end of the exchange to lay before the curators."""

    variant: End = "dual-first"


class OutsideOffer(BaseModel):
    """An offer whose owner agreed to be shown outside the own school."""

    school: str
    person_id: UUID
    competency: str
    formats: list[str]
    minutes: int


class Crossing(BaseModel):
    """A pair of two schools that waits for both curators; people are asked only after both have agreed.

    `person_id` is the own teacher. The partner's id is shown where the partner shares and agreed to be shown outside;
    one who wants to learn is not named before both curators have agreed.
    """

    crossing_id: UUID
    side: actions.Side
    person_id: UUID
    partner_school: str
    partner_id: UUID | None
    competency: str
    state: CrossingState
    is_agreed_here: bool
    is_agreed_there: bool
    asked_at: datetime
    why: Reason
    can: list[Literal["agree", "refuse"]]


@router.put("/districts/{district}/runs/{run_id}", dependencies=[require("coordinator")], status_code=202)
async def begin_district_run(
    request: Request, response: Response, district: str, run_id: UUID, wanted: NewDistrictRun, me: Me, told: Tagged
) -> DistrictRun:
    """Look for pairs across schools among those who agreed to it. A repeat changes nothing (200)."""
    plan = Plan(run_id=run_id, cycle_id=NO_CYCLE, seed=wanted.seed, based_on=None, pins=())
    if await actions.begin(db_of(request), district, plan, by=me.me):
        worker_of(request).woken.set()
    else:
        response.status_code = 200
    return await _run(request, district, run_id, told)


@router.get("/districts/{district}/runs", dependencies=[require("coordinator")])
async def list_district_runs(
    request: Request, district: str, after: After = "", limit: Limit = DEFAULT
) -> Page[ListedRun]:
    """The runs across the schools of a district, the newest first."""
    before = after_number(after) or LARGEST_NUMBER
    schools = await actions.schools_of(db_of(request), district)
    async with db_of(request).transaction(district, *schools) as tx:
        rows = await runs.runs_before(tx, district, before, limit)
    return page_of(rows, limit, key=lambda row: row["number"], item=lambda row: ListedRun.model_validate(dict(row)))


@router.get("/districts/{district}/runs/{run_id}", dependencies=[require("coordinator")])
async def get_district_run(request: Request, district: str, run_id: UUID, told: Tagged) -> DistrictRun:
    """A run across schools as it stands, with how many of its pairs stand where; `ETag` is its version."""
    return await _run(request, district, run_id, told)


@router.post("/districts/{district}/runs/{run_id}/cancel", dependencies=[require("coordinator")])
async def cancel_district_run(
    request: Request, district: str, run_id: UUID, me: Me, change: Changing, seen: Seen | None = None
) -> DistrictRun:
    """Give a run up before its pairs are proposed."""
    with as_seen(change, seen.version if seen else None) as version:
        await school_runs.cancel(db_of(request), district, run_id, seen=version, by=me.me)
    return await _run(request, district, run_id, change)


@router.post("/districts/{district}/runs/{run_id}/propose", dependencies=[require("coordinator")])
async def propose_district_run(
    request: Request, district: str, run_id: UUID, me: Me, change: Changing, wanted: Proposing | None = None
) -> DistrictRun:
    """Lay the pairs before the curators of both schools; pairs that the rules no longer allow are left away."""
    asked = wanted or Proposing()
    with as_seen(change, asked.version) as version:
        await actions.propose(db_of(request), district, run_id, actions.Wish(asked.variant, version), by=me.me)
    return await _run(request, district, run_id, change)


@router.get("/districts/{district}/offers", dependencies=[require("coordinator")])
async def list_outside_offers(
    request: Request, looks: Looks, district: str, after: After = "", limit: Limit = DEFAULT
) -> Page[OutsideOffer]:
    """Offers of the running cycles whose owners agreed to be shown outside, by school, person and topic."""
    schools, start = await actions.schools_of(db_of(request), district), _offer_after(after)
    async with db_of(request).transaction(*schools) as tx:
        ground = await Ground.of(tx, schools)
        rows = await store.offers_after(tx, ground.schools, ground.ids, start, limit)
    page = page_of(
        rows,
        limit,
        key=lambda row: f"{row['school_id']}/{row['person_id']}/{row['competency']}",
        item=lambda row: OutsideOffer.model_validate({**row, "school": row["school_id"]}),
    )
    await looks.saw_across(What.OFFERS, [(offer.school, offer.person_id) for offer in page.items])
    return page


@router.get("/schools/{school}/crossings", dependencies=[require("curator")])
async def list_crossings(
    request: Request, looks: Looks, school: str, after: After = "", limit: Limit = DEFAULT
) -> Page[Crossing]:
    """Pairs with other schools of the district that wait for my word, or had it."""
    async with db_of(request).transaction(school) as tx:
        rows = await store.at_school(tx, school, after=after_id(after), limit=limit)
    page = page_of(rows, limit, key=lambda row: row["crossing_id"], item=lambda row: _shown(request, school, row))
    await looks.saw_across(What.CROSSINGS, [side for crossing in page.items for side in _both(school, crossing)])
    return page


@router.post("/schools/{school}/crossings/{crossing_id}/agree", dependencies=[require("curator")])
async def agree_to_crossing(request: Request, looks: Looks, school: str, crossing_id: UUID, me: Me) -> Crossing:
    """Agree for my school. When both curators have agreed, the person who wants to learn is asked first."""
    row = await actions.answer(db_of(request), school, crossing_id, by=me.me, is_yes=True)
    return await _answered(request, looks, school, row)


@router.post("/schools/{school}/crossings/{crossing_id}/refuse", dependencies=[require("curator")])
async def refuse_crossing(request: Request, looks: Looks, school: str, crossing_id: UUID, me: Me) -> Crossing:
    """Refuse for my school, without a reason; nobody has been asked, and nobody is told."""
    row = await actions.answer(db_of(request), school, crossing_id, by=me.me, is_yes=False)
    return await _answered(request, looks, school, row)


async def _answered(request: Request, looks: Looks, school: str, row: Row) -> Crossing:
    crossing = _shown(request, school, row)
    await looks.changed_across(What.CROSSINGS, _both(school, crossing))
    return crossing


def _both(school: str, crossing: Crossing) -> list[tuple[str, UUID | None]]:
    """The own teacher, and the partner as far as the partner is named."""
    return [(school, crossing.person_id), (crossing.partner_school, crossing.partner_id)]


async def _run(request: Request, district: str, run_id: UUID, told: Reading) -> DistrictRun:
    schools = await actions.schools_of(db_of(request), district)
    async with db_of(request).transaction(district, *schools) as tx:
        row = await runs.run(tx, district, run_id)
        counts = await store.counts_of(tx, run_id)
    if row is None:
        raise Missing("run.unknown", field="run_id")
    told.tell(tag_of(row["version"]))
    exchange = {"dual_first": row["dual_first"], "coverage_first": row["coverage_first"]}
    return DistrictRun.model_validate(
        {
            **row,
            "progress": {"step": row["step"], "share": row["share"]},
            "exchange": exchange if row["dual_first"] else None,
            "certificate": row["coverage_first" if row["chosen"] == "coverage-first" else "dual_first"],
            "pairs": {state.lower(): count for state, count in counts.items()},
            "reason_text": say(request, row["reason"]) if row["reason"] else None,
            "can": _CAN.get(RunState(row["state"]), []),
        }
    )


def _shown(request: Request, school: str, row: Row) -> Crossing:
    side = actions.side_of(row, school)
    partner: actions.Side = "taker" if side == "giver" else "giver"
    may_name = partner == "giver" or row["state"] == CrossingState.AGREED
    is_open = row["state"] == CrossingState.ASKED and row[f"{side}_agreed_by"] is None
    reason = PairReason(row["competency"], row["first_slot"], is_across_schools=True)
    return Crossing(
        crossing_id=row["crossing_id"],
        side=side,
        person_id=row[f"{side}_id"],
        partner_school=row[f"{partner}_school"],
        partner_id=row[f"{partner}_id"] if may_name else None,
        competency=row["competency"],
        state=row["state"],
        is_agreed_here=row[f"{side}_agreed_by"] is not None,
        is_agreed_there=row[f"{partner}_agreed_by"] is not None,
        asked_at=row["asked_at"],
        why=reason_said(request, "curator", reason),
        can=["agree", "refuse"] if is_open else [],
    )


def _offer_after(after: str) -> tuple[str, UUID, str]:
    if not after:
        return "", after_id(""), ""
    school, _, rest = after.partition("/")
    person, _, competency = rest.partition("/")
    if not (school and competency):
        raise Invalid("page.bad-cursor", field="after")
    return school, after_id(person), competency
