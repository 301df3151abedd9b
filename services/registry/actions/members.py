"""What a change of memberships entails: rows, facts for the city, accounts; in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.database import Tx
from chassis.refusals import Conflict
from contracts.registry import MembershipChanged, PersonJoined, PersonLeft, RoleProfileChanged
from services.registry.actions import accounts
from services.registry.domain.people import Membership
from services.registry.domain.places import SCHOOL, Place
from services.registry.store import erasure
from services.registry.store import people as store


@dataclass(frozen=True, slots=True)
class Change:
    """A membership before (none: the place did not know the person) and after."""

    before: Membership | None
    after: Membership

    @property
    def is_joining(self) -> bool:
        """Does the person come, for the first time or again?"""
        was_here = self.before is not None and self.before.left_on is None
        return not was_here and self.after.left_on is None

    @property
    def is_leaving(self) -> bool:
        """Does the person leave?"""
        return self.before is not None and self.before.left_on is None and self.after.left_on is not None


def lock_of(place_id: str) -> str:
    """The lock under which the memberships of a place change."""
    return f"staff/{place_id}"


async def record(tx: Tx, place: Place, changes: Sequence[Change]) -> None:
    """Write memberships down, let the accounts follow, and tell the city what concerns a school.

    Raises Conflict for somebody who was erased: nobody comes back under a forgotten id.
    """
    if await erasure.is_any_erased(tx, [change.after.person_id for change in changes]):
        raise Conflict("person.erased", field="person_id", legal=[])
    await store.save_memberships(tx, [change.after for change in changes])
    moved = [change.after for change in changes if _roles_moved(change)]
    await accounts.follow(tx, place, moved)
    if place.kind != SCHOOL:
        return
    for change in changes:
        await _announce(tx, change)


def _roles_moved(change: Change) -> bool:
    before = change.before.roles_in_force if change.before else ()
    return before != change.after.roles_in_force


async def _announce(tx: Tx, change: Change) -> None:
    after = change.after
    if change.is_joining:
        await tx.emit(
            PersonJoined(
                school_id=after.place_id, person_id=after.person_id, revision=after.revision, occurred_at=tx.now
            )
        )
    if change.is_leaving and after.left_on is not None:
        await tx.emit(
            PersonLeft(
                school_id=after.place_id,
                person_id=after.person_id,
                left_on=after.left_on,
                revision=after.revision,
                occurred_at=tx.now,
            )
        )
    await _announce_membership(tx, after)
    if change.before is not None and change.before.role_profiles != after.role_profiles:
        await tx.emit(
            RoleProfileChanged(
                school_id=after.place_id,
                person_id=after.person_id,
                role_profiles=after.role_profiles,
                revision=after.revision,
                occurred_at=tx.now,
            )
        )


async def _announce_membership(tx: Tx, after: Membership) -> None:
    await tx.emit(
        MembershipChanged(
            school_id=after.place_id,
            person_id=after.person_id,
            roles=after.roles_in_force,
            role_profiles=after.role_profiles,
            subjects=after.subjects,
            counts_in_staff=after.counts_in_staff,
            joined_on=after.joined_on,
            left_on=after.left_on,
            manager_id=after.manager_id,
            absent_from=after.absent_from,
            absent_to=after.absent_to,
            revision=after.revision,
            occurred_at=tx.now,
        )
    )
