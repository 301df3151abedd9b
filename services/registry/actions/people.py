"""People by hand: officers of places, people whom no staff file names, and roles in a school."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from chassis.database import Database, Tx
from chassis.etags import check_seen, tag_of
from chassis.refusals import Conflict, Missing
from services.registry.actions import members, places
from services.registry.domain.people import (
    SCHOOL_ROLES,
    Membership,
    Names,
    check_giving,
    check_office,
    giveable_by,
    in_order,
)
from services.registry.domain.places import Place
from services.registry.store import people as store


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person who is made known by hand, with the roles that the person is to have."""

    person_id: UUID
    names: Names
    roles: tuple[str, ...]


async def appoint_officer(db: Database, place_id: str, officer: Newcomer) -> bool:
    """Give an office at a place; true when it was not held before. Raises Missing, Invalid, Conflict."""
    async with db.transaction(place_id) as tx:
        place = await places.place(tx, place_id)
        for role in officer.roles:
            check_office(role, kind=place.kind)
        await tx.lock(members.lock_of(place_id))
        before = await store.membership(tx, place_id, officer.person_id)
        held = before.roles_in_force if before else ()
        after = _hired(before, place, officer, roles=(*held, *officer.roles), tx=tx)
        is_new = set(officer.roles) - set(held) != set()
        await _write(tx, place, members.Change(before, after), officer, is_new=is_new)
    return is_new


async def add_person(db: Database, school: str, person: Newcomer, *, by_roles: Collection[str]) -> bool:
    """Make a person known in a school by hand; false when the person is there with these roles already.

    The same person may be added in a second school: under the same id and the same names. Raises Forbidden for a role
    that is not the caller's to give, Conflict when the id belongs to somebody else.
    """
    async with db.transaction(school) as tx:
        place = await places.open_school(tx, school)
        await tx.lock(members.lock_of(school))
        before = await store.membership(tx, school, person.person_id)
        is_here = before is not None and before.left_on is None
        if not is_here:
            check_giving((), person.roles, giveable=giveable_by(by_roles))
        elif before is not None and not set(person.roles) <= set(before.roles):
            raise Conflict("person.id-taken", field="person_id")
        after = _hired(before, place, person, roles=before.roles if before and is_here else person.roles, tx=tx)
        await _write(tx, place, members.Change(before, after), person, is_new=not is_here)
    return not is_here


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives roles: with which roles of their own, and the tag of the person's card that they saw."""

    roles: Collection[str]
    seen: str | None = None


async def give_roles(db: Database, school: str, person_id: UUID, roles: Collection[str], *, by: Giver) -> bool:
    """Set a person's roles in a school; false when they are as they were.

    Raises Missing, MovedOn, Conflict, Forbidden.
    """
    async with db.transaction(school) as tx:
        place = await places.school(tx, school)
        await tx.lock(members.lock_of(school))
        before = await store.membership(tx, school, person_id)
        if before is None:
            raise Missing("person.unknown", field="person_id")
        check_seen(by.seen, tag_of(before.revision), roles=list(before.roles))
        if before.left_on is not None:
            raise Conflict("person.has-left", field="person_id", legal=[])
        wanted = in_order(set(roles) & set(SCHOOL_ROLES))
        if wanted == before.roles:
            return False
        check_giving(before.roles, wanted, giveable=giveable_by(by.roles))
        after = replace(before, roles=wanted, revision=before.revision + 1)
        await members.record(tx, place, [members.Change(before, after)])
    return True


def _hired(before: Membership | None, place: Place, person: Newcomer, *, roles: Collection[str], tx: Tx) -> Membership:
    wanted, today = in_order(roles), place.day_of(tx.now)
    if before is None:
        return Membership(place.place_id, person.person_id, wanted, joined_on=today)
    revision = before.revision + 1
    if before.left_on is None:
        return replace(before, roles=wanted, revision=revision)
    # What the staff file once told of somebody who left holds no longer; the next file tells it anew.
    return Membership(place.place_id, person.person_id, wanted, joined_on=today, revision=revision)


async def _write(tx: Tx, place: Place, change: members.Change, person: Newcomer, *, is_new: bool) -> None:
    if is_new:
        await members.record(tx, place, [change])
        await store.add_names(tx, person.person_id, person.names)
    # Only who knows the names may bring a known person along: an id alone opens nobody's card.
    if await store.names_of(tx, person.person_id) != person.names:
        raise Conflict("person.id-taken", field="person_id")
