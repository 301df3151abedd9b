"""The arithmetic of a result in whole numbers, independent of whoever found it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from services.matching.engine.problem import Edge, Instance

_LOT_BITS = 20


@dataclass(frozen=True, slots=True)
class Tally:
    """People with both roles, people with at least one, total worth and sum of lots of a choice."""

    dual: int
    covered: int
    score: int
    tie: int

    @classmethod
    def of(cls, matches: Sequence[Edge], *, seed: int) -> "Tally":
        givers, takers = {edge.giver for edge in matches}, {edge.taker for edge in matches}
        return cls(
            dual=len(givers & takers),
            covered=len(givers | takers),
            score=sum(edge.score for edge in matches),
            tie=sum(lot(edge, seed=seed) for edge in matches),
        )


def lot(edge: Edge, *, seed: int) -> int:
    """The lot of an edge among equally good networks, drawn from the seed and the ids alone."""
    text = "|".join((str(seed), *edge.key))
    return 1 + (int.from_bytes(sha256(text.encode()).digest()[:4]) >> (32 - _LOT_BITS))


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
