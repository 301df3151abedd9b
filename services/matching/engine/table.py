"""A task in numbers: people and competencies by their place in the order of their ids, edges as columns."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.problem import Edge, EdgeKey

Integers: TypeAlias = NDArray[np.int64]
Truths: TypeAlias = NDArray[np.bool_]
# Numbering by marks is several times quicker than by sorting, as long as the marks fit into memory.
_MOST_MARKS = 50_000_000
_BITS = 62


@dataclass(frozen=True, slots=True)
class Edges:
    """Allowed pairings in the order of (giver, taker, competency); the score of each is at least one."""

    giver: Integers
    taker: Integers
    competency: Integers
    score: Integers

    def __len__(self) -> int:
        return len(self.giver)

    def at(self, places: Integers | Truths) -> "Edges":
        """Those at the given places."""
        return Edges(self.giver[places], self.taker[places], self.competency[places], self.score[places])

    def in_order(self) -> "Edges":
        """The same edges in the order that everything else relies on."""
        return self.at(np.lexsort((self.competency, self.taker, self.giver)))


@dataclass(frozen=True, slots=True)
class Table:
    """A task as the solvers want it.

    `give` and `take` are how many pairings each person carries at most in either role, `least_give` and
    `least_take` how many they were promised. `load` is what the second, third… pairing of a person in one role
    costs, in units of the score, and never falls. `pins` are places of edges that must be chosen; `slots` are
    bitmasks of free times, which groups alone need.
    """

    ids: tuple[str, ...]
    competencies: tuple[str, ...]
    give: Integers
    take: Integers
    least_give: Integers
    least_take: Integers
    edges: Edges
    pins: Integers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    load: tuple[int, ...] = ()
    slots: Integers | None = None

    @property
    def people(self) -> int:
        return len(self.ids)

    @property
    def topics(self) -> Integers:
        """One number for the need (taker, competency) behind each edge."""
        return self.edges.taker * max(1, len(self.competencies)) + self.edges.competency

    @property
    def most_topics(self) -> int:
        """Above every number of `topics`."""
        return self.people * max(1, len(self.competencies))

    @property
    def pairs(self) -> Integers:
        """One number for the ordered pair (giver, taker) behind each edge."""
        return self.edges.giver * max(1, self.people) + self.edges.taker

    def load_of(self, unit: int) -> int:
        """What a person's pairing number `unit` (1, 2, …) in one role costs; the last figure goes on."""
        if unit < 2 or not self.load:
            return 0
        return self.load[min(unit - 2, len(self.load) - 1)]

    def with_pins(self, keys: Sequence[EdgeKey]) -> "Table":
        """The table with these edges pinned; each is one of the table's."""
        return replace(self, pins=np.sort(whole([self.place_of(key) for key in keys])))

    def has(self, key: EdgeKey) -> bool:
        """Is this edge allowed?"""
        try:
            self.place_of(key)
        except KeyError:
            return False
        return True

    def place_of(self, key: EdgeKey) -> int:
        """The place of an edge by its key; `KeyError` if it is not allowed."""
        giver, taker = (bisect_left(self.ids, one) for one in key[:2])
        if [*self.ids[giver : giver + 1], *self.ids[taker : taker + 1]] != [*key[:2]]:
            raise KeyError(key)
        first, last = np.searchsorted(self.edges.giver, (giver, giver + 1))
        for place in range(int(first), int(last)):
            if self.edges.taker[place] == taker and self.competencies[self.edges.competency[place]] == key[2]:
                return place
        raise KeyError(key)

    def named(self, places: Integers) -> tuple[Edge, ...]:
        """The edges at these places, with ids."""
        chosen = self.edges.at(places)
        columns = (chosen.giver.tolist(), chosen.taker.tolist(), chosen.competency.tolist(), chosen.score.tolist())
        return tuple(
            Edge(self.ids[giver], self.ids[taker], self.competencies[code], score)
            for giver, taker, code, score in zip(*columns, strict=True)
        )


def numbered(keys: Integers, most: int) -> tuple[Integers, Integers]:
    """The distinct keys, all below `most`, in order, and the number of each key among them."""
    if most > _MOST_MARKS:
        distinct, number = np.unique(keys, return_inverse=True)
        return distinct, number
    is_there = np.zeros(most, dtype=bool)
    is_there[keys] = True
    order = np.cumsum(is_there) - 1
    return np.flatnonzero(is_there), order[keys]


def places_in_order(values: Integers) -> Integers:
    """The places of whole numbers, none below zero, in the order of the numbers and then of the places.

    Sorting both in one number is several times quicker than a stable sort of places.
    """
    bits = len(values).bit_length()
    if len(values) and int(values.max()).bit_length() + bits > _BITS:
        return np.argsort(values, kind="stable")
    keys = (values << bits) | np.arange(len(values))
    keys.sort()
    return keys & ((1 << bits) - 1)


def whole(values: Sequence[int]) -> Integers:
    """A column of integers."""
    return np.array(values, dtype=np.int64)
