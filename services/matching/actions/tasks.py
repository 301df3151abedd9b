"""The task of a school: what is known, put together for the engine."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from chassis.database import Row, Tx
from chassis.refusals import Conflict
from services.matching.domain import OPEN_STATES, Capacity, today_at_place
from services.matching.engine.problem import (
    HIGHEST_PRIORITY,
    Ban,
    Instance,
    Need,
    OpenPair,
    PastPair,
    Person,
    Pin,
    Strength,
)
from services.matching.store import knowledge, losses, supply

Days = tuple[date, date]

# Who has entered no free times has none, and is matched with nobody; the usual capacity holds all the same.
_NO_SLOTS = 0
_USUAL = Capacity()


async def task_of(tx: Tx, school: str, cycle: UUID, pins: Sequence[Pin] = ()) -> Instance:
    """The school's task for a cycle as it is known now.

    People are the teachers of the school who are not away for all that is left of the cycle. Supply is each strength
    whose release stands and whose owner did not take an offer of it back; demand is each declared need that no open
    pairing serves. Open pairings of every cycle take their place of both capacities.
    Raises `Conflict` for a pin that names somebody who takes no part.
    """
    pairs = await supply.known_pairs(tx, school)
    left = await _left_of(tx, school, cycle)
    people = people_of([row for row in await supply.people(tx, school) if not is_away(row, left)], pairs)
    known = {person.id for person in people}
    _refuse_strangers(pins, known)
    released = [row for row in await supply.released(tx, school, cycle) if str(row["person_id"]) in known]
    levels = {(row["person_id"], row["competency"]): row["level10"] for row in released}
    served = {(row["taker_id"], row["competency"]) for row in pairs if row["cycle_id"] == cycle and is_open(row)}
    wanted = [row for row in await supply.declared_needs(tx, school, cycle) if str(row["person_id"]) in known]
    forbidden = await supply.forbidden_pairs(tx, school, cycle)
    resting = await losses.withdrawn_offers(tx, school, cycle)
    return Instance(
        people=people,
        strengths=tuple(
            Strength(str(row["person_id"]), row["competency"], row["level10"])
            for row in released
            if row["is_strength"] and topic_of(row) not in resting
        ),
        needs=tuple(need_of(row, levels.get(topic_of(row))) for row in wanted if topic_of(row) not in served),
        bans=tuple(Ban(*two_of(row)) for row in forbidden if known.issuperset(two_of(row))),
        pins=tuple(pins),
        past_pairs=tuple(PastPair(*two_of(row)) for row in pairs if row["cycle_id"] != cycle and was_formed(row)),
        open_pairs=tuple(OpenPair(*two_of(row)) for row in pairs if takes_place(row)),
    )


async def _left_of(tx: Tx, school: str, cycle: UUID) -> Days | None:
    """The first and the last day of what is left of a cycle."""
    found = await knowledge.cycle(tx, school, cycle)
    if found is None or found["ends_on"] is None:
        return None
    return max(found["starts_on"], today_at_place(tx.now)), found["ends_on"]


def is_away(absence: Row, days: Days | None) -> bool:
    """Is somebody absent on all of these days? An absence without an end goes on; part of the time is no hindrance."""
    since, until = absence["absent_from"], absence["absent_to"]
    if days is None or since is None:
        return False
    return bool(since <= days[0] and (until is None or until >= days[1]))


def people_of(rows: Iterable[Row], pairs: Sequence[Row]) -> tuple[Person, ...]:
    """People with what is left of their capacity beside the pairings that they carry already."""
    gives = Counter(row["giver_id"] for row in pairs if takes_place(row))
    takes = Counter(row["taker_id"] for row in pairs if takes_place(row))
    found = []
    for row in rows:
        person = row["person_id"]
        entered = _USUAL if row["slots"] is None else Capacity(row["give"], row["take"])
        left = entered.left(gives=gives[person], takes=takes[person])
        manager = row["manager_id"]
        found.append(
            Person(
                id=str(person),
                school=row["school_id"],
                give_capacity=left.give,
                take_capacity=left.take,
                slots=_NO_SLOTS if row["slots"] is None else row["slots"],
                manager=None if manager is None else str(manager),
            )
        )
    return tuple(found)


def need_of(row: Row, level10: int | None) -> Need:
    """A declared need, with the level where it was released."""
    priority1000 = min(row["priority1000"], HIGHEST_PRIORITY)
    return Need(str(row["person_id"]), row["competency"], level10, priority1000=priority1000)


def _refuse_strangers(pins: Iterable[Pin], known: Collection[str]) -> None:
    for pin in pins:
        if pin.giver not in known or pin.taker not in known:
            sides = {"giver": pin.giver, "taker": pin.taker, "competency": pin.competency}
            raise Conflict("matching.pin-stranger", field="pins", **sides)


def is_open(row: Row) -> bool:
    """Does the pairing serve its need?"""
    return row["state"] in OPEN_STATES


def takes_place(row: Row) -> bool:
    """Does the pairing take a place of both people?"""
    return is_open(row) and not row["is_completed"]


def was_formed(row: Row) -> bool:
    """Have the two worked together?"""
    return row["state"] in ("FORMED", "DISSOLVED")


def topic_of(row: Row) -> tuple[UUID, str]:
    """The person and the competency of a release or a need."""
    return row["person_id"], row["competency"]


def two_of(row: Row) -> tuple[str, str]:
    """The giver and the taker."""
    return str(row["giver_id"]), str(row["taker_id"])
