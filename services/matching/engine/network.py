"""The task as a circulation of least cost, proved in docs/matching.md.

Node 0 is the hub; each person has a node as a whole, one as giver and one as taker; each need has a node, and so
has each ordered pair that could meet for more than one competency. Every arc carries at most one unit. What an
arc costs is kept in four columns: `role` in units of the weight of roles, `money` (score and load), `quota` in
units of the weight of promised places, and `spread` for fairness among equals.

With A = 2K and B = K a person with both roles is worth 4K, with one role K: dual roles before reach, and the sum
of both largest at the same time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from services.matching.engine.table import Integers, Table, Truths, numbered

# What a role counts for: both roles more than one (`dual`), one as much as the other (`each`), or nothing.
Roles = Literal["dual", "each", "none"]

HUB = 0
_FIRST_ROLE = -2
_ONLY_ROLE = -1
_IMBALANCE = 1


@dataclass(frozen=True, slots=True)
class Network:
    """Arcs of capacity one; the first arcs are the edges of the table, in its order. `pinned` arcs carry a unit."""

    nodes: int
    tail: Integers
    head: Integers
    role: Integers
    money: Integers
    quota: Integers
    spread: Integers
    pinned: Truths
    edges: int
    nodes_of: "NodeNumbers"

    def costs(self, *, role: int, quota: int) -> Integers:
        """The cost of each arc under weights of a role and of a promised place."""
        return role * self.role + quota * self.quota + self.money


@dataclass(frozen=True, slots=True)
class NodeNumbers:
    """Which node is whose: `needs` and `pairs` hold the distinct numbers of `Table.topics` and `Table.pairs`."""

    people: int
    needs: Integers
    pairs: Integers

    def person(self, place: Integers) -> Integers:
        return place + 1

    def giver(self, place: Integers) -> Integers:
        return place + 1 + self.people

    def taker(self, place: Integers) -> Integers:
        return place + 1 + 2 * self.people

    def need(self, order: Integers) -> Integers:
        return order + 1 + 3 * self.people

    def pair(self, order: Integers) -> Integers:
        return order + 1 + 3 * self.people + len(self.needs)

    @property
    def count(self) -> int:
        return 1 + 3 * self.people + len(self.needs) + len(self.pairs)


@dataclass(slots=True)
class ArcRows:
    """Arcs in the making, block by block."""

    blocks: list[Sequence[Integers]] = field(default_factory=list)

    def add(self, tail: Integers | int, head: Integers | int, **costs: Integers | int) -> None:
        columns = (costs.get(name, 0) for name in ("role", "money", "quota", "spread"))
        self.blocks.append(np.broadcast_arrays(*(np.asarray(one, dtype=np.int64) for one in (tail, head, *columns))))

    def columns(self) -> list[Integers]:
        return [np.concatenate(parts) for parts in zip(*self.blocks, strict=True)]


def network_of(table: Table, roles: Roles = "dual", leads_giving: Truths | None = None) -> Network:
    """The circulation of a table under what its roles count for.

    With `leads_giving` and `each`, one role of a person counts for two: giving where it says so, else taking.
    """
    arcs = ArcRows()
    nodes = add_edges(arcs, table)
    gives, takes = could(table.edges.giver, table.give), could(table.edges.taker, table.take)
    if roles == "dual":
        _add_roles(arcs, nodes, table, (gives, takes))
    elif roles == "each":
        _add_only_roles(arcs, nodes, table, (gives, takes), leads_giving)
    for unit in range(1 if roles == "none" else 2, 1 + int(max(table.give.max(initial=0), table.take.max(initial=0)))):
        _add_unit(arcs, nodes, table, unit)
    tail, head, role, money, quota, spread = arcs.columns()
    pinned = np.zeros(len(tail), dtype=bool)
    pinned[table.pins] = True
    return Network(nodes.count, tail, head, role, money, quota, spread, pinned, len(table.edges), nodes)


def could(side: Integers, capacity: Integers) -> Truths:
    """Who has an edge and a place in this role."""
    has = np.zeros(len(capacity), dtype=bool)
    has[side] = True
    return has & (capacity > 0)


def add_edges(arcs: ArcRows, table: Table) -> NodeNumbers:
    """Giver → (pair →) need → taker: the need once, the ordered pair once."""
    edges = table.edges
    needs, need = numbered(table.topics, table.most_topics)
    pairs = table.pairs
    # The edges of a pair stand together.
    pair = np.cumsum(np.diff(pairs, prepend=-1) != 0) - 1
    shared = np.flatnonzero(np.bincount(pair)[pair] > 1)
    distinct, order = np.unique(pairs[shared], return_inverse=True)
    nodes = NodeNumbers(table.people, needs, distinct)
    start = nodes.giver(edges.giver)
    start[shared] = nodes.pair(order)
    arcs.add(start, nodes.need(need), money=-edges.score)
    arcs.add(nodes.giver(nodes.pairs // max(1, table.people)), nodes.pair(np.arange(len(nodes.pairs))))
    arcs.add(nodes.need(np.arange(len(needs))), nodes.taker(needs // max(1, len(table.competencies))))
    return nodes


def _add_roles(arcs: ArcRows, nodes: NodeNumbers, table: Table, could: tuple[Truths, Truths]) -> None:
    """The first unit in each role; who can have one role only is joined to the hub straight away."""
    gives, takes = could
    both = np.flatnonzero(gives & takes)
    give_quota, take_quota = promised(table.least_give, unit=1), promised(table.least_take, unit=1)
    arcs.add(nodes.person(both), nodes.giver(both), role=_FIRST_ROLE, quota=give_quota[both])
    arcs.add(nodes.taker(both), nodes.person(both), role=_FIRST_ROLE, quota=take_quota[both])
    arcs.add(nodes.person(both), HUB, role=_IMBALANCE)
    arcs.add(HUB, nodes.person(both), role=_IMBALANCE)
    _add_only_roles(arcs, nodes, table, (gives & ~takes, takes & ~gives))


def _add_only_roles(
    arcs: ArcRows,
    nodes: NodeNumbers,
    table: Table,
    could: tuple[Truths, Truths],
    leads_giving: Truths | None = None,
) -> None:
    """The first unit of people in whom the other role plays no part."""
    givers, takers = (np.flatnonzero(side) for side in could)
    giving = taking = np.full(table.people, _ONLY_ROLE)
    if leads_giving is not None:
        giving, taking = giving - leads_giving, taking - ~leads_giving
    quota = promised(table.least_give, unit=1)[givers]
    arcs.add(HUB, nodes.giver(givers), role=giving[givers], quota=quota, spread=1)
    quota = promised(table.least_take, unit=1)[takers]
    arcs.add(nodes.taker(takers), HUB, role=taking[takers], quota=quota, spread=1)


def _add_unit(arcs: ArcRows, nodes: NodeNumbers, table: Table, unit: int) -> None:
    """A further unit of each who carries so many; its spread makes the sum of squared loads smallest."""
    money, spread = table.load_of(unit), 2 * unit - 1
    givers = np.flatnonzero(could(table.edges.giver, table.give) & (table.give >= unit))
    quota = promised(table.least_give, unit=unit)[givers]
    arcs.add(HUB, nodes.giver(givers), money=money, quota=quota, spread=spread)
    takers = np.flatnonzero(could(table.edges.taker, table.take) & (table.take >= unit))
    quota = promised(table.least_take, unit=unit)[takers]
    arcs.add(nodes.taker(takers), HUB, money=money, quota=quota, spread=spread)


def promised(least: Integers, *, unit: int) -> Integers:
    """Minus one where this unit is one of those promised."""
    return -(least >= unit).astype(np.int64)
