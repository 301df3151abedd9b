"""Which school goes on for which: merges and splits, planned or done, and people who go over by name."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from chassis.database import Database, Row, Tx
from chassis.refusals import Conflict, Missing
from services.registry.actions import closures, members, places
from services.registry.domain.handover import Succession, check_still_planned, check_succession, ended, staying
from services.registry.domain.places import A_DAY, Place
from services.registry.store import cycles, people
from services.registry.store import places as store


async def name_successor(db: Database, wanted: Succession) -> bool:
    """Say that a school goes on for another from a day on; false when it was said before.

    By a merge the other ends the day before, and when the day has come its people go over at once. Raises Missing,
    Invalid, and Conflict when something else was said of the two, or another merge of the place.
    """
    async with db.transaction(wanted.place_id, wanted.successor_id) as tx:
        await tx.lock(places.lock_of(wanted.place_id), places.lock_of(wanted.successor_id))
        said, successor = await _said(tx, wanted.place_id), await _said(tx, wanted.successor_id)
        if _is_known(wanted, await store.successors_of(tx, wanted.place_id)):
            return False
        before = check_succession(wanted, place=said, successor=successor)
        await store.save_successor(
            tx, wanted.place_id, wanted.successor_id, from_day=wanted.from_day, closes=wanted.closes
        )
        is_told = wanted.closes and await places.say(tx, replace(before, valid_to=wanted.from_day - A_DAY))
        if not is_told:
            await places.say_again(tx, wanted.place_id)
        if wanted.closes and wanted.from_day <= before.day_of(tx.now):
            await closures.carry_over(tx, wanted)
    return True


async def _said(tx: Tx, place_id: str) -> list[Place]:
    said = await store.said_of(tx, place_id)
    if not said:
        raise Missing("place.unknown", field="place_id")
    return said


def _is_known(wanted: Succession, successors: Sequence[Row]) -> bool:
    known = next((row for row in successors if row["place_id"] == wanted.successor_id), None)
    if known is not None:
        if (known["from_day"], known["closes"]) != (wanted.from_day, wanted.closes):
            raise Conflict("succession.said-otherwise", field="from_day", legal=["delete"])
        return True
    if wanted.closes and any(row["closes"] for row in successors):
        raise Conflict("succession.merged-already", field="successor_id", legal=[])
    return False


async def forget_successor(db: Database, place_id: str, successor_id: str) -> None:
    """Take a plan back before its people have gone over; a school that was to close stays open. Raises Conflict."""
    async with db.transaction() as tx:
        await tx.lock(places.lock_of(place_id), places.lock_of(successor_id))
        successors = await store.successors_of(tx, place_id)
        known = next((row for row in successors if row["place_id"] == successor_id), None)
        if known is None:
            raise Missing("succession.unknown", field="successor_id")
        check_still_planned(is_carried=known["carried_at"] is not None)
        await store.forget_successor(tx, place_id, successor_id)
        last = (await _said(tx, place_id))[-1]
        if known["closes"] and last.valid_to == known["from_day"] - A_DAY:
            await places.say(tx, replace(last, valid_to=None))
        else:
            await places.say_again(tx, place_id)


async def transfer(db: Database, school: str, successor_id: str, person_ids: Sequence[UUID]) -> int:
    """Let people go over by name to a school that goes on for theirs; returns how many. Raises Missing, Conflict.

    Those who take part in a running cycle keep their roles here until it is over; they count there from now on.
    """
    async with db.transaction(school, successor_id) as tx:
        old, new = await places.school(tx, school), await places.open_school(tx, successor_id)
        today = old.day_of(tx.now)
        successors = await store.successors_of(tx, school)
        if not any(row["place_id"] == successor_id and row["from_day"] <= today for row in successors):
            raise Conflict("transfer.no-successor", field="to", legal=[row["place_id"] for row in successors])
        await tx.lock(members.lock_of(school), members.lock_of(successor_id))
        known = await people.memberships_at(tx, school, person_ids)
        moving = [one for one in known.values() if one.left_on is None and not one.for_cycle_only]
        missing = sorted(str(one) for one in set(person_ids) - {one.person_id for one in moving})
        if missing:
            raise Missing("transfer.person-unknown", field="person_ids", unknown=missing)
        await closures.go_over(tx, new, moving, Succession(school, successor_id, today, closes=False))
        is_running = await cycles.has_running(tx, school)
        after = [staying(one, from_day=today) if is_running else ended(one, day=today) for one in moving]
        changes = [members.Change(before, one) for before, one in zip(moving, after, strict=True)]
        await members.record(tx, old, changes)
    return len(moving)
