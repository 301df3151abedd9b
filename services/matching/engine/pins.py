"""Pins are checked before anything is solved, and a conflict names both of its sides by id."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

from chassis.refusals import Conflict
from services.matching.engine.problem import Edge, Instance, PairKey, Pin


def check_pins(instance: Instance, allowed: tuple[Edge, ...]) -> None:
    """Refuse pins that cannot all be kept; those that pass here always can.

    Raises `Conflict`: `matching.pin-banned`, `matching.pin-not-allowed` (unknown edge),
    `matching.pin-same-need`, `matching.pin-same-pair`, `matching.pin-over-capacity`.
    """
    _refuse_forbidden(instance, {edge.key for edge in allowed})
    for (taker, competency), pins in _together(instance.pins, by=lambda pin: (pin.taker, pin.competency)):
        givers = [pin.giver for pin in pins]
        raise Conflict("matching.pin-same-need", field="pins", taker=taker, competency=competency, givers=givers)
    for (giver, taker), pins in _together(instance.pins, by=lambda pin: (pin.giver, pin.taker)):
        competencies = [pin.competency for pin in pins]
        raise Conflict("matching.pin-same-pair", field="pins", giver=giver, taker=taker, competencies=competencies)
    _refuse_overload(instance)


def _refuse_forbidden(instance: Instance, allowed: set[tuple[str, str, str]]) -> None:
    bans = {ban.key for ban in instance.bans}
    for pin in instance.pins:
        sides = {"giver": pin.giver, "taker": pin.taker, "competency": pin.competency}
        if (pin.giver, pin.taker) in bans:
            raise Conflict("matching.pin-banned", field="pins", **sides)
        if pin.key not in allowed:
            raise Conflict("matching.pin-not-allowed", field="pins", **sides)


def _together(pins: Iterable[Pin], *, by: Callable[[Pin], PairKey]) -> Iterator[tuple[PairKey, list[Pin]]]:
    groups: defaultdict[PairKey, list[Pin]] = defaultdict(list)
    for pin in pins:
        groups[by(pin)].append(pin)
    return ((key, group) for key, group in groups.items() if len(group) > 1)


def _refuse_overload(instance: Instance) -> None:
    gives = Counter(pin.giver for pin in instance.pins)
    takes = Counter(pin.taker for pin in instance.pins)
    for person in instance.people:
        if gives[person.id] > person.give_capacity:
            partners = [pin.taker for pin in instance.pins if pin.giver == person.id]
            _overloaded(person.id, role="giver", limit=person.give_capacity, partners=partners)
        if takes[person.id] > person.take_capacity:
            partners = [pin.giver for pin in instance.pins if pin.taker == person.id]
            _overloaded(person.id, role="taker", limit=person.take_capacity, partners=partners)


def _overloaded(person: str, *, role: str, limit: int, partners: list[str]) -> None:
    raise Conflict("matching.pin-over-capacity", field="pins", person=person, role=role, limit=limit, partners=partners)
