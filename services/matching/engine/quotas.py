"""Promised places that nobody can fill: how many are short, and the smallest set of people that explains it.

The flow fills as many promised places as there can be. Where some stay empty, everybody who could give up a
place for them holds no more than was promised to them (else the place would have been passed on); these people
together are promised more than they can have, and no smaller set is that much short (Hall 1935).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from services.matching.engine.network import HUB
from services.matching.engine.optimum import Optimum
from services.matching.engine.proof import Arcs, Residual
from services.matching.engine.table import Integers, Table, Truths

Role = Literal["giver", "taker"]


@dataclass(frozen=True, slots=True)
class Shortage:
    """`units` promised places of one role stay empty: `people` are promised `promised` and can have `possible`."""

    role: Role
    units: int
    people: tuple[str, ...]
    promised: int
    possible: int


def shortages(found: Optimum) -> tuple[Shortage, ...]:
    """What is short, for each role; nothing when every promise is kept."""
    table, chosen = found.table, found.table.edges.at(found.chosen)
    arcs, nodes, everybody = found.arcs(), found.network.nodes_of, np.arange(found.table.people)
    giving = _Side("giver", chosen.giver, table.give, table.least_give, nodes.giver(everybody))
    taking = _Side("taker", chosen.taker, table.take, table.least_take, nodes.taker(everybody))
    named = ((side, side.named(way.residual(found.flow))) for side, way in ((giving, arcs), (taking, _turned(arcs))))
    return tuple(_shortage(table, side, who) for side, who in named if who.any())


@dataclass(frozen=True, slots=True)
class _Side:
    """One role: who is chosen in it, how often people can be and were promised to be, and their nodes."""

    role: Role
    chosen: Integers
    most: Integers
    least: Integers
    at: Integers

    @property
    def has(self) -> Integers:
        """How many places each has."""
        return np.bincount(self.chosen, minlength=len(self.least)).astype(np.int64)

    def named(self, residual: Residual) -> Truths:
        """Those who were promised more than they can carry, and those whose places others are waiting for."""
        beyond: Truths = self.least > self.most
        waiting = self.has < np.minimum(self.least, self.most)
        return beyond | _who(residual, self.at, waiting)


def _turned(arcs: Arcs) -> Arcs:
    return Arcs(arcs.nodes, arcs.head, arcs.tail, arcs.cost, arcs.free)


def _who(residual: Residual, at: Integers, waiting: Truths) -> Truths:
    """Those who wait and those whose places could be passed on to them; the hub and the roles pass nothing on."""
    seen = np.zeros(len(residual.first) - 1, dtype=bool)
    seen[HUB : len(at) + 1] = True
    front = at[waiting]
    while len(front):
        seen[front] = True
        heads = residual.head[residual.leaving(front)]
        front = np.unique(heads[~seen[heads]])
    return seen[at]


def _shortage(table: Table, side: _Side, who: Truths) -> Shortage:
    people = tuple(table.ids[place] for place in np.flatnonzero(who))
    promised, possible = int(side.least[who].sum()), int(side.has[who].sum())
    return Shortage(side.role, promised - possible, people, promised, possible)
