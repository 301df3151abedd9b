"""Closed schools: their people go over to the successor on the day, and what is left ends with the running cycle."""

from collections.abc import Sequence

from chassis.database import Database, Row, Tx
from services.registry.actions import attestation, members, places, role_profiles
from services.registry.domain.handover import Succession, carried_over, ended, leading, left_behind, staying
from services.registry.domain.people import Membership
from services.registry.domain.places import A_DAY, Place, day_at_home
from services.registry.store import cycles, imports, people
from services.registry.store import places as tree

AT_ONCE = 100


async def follow_closures(db: Database) -> None:
    """Look at every closed school: carry its people over where that is due, end what is over."""
    after = ""
    while True:
        async with db.transaction() as tx:
            # A school farther east is a day ahead of the city.
            closed = await tree.closed_schools_after(tx, after, AT_ONCE, before=day_at_home(tx.now) + A_DAY)
        if not closed:
            return
        for school in closed:
            await _follow(db, school)
        after = closed[-1]


async def _follow(db: Database, school: str) -> None:
    async with db.transaction() as tx:
        merge = merge_in(school, await tree.successors_of(tx, school))
    async with db.transaction(school, *([merge.successor_id] if merge else [])) as tx:
        place = await places.school(tx, school)
        if not place.is_over(place.day_of(tx.now)):
            return
        if merge is not None:
            await carry_over(tx, merge)
        await wind_down(tx, place)


def merge_in(place_id: str, successors: Sequence[Row]) -> Succession | None:
    """Into which school a closed school merges, unless its people have gone over already."""
    return next(
        (
            Succession(place_id, row["place_id"], row["from_day"], closes=True)
            for row in successors
            if row["closes"] and row["carried_at"] is None
        ),
        None,
    )


async def carry_over(tx: Tx, merge: Succession) -> None:
    """Everybody of the closed school is at the successor from the first day on; a running cycle keeps them here too."""
    old, new = await places.school(tx, merge.place_id), await places.school(tx, merge.successor_id)
    await tx.lock(members.lock_of(old.place_id), members.lock_of(new.place_id))
    here = [one for one in await people.in_force(tx, old.place_id) if not one.for_cycle_only]
    await go_over(tx, new, here, merge)
    if await cycles.has_running(tx, old.place_id):
        await _stay(tx, old, here, merge)
    else:
        await members.record(tx, old, [members.Change(one, ended(one, day=merge.from_day)) for one in here])
    await tree.mark_carried(tx, old.place_id, new.place_id)


async def go_over(tx: Tx, new: Place, moving: Sequence[Membership], succession: Succession) -> None:
    """Give people memberships at a successor, with their role profiles, decisions and exemptions."""
    ids = [one.person_id for one in moving]
    there = await people.memberships_at(tx, new.place_id, ids)
    managers = {one.person_id for one in await people.in_force(tx, new.place_id)} | set(ids)
    changes = [
        members.Change(
            there.get(one.person_id),
            carried_over(one, there.get(one.person_id), succession=succession, managers=managers),
        )
        for one in moving
    ]
    await members.record(tx, new, changes)
    await role_profiles.carry(tx, succession.place_id, new, changes)
    await attestation.carry(tx, succession.place_id, new.place_id, ids)
    await imports.outdate_imports(tx, new.place_id)


async def _stay(tx: Tx, old: Place, here: Sequence[Membership], merge: Succession) -> None:
    stays = {one.person_id: staying(one, from_day=merge.from_day) for one in here}
    leaders = await people.in_force(tx, merge.successor_id)
    before = await people.memberships_at(tx, old.place_id, [*stays, *(one.person_id for one in leaders)])
    led = leading(leaders, {**before, **stays}, succession=merge)
    after = {**stays, **{one.person_id: one for one in led}}
    await members.record(tx, old, [members.Change(before.get(person_id), one) for person_id, one in after.items()])


async def wind_down(tx: Tx, place: Place) -> None:
    """End the memberships that a closed school, or a cycle that is over, leaves behind."""
    await tx.lock(members.lock_of(place.place_id))
    is_running = await cycles.has_running(tx, place.place_id)
    changes = [
        members.Change(one, after)
        for one in await people.in_force(tx, place.place_id)
        if (after := left_behind(one, place, is_running=is_running, today=place.day_of(tx.now))) is not None
    ]
    await members.record(tx, place, changes)
