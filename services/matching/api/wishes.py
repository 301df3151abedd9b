"""Doors for free times, capacity and bans."""

from datetime import datetime
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from chassis.doors import doors
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from chassis.refusals import Missing
from services.matching.actions import wishes as actions
from services.matching.api.asked import db_of
from services.matching.domain import CAPACITY_LIMIT, DEFAULT_CAPACITY, SLOTS, Capacity, What, slots_names
from services.matching.store import supply
from services.matching.store import wishes as store

router = doors()


class NewAvailability(BaseModel):
    """When a person is free in a week, and how many pairings the person carries at most in each role."""

    slots: list[str] = Field(max_length=len(SLOTS), examples=[["mon-3", "wed-5"]])
    give: int = Field(strict=True, default=DEFAULT_CAPACITY, ge=0, le=CAPACITY_LIMIT)
    take: int = Field(strict=True, default=DEFAULT_CAPACITY, ge=0, le=CAPACITY_LIMIT)


class Availability(NewAvailability):
    """What a person entered; who entered nothing has no free times and is not matched."""

    is_entered: bool


class Ban(BaseModel):
    """A pair that must not be proposed, in this direction."""

    giver_id: UUID
    taker_id: UUID
    banned_at: datetime


class Readiness(BaseModel):
    """What a run of the cycle could build on: teachers who take part, and people who did each step."""

    teachers: int
    diagnosed: int
    with_releases: int
    with_strengths: int
    with_needs: int
    with_free_times: int
    strengths: int
    needs: int


@router.put("/schools/{school}/my/availability", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def enter_availability(request: Request, school: str, wanted: NewAvailability, me: Me) -> Availability:
    """Say when I am free and how much I can carry. A repeat changes nothing."""
    capacity = Capacity(give=wanted.give, take=wanted.take)
    await actions.enter_availability(db_of(request), school, me.me, slots=wanted.slots, capacity=capacity)
    return await _availability(request, school, me.me)


@router.get("/schools/{school}/my/availability", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def get_availability(request: Request, school: str, me: Me) -> Availability:
    """My free times and capacity; the usual capacity while I have entered nothing."""
    return await _availability(request, school, me.me)


async def _availability(request: Request, school: str, person: UUID) -> Availability:
    async with db_of(request).transaction(school) as tx:
        row = await store.available(tx, school, person)
    if row is None:
        return Availability(slots=[], is_entered=False)
    return Availability(slots=list(slots_names(row["slots"])), give=row["give"], take=row["take"], is_entered=True)


@router.get("/schools/{school}/readiness", dependencies=[require("curator")])
async def get_readiness(request: Request, school: str, cycle_id: UUID) -> Readiness:
    """How far the school is before a run: counts, no people."""
    async with db_of(request).transaction(school) as tx:
        row = await supply.readiness(tx, school, cycle_id)
    if row is None:
        raise Missing("cycle.unknown", field="cycle_id")
    return Readiness.model_validate(dict(row))


@router.put("/schools/{school}/bans/{giver_id}/{taker_id}", dependencies=[require("curator")], status_code=201)
async def ban_pair(
    request: Request, response: Response, looks: Looks, school: str, giver_id: UUID, taker_id: UUID, me: Me
) -> Ban:
    """Forbid a pair in this direction, in every cycle. A repeat changes nothing (200)."""
    if not await actions.ban_pair(db_of(request), school, giver_id, taker_id, by=me.me):
        response.status_code = 200
    async with db_of(request).transaction(school) as tx:
        row = await store.ban(tx, school, giver_id, taker_id)
    if row is None:
        raise Missing("ban.unknown")
    await looks.changed(What.BANS, [giver_id, taker_id])
    return Ban.model_validate(dict(row))


@router.delete("/schools/{school}/bans/{giver_id}/{taker_id}", dependencies=[require("curator")], status_code=204)
async def lift_ban(request: Request, looks: Looks, school: str, giver_id: UUID, taker_id: UUID) -> None:
    """Forbid a pair no longer. A repeat changes nothing."""
    await actions.lift_ban(db_of(request), school, giver_id, taker_id)
    await looks.changed(What.BANS, [giver_id, taker_id])


@router.get("/schools/{school}/bans", dependencies=[require("curator")])
async def list_bans(
    request: Request, looks: Looks, school: str, after: After = "", limit: Limit = DEFAULT
) -> Page[Ban]:
    """The curator's bans, in the order of giver and taker."""
    async with db_of(request).transaction(school) as tx:
        rows = await store.bans_after(tx, school, _two_after(after), limit)
    page = page_of(
        rows,
        limit,
        key=lambda row: f"{row['giver_id']}/{row['taker_id']}",
        item=lambda row: Ban.model_validate(dict(row)),
    )
    await looks.saw(What.BANS, [person for ban in page.items for person in (ban.giver_id, ban.taker_id)])
    return page


def _two_after(after: str) -> tuple[UUID, UUID]:
    giver, _, taker = after.partition("/")
    return after_id(giver), after_id(taker)
