"""Potentials: the proof of an optimum that anybody can check, and the repair of what falls short of it.

A circulation is cheapest when no cycle of its residual network costs less than nothing (Klein 1967). Shortest
distances in the residual network then exist; as potentials they make every reduced cost of a residual arc at
least zero. They do not depend on which of several optima was found.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from services.matching.engine.errors import Cancelled
from services.matching.engine.table import Integers, Truths, places_in_order

_LOOK_FOR_CYCLES_EVERY = 24


@dataclass(frozen=True, slots=True)
class Residual:
    """The residual network of a flow: an arc that carries a unit is turned round, a pinned one is not there.

    Arcs stand in the order of their tails; `first[v]` is where those of node v begin, `arc` names the arc behind.
    """

    tail: Integers
    head: Integers
    cost: Integers
    arc: Integers
    first: Integers

    def leaving(self, nodes: Integers) -> Integers:
        """The places of all residual arcs out of these nodes."""
        counts = self.first[nodes + 1] - self.first[nodes]
        ends = np.cumsum(counts)
        return np.repeat(self.first[nodes] - ends + counts, counts) + np.arange(ends[-1] if len(ends) else 0)


@dataclass(frozen=True, slots=True)
class Arcs:
    """A network with one cost per arc, as the proof needs it; arcs that are not `free` keep their flow."""

    nodes: int
    tail: Integers
    head: Integers
    cost: Integers
    free: Truths

    def residual(self, flow: Truths) -> Residual:
        """The residual network of a flow."""
        arc = np.flatnonzero(self.free)
        turned = flow[arc]
        tail = np.where(turned, self.head[arc], self.tail[arc])
        order = places_in_order(tail)
        arc, tail, turned = arc[order], tail[order], turned[order]
        head = np.where(turned, self.tail[arc], self.head[arc])
        cost = np.where(turned, -self.cost[arc], self.cost[arc])
        return Residual(tail, head, cost, arc, np.searchsorted(tail, np.arange(self.nodes + 1)))

    def reduced(self, potentials: Integers) -> Integers:
        """What each arc costs beside the potentials."""
        return self.cost + potentials[self.tail] - potentials[self.head]


def prove(arcs: Arcs, flow: Truths, is_cancelled: Callable[[], bool], *, repairs: int) -> Integers | None:
    """The potentials that prove the flow cheapest; it is repaired in place at most so many times, else nothing.

    A repair pushes a unit round each negative cycle that was found. Costs are integers, so repairs come to an end.
    """
    for _ in range(repairs + 1):
        residual = arcs.residual(flow)
        search = _Search.start(residual, arcs.nodes)
        cycles = search.run(is_cancelled)
        if cycles is None:
            return search.distance
        flow[residual.arc[cycles]] ^= True
    return None


def distinct(nodes: Integers, count: int) -> Integers:
    """Each of these nodes once, in order; quicker than sorting where there are many."""
    is_there = np.zeros(count, dtype=bool)
    is_there[nodes] = True
    return np.flatnonzero(is_there)


@dataclass(slots=True)
class _Search:
    """Bellman and Ford's search from everywhere at once, a whole front of nodes at a time."""

    residual: Residual
    distance: Integers
    came_by: Integers
    front: Integers

    @classmethod
    def start(cls, residual: Residual, nodes: int) -> "_Search":
        return cls(residual, np.zeros(nodes, np.int64), np.full(nodes, -1, np.int64), np.arange(nodes))

    def run(self, is_cancelled: Callable[[], bool]) -> Integers | None:
        """Search to the end, or to the first negative cycles: then the places of their arcs."""
        rounds = 0
        while len(self.front):
            if is_cancelled():
                raise Cancelled
            self._advance()
            rounds += 1
            if rounds % _LOOK_FOR_CYCLES_EVERY == 0 and len(cycles := self._cycles()):
                return cycles
        return None

    def _advance(self) -> None:
        places = self.residual.leaving(self.front)
        reached = self.distance[self.residual.tail[places]] + self.residual.cost[places]
        is_nearer = reached < self.distance[self.residual.head[places]]
        places, reached = places[is_nearer], reached[is_nearer]
        heads = self.residual.head[places]
        np.minimum.at(self.distance, heads, reached)
        best = reached == self.distance[heads]
        self.came_by[heads[best]] = places[best]
        self.front = distinct(heads, len(self.distance))

    def _cycles(self) -> Integers:
        """The arcs of all cycles among the ways that nodes were reached by; each such cycle is negative."""
        nodes = len(self.came_by)
        before = np.where(self.came_by >= 0, self.residual.tail[self.came_by], np.arange(nodes))
        ahead, steps = before, 1
        while steps < nodes:
            ahead, steps = ahead[ahead], 2 * steps
        on_cycle = distinct(ahead, nodes)
        on_cycle = on_cycle[before[on_cycle] != on_cycle]
        cycles: Integers = self.came_by[on_cycle]
        return cycles
