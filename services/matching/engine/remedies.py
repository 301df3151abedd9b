"""What would help a person who was left without a mentor: one more place of one giver, with its exact effect."""

from dataclasses import dataclass

import numpy as np

from services.matching.engine.network import HUB
from services.matching.engine.optimum import Optimum
from services.matching.engine.paths import UNREACHED, Ways, ways_to
from services.matching.engine.table import Integers


@dataclass(frozen=True, slots=True)
class Remedy:
    """If `giver` carried one pairing more, `person` would be served in this competency.

    The network as a whole would have so many more dual roles, people reached and score less load; with a minus,
    fewer.
    """

    person: str
    competency: str
    giver: str
    dual: int
    covered: int
    value: int


def remedies(found: Optimum) -> tuple[Remedy, ...]:
    """The best remedy for each who could learn and was given no mentor; those whom none would help are not there."""
    table, network = found.table, found.network
    taught = np.zeros(table.people, dtype=bool)
    taught[table.edges.taker[found.chosen]] = True
    waits = ~taught & (table.take > 0)
    edges = np.flatnonzero(waits[table.edges.taker] & (table.give[table.edges.giver] > 0))
    ways = ways_to(found, HUB)
    cost = found.arcs().cost[edges] + ways.cost[network.head[edges]] + _one_more(found, edges)
    edges, cost = edges[cost < UNREACHED // 2], cost[cost < UNREACHED // 2]
    order = np.lexsort((edges, cost, table.edges.taker[edges]))
    first = np.unique(table.edges.taker[edges[order]], return_index=True)[1]
    return tuple(_remedy(found, ways, int(edges[place])) for place in order[first])


def _one_more(found: Optimum, edges: Integers) -> Integers:
    """The load cost of the giver's place beyond the last."""
    table = found.table
    most = int(table.give.max(initial=0))
    costs = np.array([table.load_of(unit + 1) for unit in range(most + 1)], dtype=np.int64)
    extra: Integers = costs[table.give[table.edges.giver[edges]]]
    return extra


def _remedy(found: Optimum, ways: Ways, edge: int) -> Remedy:
    """Read what the way through this edge to the hub would change."""
    network = found.network
    turned = np.append(ways.arcs_to(int(network.head[edge])), edge)
    sign = np.where(found.flow[turned], -1, 1)
    role, value = network.role[turned], -int((sign * network.money[turned]).sum())
    first, only, imbalance = (int(sign[mark].sum()) for mark in (role < 0, role == -1, role > 0))
    dual = (first - only - imbalance) // 2
    named, extra = found.table.named(np.array([edge]))[0], int(_one_more(found, np.array([edge]))[0])
    return Remedy(named.taker, named.competency, named.giver, dual, first - dual, value - extra)
