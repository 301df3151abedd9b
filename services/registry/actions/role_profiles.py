"""Role profiles: the curator's word, the staff file's guess, and days that come."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from chassis.database import Database, Tx
from chassis.etags import check_seen, tag_of
from chassis.refusals import Conflict, Missing
from services.registry.actions import members, places, staff
from services.registry.domain.people import Membership, roles_by_profile
from services.registry.domain.places import Place, day_at_home
from services.registry.domain.role_profiles import Said, Source, check_assignment, is_held, is_said_already, on_day
from services.registry.store import people
from services.registry.store import places as tree
from services.registry.store import role_profiles as store

AT_ONCE = 200


async def assign(db: Database, school: str, person_id: UUID, said: Said, *, seen: str | None = None) -> bool:
    """Say what a person's role profiles are from a day on; false when this was the last word already.

    Raises Missing, MovedOn, Conflict for somebody who has left, Invalid.
    """
    async with db.transaction(school) as tx:
        place = await places.school(tx, school)
        await tx.lock(members.lock_of(school))
        known = await _working(tx, school, person_id)
        so_far = await store.said_of(tx, school, person_id)
        check_seen(seen, tag_of_profiles(known, so_far), role_profiles=list(known.role_profiles))
        check_assignment(said, joined_on=known.joined_on, today=place.day_of(tx.now))
        if is_said_already(so_far, said):
            return False
        revision = so_far[-1].revision + 1 if so_far else 1
        await store.save(tx, school, [(person_id, replace(said, revision=revision))], is_taken=False)
        await _follow(tx, place, known)
    return True


def tag_of_profiles(known: Membership, said: Sequence[Said]) -> str:
    """The tag of a person's role profiles: it changes with every word about them, and with the staff file's."""
    return tag_of(said[-1].revision if said else 0, known.revision)


async def _working(tx: Tx, school: str, person_id: UUID) -> Membership:
    known = await people.membership(tx, school, person_id)
    if known is None:
        raise Missing("person.unknown", field="person_id")
    if known.left_on is not None:
        raise Conflict("person.has-left", field="person_id", legal=[])
    return known


async def _follow(tx: Tx, place: Place, known: Membership) -> None:
    """Let the membership be what was said last of those things that have begun."""
    today = place.day_of(tx.now)
    so_far = await store.said_of(tx, place.place_id, known.person_id)
    said = on_day(so_far, today)
    if said is None:
        return
    if said.profiles is None:
        # From here on the file's guess is followed; what it guesses now is kept for questions about the past.
        guess = staff.profiles_by_file(known)
        said = Said(guess, said.valid_from, Source.FILE, said.assigned_by, so_far[-1].revision + 1)
        await store.save(tx, place.place_id, [(known.person_id, said)], is_taken=True)
    await store.take(tx, place.place_id, known.person_id, today=today)
    assert said.profiles is not None
    if said.profiles != known.role_profiles:
        await members.record(tx, place, [members.Change(known, with_profiles(known, said.profiles))])


def with_profiles(known: Membership, profiles: tuple[str, ...]) -> Membership:
    """The membership with other role profiles; the role of a teacher comes and goes with them."""
    roles = roles_by_profile(known.roles, had_profile=bool(known.role_profiles), has_profile=bool(profiles))
    return replace(known, role_profiles=profiles, roles=roles, revision=known.revision + 1)


async def held(tx: Tx, place: Place, person_ids: Collection[UUID]) -> set[UUID]:
    """Whose role profiles a staff file does not change."""
    today = place.day_of(tx.now)
    last = await store.last_of(tx, place.place_id, list(person_ids))
    return {person_id for person_id, said in last.items() if is_held(said, today=today)}


async def note(tx: Tx, place: Place, changes: Sequence[members.Change]) -> None:
    """Keep from which day on a staff file has told other role profiles of people."""
    today = place.day_of(tx.now)
    moved = [change for change in changes if _has_moved(change)]
    last = await store.last_of(tx, place.place_id, [change.after.person_id for change in moved])
    said = []
    for change in moved:
        before, after = last.get(change.after.person_id), change.after
        since = after.joined_on if before is None and change.is_joining else today
        revision = before.revision + 1 if before else 1
        said.append((after.person_id, Said(after.role_profiles, since, Source.FILE, revision=revision)))
    await store.save(tx, place.place_id, said, is_taken=True)


async def carry(tx: Tx, from_school: str, place: Place, changes: Sequence[members.Change]) -> None:
    """Let what was said of people who go over be known at the successor: a curator's word stays a curator's word."""
    moved = [change for change in changes if _has_moved(change)]
    ids = sorted(change.after.person_id for change in moved)
    there, here = await store.last_of(tx, place.place_id, ids), await store.last_of(tx, from_school, ids)
    said = []
    for after in (change.after for change in moved):
        last, origin = there.get(after.person_id), here.get(after.person_id)
        said.append(
            (
                after.person_id,
                Said(
                    profiles=after.role_profiles,
                    valid_from=place.day_of(tx.now),
                    source=origin.source if origin else Source.FILE,
                    assigned_by=origin.assigned_by if origin else None,
                    revision=last.revision + 1 if last else 1,
                ),
            )
        )
    await store.save(tx, place.place_id, said, is_taken=True)


def _has_moved(change: members.Change) -> bool:
    before = change.before.role_profiles if change.before and not change.is_joining else ()
    return change.after.left_on is None and before != change.after.role_profiles


async def follow_the_calendar(db: Database) -> None:
    """Let memberships follow what was said for a day that has come, in all schools."""
    after = ""
    while True:
        async with db.transaction() as tx:
            schools = await tree.schools_after(tx, after, AT_ONCE)
            today = day_at_home(tx.now)
        if not schools:
            return
        for school, person_ids in (await _due(db, schools, today)).items():
            await _follow_in(db, school, person_ids)
        after = schools[-1]


async def _due(db: Database, schools: Sequence[str], today: date) -> dict[str, list[UUID]]:
    async with db.transaction(*schools) as tx:
        found = await store.due(tx, today)
    return {school: [person_id for place, person_id in found if place == school] for school, _ in found}


async def _follow_in(db: Database, school: str, person_ids: Sequence[UUID]) -> None:
    async with db.transaction(school) as tx:
        place = await places.school(tx, school)
        await tx.lock(members.lock_of(school))
        known = await people.memberships_at(tx, school, person_ids)
        for person_id in person_ids:
            member = known.get(person_id)
            if member is None or member.left_on is not None:
                await store.take(tx, school, person_id, today=place.day_of(tx.now))
            else:
                await _follow(tx, place, member)
