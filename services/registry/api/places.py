"""Doors to the place tree: what a place is on a day, its history, and who goes on for whom."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from chassis.database import Database
from chassis.days import PlainDay
from chassis.doors import doors
from chassis.etags import Changing, Reading, Tagged
from chassis.identity import EVERYONE, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, page_of
from chassis.refusals import Missing
from contracts.registry import PlaceKind
from services.registry.actions import places as actions
from services.registry.actions import successions
from services.registry.api.doors import PLACE_ID, Db, PlaceId
from services.registry.domain.handover import Succession
from services.registry.domain.looks import What
from services.registry.domain.places import Place as KnownPlace
from services.registry.domain.places import day_at_home, history_of, on_day
from services.registry.store import places as store

router = doors()

SuccessorId = Annotated[str, Path(pattern=PLACE_ID, examples=["spb-104"])]
Day = Annotated[
    PlainDay | None, Query(description="the day that is asked about; today when empty", examples=["2026-10-01"])
]
MOST_MOVED = 500


class NewPlace(BaseModel):
    """What a place is from a day on."""

    kind: PlaceKind
    parent: str | None = Field(default=None, pattern=PLACE_ID, examples=["vyborgsky"])
    name: str = Field(min_length=1, max_length=200, examples=["ГБОУ школа № 693"])
    zone: str = Field(default="Europe/Moscow", max_length=64)
    valid_from: PlainDay
    valid_to: PlainDay | None = Field(default=None, description="the last day on which this holds")


class Place(NewPlace):
    """A place of the tree."""

    model_config = ConfigDict(from_attributes=True)

    place_id: str


class Relative(BaseModel):
    """A place that goes on for another, or for which another goes on, from a day on.

    With `closes` it is a merge: the earlier place ends the day before, and all its people go over.
    """

    place_id: str
    from_day: date
    closes: bool


class PlaceInTime(Place):
    """A place as it is on the day that was asked about, and what it was and will be otherwise, as far as is known."""

    history: list[Place]
    predecessors: list[Relative]
    successors: list[Relative]


class NewSuccessor(BaseModel):
    """From which day on a place goes on for another; with `closes` the other ends the day before and all go over."""

    from_day: PlainDay = Field(examples=["2027-02-01"])
    closes: StrictBool = True


class Transfer(BaseModel):
    """Who goes over to a school that goes on for theirs."""

    to: str = Field(pattern=PLACE_ID, examples=["spb-104"])
    person_ids: list[UUID] = Field(min_length=1, max_length=MOST_MOVED)


class Transferred(BaseModel):
    """How many went over."""

    people: int


@router.put("/places/{place_id}", dependencies=[require("analyst")], status_code=201)
async def keep_place(db: Db, place_id: PlaceId, place: NewPlace, change: Changing) -> Place:
    """Let a place join the tree, or say what it is from a day on; the past stays. A repeat changes nothing (200).

    So a place is renamed, moves to another district, is closed (`valid_to`) and opened again. What is said holds until
    the next day of which something is known; with a `valid_to` of its own it is the last word, and what was planned
    for later falls. `place.end-planned` (409): say the planned last day too, or take it back by saying the same first
    day without it. `place.has-places` (409): schools would be left in a closed district.
    """
    wanted = KnownPlace(
        place_id=place_id,
        kind=place.kind.value,
        parent=place.parent,
        name=place.name,
        zone=place.zone,
        valid_from=place.valid_from,
        valid_to=place.valid_to,
    )
    kept = await actions.keep_place(db, wanted, seen=change.seen)
    change.tell(kept.tag)
    if not kept.is_new:
        change.response.status_code = 200
    return Place.model_validate(kept.place)


@router.get("/places", dependencies=[require(*EVERYONE, anywhere=True)])
async def list_places(
    db: Db,
    on: Day = None,
    kind: Annotated[PlaceKind | None, Query(description="only places of this kind")] = None,
    parent: Annotated[str | None, Query(description="only what belongs to this place directly")] = None,
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[Place]:
    """The places of the tree as it stood on a day, in the order of their ids; `valid_to` is the last day of that."""
    day = on or day_at_home(db.clock.now())
    async with db.transaction() as tx:
        rows = await store.places_after(tx, after, limit, as_of=day, kind=kind.value if kind else None, parent=parent)
    return page_of(rows, limit, key=lambda row: row["place_id"], item=lambda row: Place.model_validate(dict(row)))


@router.get("/places/{place_id}", dependencies=[require(*EVERYONE, anywhere=True)])
async def get_place(db: Db, place_id: PlaceId, told: Tagged, on: Day = None) -> PlaceInTime:
    """A place on a day, its history and its relatives; `place.absent` (404) when it did not stand on that day.

    `ETag` is the state for `If-Match`, whatever day is asked about.
    """
    return await _place(db, place_id, on, told)


@router.put("/places/{place_id}/successors/{successor_id}", dependencies=[require("analyst")], status_code=201)
async def name_successor(
    response: Response, db: Db, place_id: PlaceId, successor_id: SuccessorId, wanted: NewSuccessor
) -> list[Relative]:
    """Say that a school goes on for another; returns all that go on for it. A repeat changes nothing (200).

    A merge closes the school the day before; its people have memberships at the successor from the first day on. A
    cycle that runs then goes on under the closed school: its people keep their roles there, and those who lead the
    successor lead there too, until the cycle is reported or archived. After a split people go over by name
    (`POST /schools/{school}/transfers`). `succession.said-otherwise` (409): take the plan back first.
    """
    succession = Succession(place_id, successor_id, wanted.from_day, wanted.closes)
    if not await successions.name_successor(db, succession):
        response.status_code = 200
    return await _successors(db, place_id)


@router.delete("/places/{place_id}/successors/{successor_id}", dependencies=[require("analyst")])
async def forget_successor(db: Db, place_id: PlaceId, successor_id: SuccessorId) -> list[Relative]:
    """Take a plan back before people have gone over (else `succession.done`, 409); a school to be merged stays open."""
    await successions.forget_successor(db, place_id, successor_id)
    return await _successors(db, place_id)


@router.post("/schools/{school}/transfers", dependencies=[require("curator", "head")])
async def transfer(db: Db, looks: Looks, school: str, wanted: Transfer) -> Transferred:
    """Let people go over by name, today, to a school that goes on for this one (`transfer.no-successor`, 409).

    While a cycle runs here they keep their roles in it, but count at the successor only.
    """
    moved = Transferred(people=await successions.transfer(db, school, wanted.to, wanted.person_ids))
    await looks.changed(What.PEOPLE, wanted.person_ids)
    return moved


async def _place(db: Database, place_id: str, on: date | None, told: Reading) -> PlaceInTime:
    async with db.transaction() as tx:
        said = await store.said_of(tx, place_id)
        if not said:
            raise Missing("place.unknown", field="place_id")
        day = on or said[-1].day_of(tx.now)
        successors = await store.successors_of(tx, place_id)
        predecessors = await store.predecessors_of(tx, place_id)
    told.tell(actions.tag_of_place(said))
    found = on_day(said, day)
    if found is None:
        raise Missing("place.absent", field="on", day=day.isoformat())
    history = [_span(span.place, span.last_day) for span in history_of(said)]
    shown = next(place for place in history if place.valid_from == found.valid_from)
    return PlaceInTime(
        **shown.model_dump(),
        history=history,
        predecessors=[Relative.model_validate(dict(row)) for row in predecessors],
        successors=[Relative.model_validate(dict(row)) for row in successors],
    )


def _span(place: KnownPlace, last_day: date | None) -> Place:
    return Place.model_validate(place).model_copy(update={"valid_to": last_day})


async def _successors(db: Database, place_id: str) -> list[Relative]:
    async with db.transaction() as tx:
        return [Relative.model_validate(dict(row)) for row in await store.successors_of(tx, place_id)]
