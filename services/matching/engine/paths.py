"""Cheapest ways through the residual network of a proved flow: what one change costs, and who moves for it."""

from dataclasses import dataclass

import numpy as np

from services.matching.engine.optimum import Optimum
from services.matching.engine.proof import Arcs, Residual, distinct
from services.matching.engine.table import Integers, Truths

UNREACHED = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, slots=True)
class Ways:
    """The cheapest ways from one node: their costs, and the residual arc by which each node is reached."""

    residual: Residual
    cost: Integers
    came_by: Integers

    def arcs_to(self, node: int) -> Integers:
        """The arcs of the network on the way to a node, the last first."""
        found = []
        while self.came_by[node] >= 0:
            place = self.came_by[node]
            found.append(int(self.residual.arc[place]))
            node = int(self.residual.tail[place])
        return np.array(found, dtype=np.int64)


def ways_from(found: Optimum, node: int, *, closed: Truths | None = None) -> Ways:
    """The cheapest ways from a node of the residual network, without the arcs that are closed."""
    return _search(found, _open(found, closed), node, sign=1)


def ways_to(found: Optimum, node: int) -> Ways:
    """The cheapest ways to a node, walked backwards."""
    arcs = _open(found, None)
    turned = Arcs(arcs.nodes, arcs.head, arcs.tail, arcs.cost, arcs.free)
    return _search(found, turned, node, sign=-1)


def _open(found: Optimum, closed: Truths | None) -> Arcs:
    arcs = found.arcs()
    free = arcs.free if closed is None else arcs.free & ~closed
    return Arcs(arcs.nodes, arcs.tail, arcs.head, arcs.cost, free)


def _search(found: Optimum, arcs: Arcs, node: int, *, sign: int) -> Ways:
    """Beside the potentials no step costs less than nothing, so each round settles what it reaches for long."""
    residual, price = arcs.residual(found.flow), sign * found.potentials
    beside = residual.cost + price[residual.tail] - price[residual.head]
    cost = np.full(arcs.nodes, UNREACHED, dtype=np.int64)
    came_by = np.full(arcs.nodes, -1, dtype=np.int64)
    cost[node] = 0
    front = np.array([node])
    while len(front):
        places = residual.leaving(front)
        reached = cost[residual.tail[places]] + beside[places]
        is_nearer = reached < cost[residual.head[places]]
        places, reached = places[is_nearer], reached[is_nearer]
        heads = residual.head[places]
        np.minimum.at(cost, heads, reached)
        best = reached == cost[heads]
        came_by[heads[best]] = places[best]
        front = distinct(heads, arcs.nodes)
    is_reached = cost < UNREACHED
    return Ways(residual, np.where(is_reached, cost - price[node] + price, UNREACHED), came_by)
