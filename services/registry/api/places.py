"""Doors to the place tree."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis.identity import EVERYONE, require
from chassis.paging import DEFAULT, After, Limit, Page, page_of
from contracts.registry import PlaceKind
from services.registry.actions import places as actions
from services.registry.api.doors import PLACE_ID, Db, PlaceId
from services.registry.domain.places import Place as KnownPlace
from services.registry.store import places as store

router = APIRouter()


class NewPlace(BaseModel):
    """What a place is from a day on."""

    kind: PlaceKind
    parent: str | None = Field(default=None, pattern=PLACE_ID, examples=["vyborgsky"])
    name: str = Field(min_length=1, max_length=200, examples=["ГБОУ школа № 693"])
    zone: str = Field(default="Europe/Moscow", max_length=64)
    valid_from: date
    valid_to: date | None = Field(default=None, description="the last day on which this holds")


class Place(NewPlace):
    """A place of the tree."""

    model_config = ConfigDict(from_attributes=True)

    place_id: str


@router.put("/places/{place_id}", dependencies=[require("analyst")], status_code=201)
async def keep_place(response: Response, db: Db, place_id: PlaceId, place: NewPlace) -> Place:
    """Let a place join the tree, or say what it is from a day on; the past stays. A repeat changes nothing (200)."""
    wanted = KnownPlace(
        place_id=place_id,
        kind=place.kind.value,
        parent=place.parent,
        name=place.name,
        zone=place.zone,
        valid_from=place.valid_from,
        valid_to=place.valid_to,
    )
    if not await actions.keep_place(db, wanted):
        response.status_code = 200
    return Place.model_validate(wanted)


@router.get("/places", dependencies=[require(*EVERYONE, anywhere=True)])
async def list_places(
    db: Db,
    kind: PlaceKind | None = None,
    parent: str | None = None,
    as_of: Annotated[date | None, Query(description="the tree as it stood on this day; today when empty")] = None,
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[Place]:
    """The places of the tree on a day, in the order of their ids."""
    day = as_of or db.clock.now().date()
    async with db.transaction() as tx:
        rows = await store.places_after(tx, after, limit, as_of=day, kind=kind.value if kind else None, parent=parent)
    return page_of(rows, limit, key=lambda row: row["place_id"], item=lambda row: Place.model_validate(dict(row)))
