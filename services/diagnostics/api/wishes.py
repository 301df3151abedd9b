"""Doors of everyone at the school: what I release, need and offer."""

from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field, StrictBool

from chassis.doors import doors
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from services.diagnostics import actions, store
from services.diagnostics.api.doors import catalogue_of, db_of

router = doors()

Code = Annotated[str, Field(min_length=1, max_length=12, examples=["D08", "S03.CHE"])]
# A code, never a sentence: what stands here travels to other services.
Format = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$", examples=["master-class"])]


class Release(BaseModel):
    """Competencies of my profile that others may know of: matching with the level, the curator as a class."""

    cycle_id: UUID
    competencies: list[Code] = Field(min_length=1, max_length=60)


class NewNeed(BaseModel):
    """How much I wish to strengthen a competency: 1, 2 or 3."""

    wish: int = Field(strict=True, ge=1, le=3)


class Need(NewNeed):
    """My need, and how urgent it is among the needs of the school."""

    competency: str
    priority1000: int


class Offer(BaseModel):
    """How I can share a competency: formats, minutes at a time, outside my school too or not."""

    formats: list[Format] = Field(min_length=1, max_length=10)
    minutes: int = Field(strict=True, ge=5, le=2000)
    outside_school: StrictBool = False


class OwnOffer(Offer):
    """My offer of a competency."""

    competency: str


class Wishes(BaseModel):
    """What I want to strengthen and what I can share in a cycle."""

    needs: list[Need]
    offers: list[OwnOffer]


@router.post("/schools/{school}/my/releases", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def release(request: Request, school: str, wanted: Release, me: Me) -> Release:
    """Release competencies of my profile, all of the named or none. A repeat changes nothing."""
    owner = store.Owner(school, wanted.cycle_id, me.me)
    await actions.release(db_of(request), catalogue_of(request), owner, codes=wanted.competencies)
    return wanted


@router.delete(
    "/schools/{school}/my/releases/{cycle_id}/{competency}",
    dependencies=[require(*EVERYONE_AT_SCHOOL)],
    status_code=204,
)
async def take_release_back(request: Request, school: str, cycle_id: UUID, competency: str, me: Me) -> None:
    """Take the release of a competency back, at any time and without a reason. A repeat changes nothing."""
    await actions.take_back(db_of(request), store.OwnKey(school, cycle_id, me.me, competency))


@router.get("/schools/{school}/my/wishes/{cycle_id}", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def list_my_wishes(request: Request, school: str, cycle_id: UUID, me: Me) -> Wishes:
    """My needs and offers of a cycle as they stand now; nobody else may read them here."""
    owner = store.Owner(school, cycle_id, me.me)
    async with db_of(request).transaction(school) as tx:
        needs, offers = await store.wishes.declared(tx, owner)
    return Wishes(
        needs=[Need(competency=code, wish=one.wish, priority1000=one.priority1000) for code, one in needs.items()],
        offers=[
            OwnOffer(competency=code, formats=list(one.formats), minutes=one.minutes, outside_school=one.outside_school)
            for code, one in offers.items()
        ],
    )


@router.put("/schools/{school}/my/needs/{cycle_id}/{competency}", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def declare_need(request: Request, school: str, cycle_id: UUID, competency: str, new: NewNeed, me: Me) -> Need:
    """Say that I want to strengthen a competency, with or without a profile. A repeat changes nothing."""
    key = store.OwnKey(school, cycle_id, me.me, competency)
    need = await actions.declare_need(db_of(request), catalogue_of(request), key, wish=new.wish)
    return Need(competency=competency, wish=need.wish, priority1000=need.priority1000)


@router.delete(
    "/schools/{school}/my/needs/{cycle_id}/{competency}",
    dependencies=[require(*EVERYONE_AT_SCHOOL)],
    status_code=204,
)
async def withdraw_need(request: Request, school: str, cycle_id: UUID, competency: str, me: Me) -> None:
    """Take a need back. A repeat changes nothing."""
    key = store.OwnKey(school, cycle_id, me.me, competency)
    await actions.withdraw_need(db_of(request), catalogue_of(request), key)


@router.put("/schools/{school}/my/offers/{cycle_id}/{competency}", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def declare_offer(request: Request, school: str, cycle_id: UUID, competency: str, new: Offer, me: Me) -> Offer:
    """Say that I can share a competency, with or without a profile. A repeat changes nothing."""
    key = store.OwnKey(school, cycle_id, me.me, competency)
    offer = store.Offer(tuple(dict.fromkeys(new.formats)), new.minutes, new.outside_school)
    await actions.declare_offer(db_of(request), catalogue_of(request), key, offer=offer)
    return new


@router.delete(
    "/schools/{school}/my/offers/{cycle_id}/{competency}",
    dependencies=[require(*EVERYONE_AT_SCHOOL)],
    status_code=204,
)
async def withdraw_offer(request: Request, school: str, cycle_id: UUID, competency: str, me: Me) -> None:
    """Take an offer back. A repeat changes nothing."""
    key = store.OwnKey(school, cycle_id, me.me, competency)
    await actions.withdraw_offer(db_of(request), catalogue_of(request), key)
