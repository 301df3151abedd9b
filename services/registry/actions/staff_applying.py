"""A compared staff file becomes people: memberships, names, accounts, role profiles, decisions, facts for the city."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from uuid import UUID, uuid4

from chassis.database import Tx
from services.registry.actions import attestation, members, role_profiles, staff
from services.registry.actions.staff_lines import in_batches
from services.registry.domain.imports import Step
from services.registry.domain.places import Place
from services.registry.staff_file import KnownPerson, StaffChange, StaffChanges, StaffMember
from services.registry.store import people

# How many people are written at once: a statement has room for 32,767 values, and a hundred thousand take memory.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Newcomer:
    person_id: UUID
    member: StaffMember


@dataclass(slots=True)
class Watch:
    """How far an applying is: the step, how many people are written down, and whether only the commit is left."""

    step: Step = Step.COMPARING
    done: int = 0
    is_released: bool = False


async def apply(tx: Tx, place: Place, changes: StaffChanges, watch: Watch) -> None:
    """Write all of it down in the transaction of the caller; newcomers in the order of the file, then the known."""
    watch.step = Step.WRITING
    for batch in in_batches((_Newcomer(uuid4(), member) for member in changes.new), AT_ONCE):
        today = place.day_of(tx.now)
        recorded = [staff.joined(place, one.person_id, one.member, today=today) for one in batch]
        await _record(tx, place, recorded, {one.person_id: one.member for one in batch})
        watch.done += len(batch)
    # By the id: two schools that write down the same people at once do not wait for each other in a ring.
    known: list[StaffChange | KnownPerson] = [*changes.changed, *changes.left]
    known.sort(key=attrgetter("person_id"))
    for some in in_batches(known, AT_ONCE):
        told = {one.person_id: one.member for one in some if isinstance(one, StaffChange)}
        await _record(tx, place, await _changed(tx, place, some), told)
        watch.done += len(some)


async def _changed(tx: Tx, place: Place, some: list[StaffChange | KnownPerson]) -> list[members.Change]:
    today = place.day_of(tx.now)
    before = await people.memberships_at(tx, place.place_id, [one.person_id for one in some])
    held = await role_profiles.held(tx, place, before.keys())
    recorded = []
    for one in some:
        so_far = before[one.person_id]
        if isinstance(one, StaffChange):
            recorded.append(staff.changed(so_far, one.member, today=today, is_held=one.person_id in held))
        else:
            recorded.append(staff.left(so_far, today=today))
    return recorded


async def _record(tx: Tx, place: Place, recorded: list[members.Change], told: Mapping[UUID, StaffMember]) -> None:
    await members.record(tx, place, recorded)
    await people.save_names(tx, {person_id: staff.names_of(member) for person_id, member in told.items()})
    await role_profiles.note(tx, place, recorded)
    await attestation.take_in(tx, recorded)
    await tx.write_facts()
