"""The task of a school: what is known, put together for the engine."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from chassis.database import Row, Tx
from chassis.refusals import Conflict
from services.matching.domain import OPEN_STATES, Capacity
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
from services.matching.store import supply

# Who has entered no free times has none, and is matched with nobody; the usual capacity holds all the same.
_NO_SLOTS = 0
_USUAL = Capacity()


async def task_of(tx: Tx, school: str, cycle: UUID, pins: Sequence[Pin] = ()) -> Instance:
    """The school's task for a cycle as it is known now.

    People are the teachers of the school. Supply is each strength whose release stands; demand is each declared
    need that no open pairing serves. Open pairings of every cycle take their place of both capacities.
    Raises `Conflict` for a pin that names somebody who takes no part.
    """
    pairs = await supply.known_pairs(tx, school)
    people = _people(school, await supply.people(tx, school), pairs)
    known = {person.id for person in people}
    _refuse_strangers(pins, known)
    released = [row for row in await supply.released(tx, school, cycle) if str(row["person_id"]) in known]
    levels = {(row["person_id"], row["competency"]): row["level10"] for row in released}
    served = {(row["taker_id"], row["competency"]) for row in pairs if row["cycle_id"] == cycle and _is_open(row)}
    wanted = [row for row in await supply.declared_needs(tx, school, cycle) if str(row["person_id"]) in known]
    forbidden = await supply.forbidden_pairs(tx, school, cycle)
    return Instance(
        people=people,
        strengths=tuple(
            Strength(str(row["person_id"]), row["competency"], row["level10"]) for row in released if row["is_strength"]
        ),
        needs=tuple(_need(row, levels.get(_topic(row))) for row in wanted if _topic(row) not in served),
        bans=tuple(Ban(*_two(row)) for row in forbidden if known.issuperset(_two(row))),
        pins=tuple(pins),
        past_pairs=tuple(PastPair(*_two(row)) for row in pairs if row["cycle_id"] != cycle and _was_formed(row)),
        open_pairs=tuple(OpenPair(*_two(row)) for row in pairs if _takes_place(row)),
    )


def _people(school: str, rows: Iterable[Row], pairs: Sequence[Row]) -> tuple[Person, ...]:
    gives = Counter(row["giver_id"] for row in pairs if _takes_place(row))
    takes = Counter(row["taker_id"] for row in pairs if _takes_place(row))
    found = []
    for row in rows:
        person = row["person_id"]
        entered = _USUAL if row["slots"] is None else Capacity(row["give"], row["take"])
        left = entered.left(gives=gives[person], takes=takes[person])
        manager = row["manager_id"]
        found.append(
            Person(
                id=str(person),
                school=school,
                give_capacity=left.give,
                take_capacity=left.take,
                slots=_NO_SLOTS if row["slots"] is None else row["slots"],
                manager=None if manager is None else str(manager),
            )
        )
    return tuple(found)


def _need(row: Row, level10: int | None) -> Need:
    priority1000 = min(row["priority1000"], HIGHEST_PRIORITY)
    return Need(str(row["person_id"]), row["competency"], level10, priority1000=priority1000)


def _refuse_strangers(pins: Iterable[Pin], known: Collection[str]) -> None:
    for pin in pins:
        if pin.giver not in known or pin.taker not in known:
            sides = {"giver": pin.giver, "taker": pin.taker, "competency": pin.competency}
            raise Conflict("matching.pin-stranger", field="pins", **sides)


def _is_open(row: Row) -> bool:
    return row["state"] in OPEN_STATES


def _takes_place(row: Row) -> bool:
    return _is_open(row) and not row["is_completed"]


def _was_formed(row: Row) -> bool:
    return row["state"] in ("FORMED", "DISSOLVED")


def _topic(row: Row) -> tuple[UUID, str]:
    return row["person_id"], row["competency"]


def _two(row: Row) -> tuple[str, str]:
    return str(row["giver_id"]), str(row["taker_id"])
