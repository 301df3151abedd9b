"""The proved, canonical optimum of a table under one set of weights: build, solve, prove, settle ties."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from services.matching.engine.canonical import Order, canonical_flow
from services.matching.engine.errors import Cancelled, NotProved
from services.matching.engine.flow import Circulation, FlowSolver
from services.matching.engine.network import Network, Roles, network_of
from services.matching.engine.proof import Arcs, prove
from services.matching.engine.table import Integers, Table, Truths, numbered

OnProgress = Callable[[str, float], None]
IsCancelled = Callable[[], bool]

PHASES = ("build", "solve", "prove", "settle")
_FEW_REPAIRS = 8
_MANY_REPAIRS = 100_000


@dataclass(frozen=True, slots=True)
class Weights:
    """What a role and a promised place weigh beside one unit of score."""

    role: int
    quota: int


@dataclass(frozen=True, slots=True)
class Optimum:
    """The chosen edges by place, and the proof: a flow of the network with potentials under the weights."""

    table: Table
    network: Network
    weights: Weights
    flow: Truths
    potentials: Integers

    @property
    def chosen(self) -> Integers:
        """The places of the chosen edges, in order."""
        return np.flatnonzero(self.flow[: self.network.edges])

    def arcs(self) -> Arcs:
        """The network under the weights of the proof."""
        return _arcs(self.network, self.weights)


@dataclass(frozen=True, slots=True)
class Search:
    """How to look for an optimum: with which solver, with which lots, and whom to tell."""

    solver: FlowSolver
    seed: int
    on_progress: OnProgress
    is_cancelled: IsCancelled

    def within(self, start: float, end: float, *, named: str = "") -> "Search":
        """The same search as a part of a longer one: its shares lie between these two."""

        def hear(phase: str, share: float) -> None:
            self.on_progress(named + phase, start + share * (end - start))

        return replace(self, on_progress=hear)

    def enter(self, phase: str, share: float) -> None:
        """Say what begins now; `Cancelled` if nobody wants it any more."""
        if self.is_cancelled():
            raise Cancelled
        self.on_progress(phase, share)


def proving_weights(table: Table) -> Weights:
    """Weights above every trade below them: a role outweighs all score and load, a promised place all roles."""
    topics, topic = numbered(table.topics, table.most_topics)
    best = np.zeros(len(topics), dtype=np.int64)
    np.maximum.at(best, topic, table.edges.score)
    role = 1 + int(best.sum()) + _load_range(table)
    return Weights(role, quota=1 + 4 * role * table.people + role)


def _load_range(table: Table) -> int:
    """What all loads together could cost at most: forgotten, a load could outweigh a role."""
    most = int(max(table.give.max(initial=0), table.take.max(initial=0)))
    return sum(
        table.load_of(unit) * int(np.count_nonzero(table.give >= unit) + np.count_nonzero(table.take >= unit))
        for unit in range(2, most + 1)
    )


def light_weights(table: Table) -> Weights:
    """Weights that are usually enough and keep the solver fast; the proof decides whether they were."""
    role = 3 * (1 + int(table.edges.score.max(initial=0)) + max(table.load, default=0))
    return Weights(role, quota=8 * role)


def optimum(table: Table, search: Search, *, roles: Roles = "dual", leads_giving: Truths | None = None) -> Optimum:
    """The canonical optimum with its proof; `NotProved` when no solver's answer could be proved or repaired.

    `leads_giving` is explained at `network.network_of`.
    """
    search.enter("build", 0.0)
    network, weights = network_of(table, roles, leads_giving), proving_weights(table)
    arcs = _arcs(network, weights)
    flow, potentials = _proved(network, arcs, (light_weights(table), weights), search)
    search.enter("settle", 0.8)
    order = Order(search.seed, search.is_cancelled)
    flow = canonical_flow(table, network, flow, arcs.reduced(potentials), order=order, solver=search.solver)
    return Optimum(table, network, weights, flow, potentials)


def _proved(network: Network, arcs: Arcs, weights: tuple[Weights, Weights], search: Search) -> tuple[Truths, Integers]:
    """A flow with its proof: first with light weights, then with the true ones and as many repairs as it takes.

    True weights may be more than a solver can count with; then the light answer is repaired to the end.
    """
    flow: Truths | None = None
    for weight, repairs in zip(weights, (_FEW_REPAIRS, _MANY_REPAIRS), strict=True):
        search.enter("solve", 0.1)
        try:
            flow = _solved(network, network.costs(role=weight.role, quota=weight.quota), search)
        except NotProved:
            if flow is None:
                raise
        search.enter("prove", 0.6)
        potentials = prove(arcs, flow, search.is_cancelled, repairs=repairs)
        if potentials is not None:
            return flow, potentials
    raise NotProved("the optimum could not be proved")


def _solved(network: Network, cost: Integers, search: Search) -> Truths:
    """What the solver says: the arcs that carry a unit, with those that are pinned."""
    free, flow = ~network.pinned, network.pinned.copy()
    surplus = np.bincount(network.head[~free], minlength=network.nodes)
    surplus = surplus - np.bincount(network.tail[~free], minlength=network.nodes)
    task = Circulation(network.tail[free], network.head[free], cost[free], surplus)
    flow[free] = search.solver(task, search.is_cancelled)
    return flow


def _arcs(network: Network, weights: Weights) -> Arcs:
    cost = network.costs(role=weights.role, quota=weights.quota)
    return Arcs(network.nodes, network.tail, network.head, cost, ~network.pinned)
