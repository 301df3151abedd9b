"""The arithmetic of a result in whole numbers, independent of whoever found it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.matching.engine.problem import Edge, Instance
from services.matching.engine.table import Integers, Table


@dataclass(frozen=True, slots=True)
class Tally:
    """People with both roles, with at least one, total worth, cost of loads and promised places left empty."""

    dual: int
    covered: int
    score: int
    load: int
    short: int

    @classmethod
    def of(cls, table: Table, places: Integers) -> "Tally":
        chosen = table.edges.at(places)
        gives, takes = Counter(chosen.giver.tolist()), Counter(chosen.taker.tolist())
        loads = [*gives.values(), *takes.values()]
        promises = (
            zip(table.least_give.tolist(), _counts(gives, table.people), strict=True),
            zip(table.least_take.tolist(), _counts(takes, table.people), strict=True),
        )
        return cls(
            dual=len(gives.keys() & takes.keys()),
            covered=len(gives.keys() | takes.keys()),
            score=int(chosen.score.sum()),
            load=sum(table.load_of(unit) for count in loads for unit in range(2, count + 1)),
            short=sum(max(0, least - count) for side in promises for least, count in side),
        )


def _counts(counted: Counter[int], people: int) -> list[int]:
    return [counted[place] for place in range(people)]


def broken_limits(instance: Instance, matches: Sequence[Edge]) -> list[str]:
    """The names of the limits that a choice breaks; empty when it keeps them all."""
    gives, takes = Counter(edge.giver for edge in matches), Counter(edge.taker for edge in matches)
    kept = {
        "need": _are_single(edge.key[1:] for edge in matches),
        "pair": _are_single(edge.key[:2] for edge in matches),
        "give-capacity": all(gives[person.id] <= person.give_capacity for person in instance.people),
        "take-capacity": all(takes[person.id] <= person.take_capacity for person in instance.people),
        "pin": {pin.key for pin in instance.pins} <= {edge.key for edge in matches},
    }
    return [name for name, is_kept in kept.items() if not is_kept]


def _are_single(keys: Iterable[tuple[str, str]]) -> bool:
    return all(count == 1 for count in Counter(keys).values())
