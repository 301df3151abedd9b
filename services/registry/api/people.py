"""Doors to people: officers, people by hand, roles, names."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Database, Row
from chassis.doors import doors
from chassis.etags import Changing, Reading, Tagged, tag_of
from chassis.identity import EVERYONE_AT_SCHOOL, Me, Principal, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from chassis.refusals import Missing
from services.registry.actions import people as actions
from services.registry.actions import places
from services.registry.api.doors import Db, PlaceId
from services.registry.domain.looks import What
from services.registry.domain.people import SCHOOL_ROLES, Names, in_order
from services.registry.store import accounts
from services.registry.store import people as store

router = doors()

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
SchoolRole = Literal["teacher", "observer", "curator", "head"]


class Named(BaseModel):
    """How a person is called."""

    family_name: Name
    given_name: Name
    patronymic: Name | None = None

    def names(self) -> Names:
        """The names as the rules know them."""
        return Names(self.family_name, self.given_name, self.patronymic)


class NewOfficer(Named):
    """Whom a place gets for an office."""

    role: Literal["head", "coordinator", "analyst", "operator", "auditor"]


class NewPerson(Named):
    """A person whom no staff file names."""

    roles: list[SchoolRole] = Field(min_length=1, max_length=4)


class Roles(BaseModel):
    """The roles that a person is to have in a school; an empty list takes all away."""

    roles: list[SchoolRole] = Field(max_length=4)


class Officer(Named):
    """A person with roles at a place and the name at the door."""

    person_id: UUID
    roles: list[str]
    username: str | None


class Position(BaseModel):
    """A post of a person; `rate` is the share of a full post."""

    title: str
    subjects: list[str]
    rate: float | None
    employment: str


class Person(Named):
    """A person of a school."""

    person_id: UUID
    positions: list[Position]
    subjects: list[str]
    roles: list[str]
    role_profiles: list[str]
    counts_in_staff: bool
    joined_on: date
    left_on: date | None
    absent_from: date | None
    absent_to: date | None


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom a list is about. Any wish puts the list in the order of names."""

    order: Annotated[Literal["id", "name"], Query(description="by names whenever anything else is wished")] = "id"
    name: Annotated[str, Query(max_length=100, description="any piece of the name")] = ""
    has_left: Annotated[bool | None, Query(description="only those who have left, or only those who have not")] = None
    role: Annotated[SchoolRole | None, Query(description="only those who have the role in this school")] = None
    is_absent: Annotated[bool, Query(description="only those who are on a long leave today")] = False


class Wanted(BaseModel):
    """Whose names are asked for."""

    person_ids: list[UUID] = Field(max_length=500)


class Resolved(BaseModel):
    """How a person is called, in full and short."""

    person_id: UUID
    full_name: str
    short_name: str


class MyMembership(BaseModel):
    """What I am at a place."""

    place_id: str
    roles: list[str]
    role_profiles: list[str]
    subjects: list[str]
    joined_on: date
    left_on: date | None


class Myself(Named, Resolved):
    """I, and what I am where."""

    username: str | None
    memberships: list[MyMembership]


@router.put("/places/{place_id}/officers/{person_id}", dependencies=[require("analyst")], status_code=201)
async def appoint_officer(
    response: Response, db: Db, place_id: PlaceId, person_id: UUID, officer: NewOfficer
) -> Officer:
    """Appoint a head of a school, a coordinator of a district, or an officer of the city; an account follows."""
    newcomer = actions.Newcomer(person_id, officer.names(), (officer.role,))
    if not await actions.appoint_officer(db, place_id, newcomer):
        response.status_code = 200
    return await _officer(db, place_id, person_id)


@router.put("/schools/{school}/people/{person_id}", dependencies=[require("head", "curator")], status_code=201)
async def add_person(
    response: Response, db: Db, looks: Looks, school: str, person_id: UUID, person: NewPerson, me: Me
) -> Officer:
    """Add a person by hand, also one whom another school knows under this id and these names.

    A curator gives the roles of teacher and observer, a head that of curator too.
    """
    newcomer = actions.Newcomer(person_id, person.names(), in_order(person.roles))
    if not await actions.add_person(db, school, newcomer, by_roles=_roles_of(me, school)):
        response.status_code = 200
    await looks.changed(What.ROLES, [person_id])
    return await _officer(db, school, person_id)


@router.put("/schools/{school}/people/{person_id}/roles", dependencies=[require("head", "curator")])
async def give_roles(
    db: Db, looks: Looks, school: str, person_id: UUID, wanted: Roles, me: Me, change: Changing
) -> Officer:
    """Set a person's roles in the school, within what the caller may give and take."""
    giver = actions.Giver(_roles_of(me, school), change.seen)
    await actions.give_roles(db, school, person_id, wanted.roles, by=giver)
    await looks.changed(What.ROLES, [person_id])
    return await _officer(db, school, person_id, change)


@router.get("/schools/{school}/people", dependencies=[require("curator", "head")])
async def list_people(
    db: Db,
    looks: Looks,
    school: str,
    sought: Annotated[Sought, Depends()],
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[Person]:
    """The people of the school in the order of their ids or names; those who left bear the day."""
    async with db.transaction(school) as tx:
        if sought == Sought():
            rows = await store.members_after(tx, school, after_id(after), limit)
        else:
            absent_on = (await places.school(tx, school)).day_of(tx.now) if sought.is_absent else None
            asked = store.Sought(school, sought.name, sought.has_left, sought.role, absent_on)
            rows = await store.members_by_name(tx, asked, after_id(after), limit)
    page = page_of(rows, limit, key=lambda row: row["person_id"], item=_person)
    await looks.saw(What.PEOPLE, [one.person_id for one in page.items])
    return page


@router.get("/schools/{school}/people/{person_id}", dependencies=[require("curator", "head")])
async def get_person(db: Db, looks: Looks, school: str, person_id: UUID, told: Tagged) -> Person:
    """One person of the school; somebody who left bears the day. `ETag` is the state for `If-Match`."""
    async with db.transaction(school) as tx:
        row = await store.member(tx, school, person_id)
    if row is None:
        raise Missing("person.unknown", field="person_id")
    told.tell(tag_of(row["revision"]))
    await looks.saw(What.PEOPLE, [person_id])
    return _person(row)


@router.post("/schools/{school}/people:resolve", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def resolve_people(db: Db, school: str, wanted: Wanted) -> list[Resolved]:
    """The names of people of the school; ids that the school does not know are left out."""
    async with db.transaction(school) as tx:
        rows = await store.resolve(tx, wanted.person_ids)
    return [resolved(row) for row in rows]


@router.get("/schools/{school}/my/person", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def get_myself(db: Db, school: str, me: Me) -> Myself:
    """I, and what I am at the places where my token gives me a role."""
    async with db.transaction(school, *_places_of(me)) as tx:
        rows = await store.memberships_of(tx, me.me)
        usernames = await accounts.usernames(tx, [me.me])
        await accounts.note_sign_in(tx, me.me)
    if not rows:
        raise Missing("person.unknown")
    names = store.names_in(rows[0])
    memberships = [MyMembership.model_validate({**row, "place_id": row["school_id"]}) for row in rows]
    return Myself(
        person_id=me.me,
        family_name=names.family_name,
        given_name=names.given_name,
        patronymic=names.patronymic,
        full_name=names.full,
        short_name=names.short,
        username=usernames.get(me.me),
        memberships=memberships,
    )


def _roles_of(me: Principal, school: str) -> list[str]:
    return [role for role in SCHOOL_ROLES if me.at_school(school, role)]


def _places_of(me: Principal) -> list[str]:
    return [grant.place.partition("/")[2] for grant in me.grants if "/" in grant.place and "," not in grant.place]


async def _officer(db: Database, place_id: str, person_id: UUID, told: Reading | None = None) -> Officer:
    async with db.transaction(place_id) as tx:
        row = await store.member(tx, place_id, person_id)
        usernames = await accounts.usernames(tx, [person_id])
    if row is None:
        raise Missing("person.unknown", field="person_id")
    if told is not None:
        told.tell(tag_of(row["revision"]))
    return Officer.model_validate({**row, "username": usernames.get(person_id)})


def _person(row: Row) -> Person:
    return Person.model_validate({**row, "positions": row["staff"].get("positions", [])})


def resolved(row: Row) -> Resolved:
    """A person's names as they are told."""
    names = store.names_in(row)
    return Resolved(person_id=row["person_id"], full_name=names.full, short_name=names.short)
