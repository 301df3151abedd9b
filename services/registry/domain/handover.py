"""When a school is closed: who goes on where, and what stays until its running cycle is over.

By a merge the people of a closed school have memberships at the successor from the first day on. A cycle that runs at
that moment goes on under the closed school, because its papers and assignments bear that school's id: until it is
reported or archived the people keep their roles there, counted at the successor alone, and those who lead the
successor may lead there too. Offices are not carried over: who leads the successor is for its head to say.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from chassis.refusals import Conflict, Invalid
from services.registry.domain.people import CURATOR, HEAD, OBSERVER, TEACHER, Membership, in_order
from services.registry.domain.places import A_DAY, SCHOOL, Place, on_day

CARRIED_ROLES = frozenset({TEACHER, OBSERVER})
LEADING_ROLES = frozenset({CURATOR, HEAD})


@dataclass(frozen=True, slots=True)
class Succession:
    """From which day one school goes on for another; with `closes` the other ends the day before and all go over."""

    place_id: str
    successor_id: str
    from_day: date
    closes: bool


def check_succession(wanted: Succession, *, place: Sequence[Place], successor: Sequence[Place]) -> Place:
    """What the place is on the day before; refuses what is no school, does not stand then, or goes on for itself."""
    before = on_day(place, wanted.from_day - A_DAY)
    after = on_day(successor, wanted.from_day)
    if wanted.place_id == wanted.successor_id:
        raise Invalid("succession.itself", field="successor_id")
    if before is None:
        raise Invalid("succession.place-absent", field="from_day", day=(wanted.from_day - A_DAY).isoformat())
    if after is None:
        raise Invalid("succession.successor-absent", field="successor_id", day=wanted.from_day.isoformat())
    if (before.kind, after.kind) != (SCHOOL, SCHOOL):
        raise Invalid("succession.schools-only", field="place_id")
    return before


def check_still_planned(*, is_carried: bool) -> None:
    """What people have gone over by cannot be planned otherwise."""
    if is_carried:
        raise Conflict("succession.done", field="from_day", legal=[])


def carried_over(
    old: Membership, there: Membership | None, *, succession: Succession, managers: Collection[UUID]
) -> Membership:
    """What a person of the closed school is at the successor; `there` is what the person was there before."""
    manager = old.manager_id if old.manager_id in managers else None
    # Staff numbers are each school's own: the successor's next file tells its own by name and day of hiring.
    staff = {name: value for name, value in old.staff.items() if name != "staff_number"}
    coming = replace(
        old,
        place_id=succession.successor_id,
        roles=in_order(CARRIED_ROLES & set(old.roles)),
        joined_on=succession.from_day,
        counted_to=None,
        manager_id=manager,
        staff=staff,
        revision=there.revision + 1 if there else 1,
    )
    return coming if there is None or there.left_on is not None else _joined(there, coming)


def _joined(there: Membership, coming: Membership) -> Membership:
    """One membership of what a person was at the successor already and of what comes along."""
    return replace(
        there,
        roles=in_order({*there.roles, *coming.roles}),
        role_profiles=there.role_profiles or coming.role_profiles,
        subjects=tuple(dict.fromkeys((*there.subjects, *coming.subjects))),
        counts_in_staff=there.counts_in_staff or coming.counts_in_staff,
        manager_id=there.manager_id or coming.manager_id,
        absent_from=there.absent_from or coming.absent_from,
        absent_to=there.absent_to or coming.absent_to,
        staff=there.staff or coming.staff,
        revision=there.revision + 1,
    )


def staying(old: Membership, *, from_day: date) -> Membership:
    """At the old school for its cycle only: not counted there any more, and no staff file of it tells of the person."""
    counted_to = from_day - A_DAY if old.counts_in_staff else old.counted_to
    return replace(
        old, counts_in_staff=False, counted_to=counted_to, for_cycle_only=True, staff={}, revision=old.revision + 1
    )


def ended(old: Membership, *, day: date) -> Membership:
    """No longer a member."""
    return replace(old, left_on=day, revision=old.revision + 1)


def left_behind(one: Membership, place: Place, *, is_running: bool, today: date) -> Membership | None:
    """What becomes of a membership when its school is closed or a cycle there is over; none when it stays as it is."""
    closed_from = place.valid_to + A_DAY if place.valid_to is not None and place.is_over(today) else None
    if is_running:
        return staying(one, from_day=closed_from) if closed_from and not one.for_cycle_only else None
    if one.for_cycle_only:
        return ended(one, day=today)
    return ended(one, day=closed_from) if closed_from else None


def leading(
    leaders: Sequence[Membership], at_old: Mapping[UUID, Membership], *, succession: Succession
) -> list[Membership]:
    """What those who lead the successor are at the closed school; `at_old` is what everybody is to be there anyway."""
    found = []
    for leader in leaders:
        roles = LEADING_ROLES & set(leader.roles_in_force)
        there = at_old.get(leader.person_id)
        if not roles or (there is not None and there.left_on is None and roles <= set(there.roles)):
            continue
        if there is None or there.left_on is not None:
            found.append(_only_leading(leader, there, roles, succession))
        else:
            found.append(replace(there, roles=in_order(roles | set(there.roles))))
    return found


def _only_leading(
    leader: Membership, there: Membership | None, roles: Collection[str], succession: Succession
) -> Membership:
    return Membership(
        place_id=succession.place_id,
        person_id=leader.person_id,
        roles=in_order(roles),
        joined_on=succession.from_day,
        for_cycle_only=True,
        revision=there.revision + 1 if there else 1,
    )
