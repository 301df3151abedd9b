"""The relaxation of coverage-first as a flow on the network and its mirror image.

"At least one role" couples a source (the giver) with a sink (the taker) of the same person, which no single flow
can do. Two copies can: one runs from givers to takers, its mirror from takers to givers, and what enters a person
as a giver in the one and as a taker in the other comes through one gate, whose first unit is worth more. Half of
such a flow is a solution of the linear relaxation, and every solution doubles to such a flow (docs/matching.md).

Among equally good ones the lots decide, the same lots in both copies: where a whole solution is the best of the
relaxation, both copies then choose it.
"""

from dataclasses import dataclass

import numpy as np

from services.matching.engine.canonical import Face, lots_of
from services.matching.engine.errors import NotProved
from services.matching.engine.flow import Circulation
from services.matching.engine.network import HUB, ArcRows, NodeNumbers, add_edges, could, promised
from services.matching.engine.optimum import Search, light_weights, proving_weights
from services.matching.engine.proof import Arcs, distinct, prove
from services.matching.engine.roles import Point
from services.matching.engine.table import Integers, Table, Truths

_REPAIRS = (8, 100_000)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What the relaxation says: most people reached, all roles, promised places that stay empty, and then the score.

    `value2` is twice the best score less load beneath these, `reduced2` twice what forcing an edge in would cost;
    `gives2` and `takes2` are in how many of the two copies each person gives and takes.
    """

    covered: int
    roles: int
    short: int
    value2: int
    reduced2: Integers
    gives2: Integers
    takes2: Integers

    @property
    def dual(self) -> int:
        """What is left for people with both roles."""
        return self.roles - self.covered

    @property
    def leads_giving(self) -> Truths:
        """Whose leading role is giving: the relaxation has as much of it as of taking, or more."""
        leads: Truths = self.gives2 >= self.takes2
        return leads

    @property
    def point(self) -> Point:
        """The end of the exchange that it stands for; both copies have all the givers and takers that can be."""
        givers, takers = int(self.gives2.sum()) // 2, int(self.takes2.sum()) // 2
        return Point(self.dual, self.covered, givers, takers, self.short)


@dataclass(frozen=True, slots=True)
class _Two:
    """The arcs of both copies: those of the edges first, then those of their mirror images."""

    nodes: int
    tail: Integers
    head: Integers
    role: Integers
    money: Integers
    quota: Integers
    gate: Truths
    pinned: Truths

    def arcs(self, role: int, quota: int) -> Arcs:
        """The arcs under weights."""
        cost = role * self.role + quota * self.quota + self.money
        return Arcs(self.nodes, self.tail, self.head, cost, ~self.pinned)


def mirrored(table: Table, search: Search) -> Mirrored:
    """Solve the relaxation; its potentials are proved in exact integers like those of any flow."""
    two = _two(table)
    heavy, light = proving_weights(table), light_weights(table)
    arcs = two.arcs(heavy.role, heavy.quota)
    for weights, repairs in zip((light, heavy), _REPAIRS, strict=True):
        flow = two.pinned.copy()
        free = ~two.pinned
        surplus = np.bincount(two.head[two.pinned], minlength=two.nodes)
        surplus = surplus - np.bincount(two.tail[two.pinned], minlength=two.nodes)
        cost = two.arcs(weights.role, weights.quota).cost[free]
        flow[free] = search.solver(Circulation(two.tail[free], two.head[free], cost, surplus), search.is_cancelled)
        potentials = prove(arcs, flow, search.is_cancelled, repairs=repairs)
        if potentials is not None:
            reduced = arcs.reduced(potentials)
            return _read(table, two, _drawn(table, arcs, flow, reduced, search), reduced)
    raise NotProved("the relaxation could not be proved")


def _drawn(table: Table, arcs: Arcs, flow: Truths, reduced: Integers, search: Search) -> Truths:
    """The optimum with the smallest sum of lots."""
    face, count = Face.of(arcs, flow, reduced), len(table.edges)
    if not len(face.arc):
        return flow
    lots = np.zeros(len(flow), dtype=np.int64)
    edges = distinct(face.arc[face.arc < 2 * count] % max(1, count), count)
    lots[edges] = lots_of(table, table.edges.at(edges), seed=search.seed)
    lots[count + edges] = lots[edges]
    drawn = flow.copy()
    task = Circulation(face.tail, face.head, lots[face.arc], face.surplus)
    drawn[face.arc] = search.solver(task, search.is_cancelled)
    return drawn


def _read(table: Table, two: _Two, flow: Truths, reduced: Integers) -> Mirrored:
    count = len(table.edges)
    gates, filled = int(flow[two.gate].sum()), -int(two.quota[flow].sum())
    roles = -int(two.role[flow].sum()) - gates
    promises = int(table.least_give.sum() + table.least_take.sum())
    forward, back = reduced[:count], reduced[count : 2 * count]
    # An arc in use costs nothing more; its reduced cost is at most zero.
    reduced2 = np.maximum(forward, 0) + np.maximum(back, 0)
    short, value2 = promises - filled // 2, -int(two.money[flow].sum())
    gives2, takes2 = (_copies(side, flow, table.people) for side in (table.edges.giver, table.edges.taker))
    return Mirrored(gates // 2, roles // 2, short, value2, reduced2, gives2, takes2)


def _copies(side: Integers, flow: Truths, people: int) -> Integers:
    """In how many copies each person is on this side of a chosen edge."""
    forward, back = flow[: 2 * len(side)].reshape(2, len(side))
    once, again = (np.bincount(side[copy], minlength=people) > 0 for copy in (forward, back))
    found: Integers = once.astype(np.int64) + again
    return found


def _two(table: Table) -> _Two:
    """Both copies share the hub and the gates; the mirror's other nodes come after those of the network."""
    first = ArcRows()
    nodes = add_edges(first, table)
    tail, head, _, money, _, _ = first.columns()
    count = len(table.edges)
    shift = nodes.count
    rows = ArcRows()
    rows.add(tail[:count], head[:count], money=money[:count])
    rows.add(head[:count] + shift, tail[:count] + shift, money=money[:count])
    rows.add(tail[count:], head[count:])
    rows.add(head[count:] + shift, tail[count:] + shift)
    _add_people(rows, table, nodes)
    tail, head, role, money, quota, gate = rows.columns()
    pinned = np.zeros(len(tail), dtype=bool)
    pinned[table.pins], pinned[table.pins + count] = True, True
    return _Two(2 * shift + table.people, tail, head, role, money, quota, gate > 0, pinned)


def _add_people(rows: ArcRows, table: Table, nodes: NodeNumbers) -> None:
    """Gates into both copies and out of them, and further pairings past the gates.

    The gate into a person is the person's node, the gate out of it stands behind both copies; the first unit
    through a gate is worth two roles, the second one. The column `spread` marks first units.
    """
    shift, everybody = nodes.count, np.arange(table.people)
    gives, takes = could(table.edges.giver, table.give), could(table.edges.taker, table.take)
    for role, spread, some in ((-2, 1, np.flatnonzero(gives | takes)), (-1, 0, np.flatnonzero(gives & takes))):
        rows.add(HUB, nodes.person(some), role=role, spread=spread)
        rows.add(2 * shift + some, HUB, role=role, spread=spread)
    for can, most, least, node, enters_first in (
        (gives, table.give, table.least_give, nodes.giver(everybody), True),
        (takes, table.take, table.least_take, nodes.taker(everybody), False),
    ):
        for unit in range(1, 1 + int(most.max(initial=0))):
            some = np.flatnonzero(can & (most >= unit))
            quota, money = promised(least, unit=unit)[some], table.load_of(unit)
            inner, gate_in, gate_out = node[some], nodes.person(some), 2 * shift + some
            source, sink = (gate_in, gate_out) if unit == 1 else (np.full(len(some), HUB),) * 2
            near, far = (inner, inner + shift) if enters_first else (inner + shift, inner)
            rows.add(source, near, money=money, quota=quota)
            rows.add(far, sink, money=money, quota=quota)
