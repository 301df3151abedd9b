"""One network among equally good ones, the same whoever found the first and in whatever order the rows came.

Arcs whose reduced cost is not zero carry the same in every optimum. On the others the fairest choice is taken
(the smallest sum of squared loads), and among equally fair ones the smallest sum of lots. A lot is a number drawn
from the ids, the competency, the seed and a salt; should two choices still tie, the next salt is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.errors import NotProved
from services.matching.engine.flow import Circulation, FlowSolver
from services.matching.engine.network import Network
from services.matching.engine.proof import Arcs, Residual, prove
from services.matching.engine.table import Edges, Integers, Table, Truths

LOT_BITS = 25
_SALTS = 16
_REPAIRS = 1000
# The solver gets modest numbers; the proof is led with numbers under which fairness always comes first.
_SPREAD_FOR_SOLVER = 4 << LOT_BITS
_ONE, _TWO = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, slots=True)
class Face:
    """The arcs that optima may differ in, with their nodes numbered anew, and the units that the others carry."""

    arc: Integers
    tail: Integers
    head: Integers
    surplus: Integers

    @classmethod
    def of(cls, arcs: Arcs, flow: Truths, reduced: Integers) -> "Face":
        """The tight arcs that could lie on a cycle: two optima differ by such cycles, whichever is known."""
        tight = np.flatnonzero((reduced == 0) & arcs.free)
        turned = flow[tight]
        tail = np.where(turned, arcs.head[tight], arcs.tail[tight])
        head = np.where(turned, arcs.tail[tight], arcs.head[tight])
        arc = tight[_circular(tail, head, arcs.nodes)]
        fixed = flow.copy()
        fixed[arc] = False
        surplus = np.bincount(arcs.head[fixed], minlength=arcs.nodes)
        surplus -= np.bincount(arcs.tail[fixed], minlength=arcs.nodes)
        is_there = np.zeros(arcs.nodes, dtype=bool)
        is_there[arcs.tail[arc]], is_there[arcs.head[arc]] = True, True
        number = np.cumsum(is_there) - 1
        return cls(arc, number[arcs.tail[arc]], number[arcs.head[arc]], surplus[is_there].astype(np.int64))


def canonical_flow(
    table: Table, network: Network, flow: Truths, reduced: Integers, *, order: "Order", solver: FlowSolver
) -> Truths:
    """The one optimum that everybody comes to; `flow` is any, `reduced` are its proved reduced costs.

    Raises `NotProved` if sixteen salts in a row tie, which no instance has been seen to do.
    """
    free = Arcs(network.nodes, network.tail, network.head, reduced, ~network.pinned)
    face = Face.of(free, flow, reduced)
    result = flow.copy()
    if not len(face.arc):
        return result
    for salt in range(_SALTS):
        lots = np.zeros(len(network.tail), dtype=np.int64)
        on_face = face.arc[face.arc < network.edges]
        lots[on_face] = lots_of(table, table.edges.at(on_face), seed=order.seed, salt=salt)
        found = _spread_out(face, (network.spread[face.arc], lots[face.arc]), order, solver)
        if found is not None:
            result[face.arc] = found
            return result
    raise NotProved("every salt left a tie")


@dataclass(frozen=True, slots=True)
class Order:
    """What decides among equals, and whom to ask whether to go on."""

    seed: int
    is_cancelled: Callable[[], bool]


def _spread_out(face: Face, columns: tuple[Integers, Integers], order: Order, solver: FlowSolver) -> Truths | None:
    """The fairest choice on a face by lot, or nothing if two choices tie."""
    spread, lots = columns
    cost = _SPREAD_FOR_SOLVER * spread + lots
    found = solver(Circulation(face.tail, face.head, cost, face.surplus), order.is_cancelled)
    above_all_lots = 1 + (int(np.count_nonzero(lots)) << LOT_BITS)
    everywhere = np.ones(len(face.arc), dtype=bool)
    arcs = Arcs(len(face.surplus), face.tail, face.head, above_all_lots * spread + lots, everywhere)
    potentials = prove(arcs, found, order.is_cancelled, repairs=_REPAIRS)
    if potentials is None:
        raise NotProved("the canonical choice could not be proved")
    return None if _has_free_cycle(arcs.residual(found), potentials) else found


def _has_free_cycle(residual: Residual, potentials: Integers) -> bool:
    """Is there another choice as good: a cycle of residual arcs of no reduced cost?"""
    is_tight = residual.cost + potentials[residual.tail] == potentials[residual.head]
    return len(_circular(residual.tail[is_tight], residual.head[is_tight], len(potentials))) > 0


def _circular(tail: Integers, head: Integers, nodes: int) -> Integers:
    """The places of the arcs that are left when nodes that none enters or none leaves are taken away again and again.

    None is left exactly when there is no cycle.
    """
    places = np.arange(len(tail))
    while len(places):
        enters, leaves = np.zeros(nodes, dtype=bool), np.zeros(nodes, dtype=bool)
        enters[head[places]], leaves[tail[places]] = True, True
        stays = enters[tail[places]] & leaves[head[places]]
        if stays.all():
            break
        places = places[stays]
    return places


def lots_of(table: Table, edges: Edges, *, seed: int, salt: int = 0) -> Integers:
    """The lots of edges, 1…2²⁵: a mixture of the hashes of both ids and of the competency."""
    start = f"{seed}/{salt}"
    giver, taker = _hashes(table.ids, f"{start}/giver"), _hashes(table.ids, f"{start}/taker")
    code = _hashes(table.competencies, f"{start}/competency")
    mixed = _mixed(_mixed(_mixed(giver[edges.giver]) ^ taker[edges.taker]) ^ code[edges.competency])
    return 1 + (mixed >> np.uint64(64 - LOT_BITS)).astype(np.int64)


def _hashes(names: tuple[str, ...], start: str) -> NDArray[np.uint64]:
    prefix = f"{start}/".encode()
    digests = b"".join([sha256(prefix + name.encode()).digest()[:8] for name in names])
    return np.frombuffer(digests, dtype=">u8").astype(np.uint64)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Stafford's thirteenth variant of the 64-bit finaliser: each bit of the input moves half of the output."""
    values = (values ^ (values >> np.uint64(30))) * _ONE
    values = (values ^ (values >> np.uint64(27))) * _TWO
    return values ^ (values >> np.uint64(31))
