"""The exact price of a pin or a ban before it is applied, and the people who would move.

Forcing one edge in or out of a proved optimum changes it along one cheapest way in the residual network (Busacker
and Gowen 1960): the result is an optimum of the changed task, found without solving it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from chassis.refusals import Conflict
from services.matching.engine.exact import Tally
from services.matching.engine.optimum import Optimum
from services.matching.engine.paths import UNREACHED, ways_from
from services.matching.engine.problem import Ban, Edge, EdgeKey, Instance, PairKey, Pin
from services.matching.engine.solve import Solution, solve
from services.matching.engine.table import Integers

# Up to here the changed task is simply solved: then the people named are exactly those who will move.
SOLVED_UP_TO = 2_000


@dataclass(frozen=True, slots=True)
class Price:
    """What a change would change, with a minus where it is less.

    People with both roles, people reached, score less load, promised places left empty; which pairs would part and
    which would be formed instead.
    """

    dual: int
    covered: int
    value: int
    short: int
    parted: tuple[Edge, ...]
    formed: tuple[Edge, ...]

    @property
    def lose_giving(self) -> tuple[str, ...]:
        """Who would lose a pairing as a giver and get none instead."""
        return _only({edge.giver for edge in self.parted}, {edge.giver for edge in self.formed})

    @property
    def lose_taking(self) -> tuple[str, ...]:
        """Who would lose a pairing as a taker and get none instead."""
        return _only({edge.taker for edge in self.parted}, {edge.taker for edge in self.formed})


def _only(some: set[str], others: set[str]) -> tuple[str, ...]:
    return tuple(sorted(some - others))


def price_of(instance: Instance, solution: Solution, *, pins: Sequence[Pin] = (), bans: Sequence[Ban] = ()) -> Price:
    """The price of pins and bans against a dual-first solution of the instance.

    Raises `Conflict` for pins that cannot be kept. Above two thousand people one pin or one ban at a time is
    priced along the cheapest way, which among equally good changes may name other people than a new run would.
    """
    changed = replace(instance, pins=(*instance.pins, *pins), bans=(*instance.bans, *bans))
    found = solution.optimum
    if found is not None and len(instance.people) > SOLVED_UP_TO and len(pins) + len(bans) == 1:
        return price_of_pin(found, pins[0].key) if pins else price_of_ban(found, bans[0].key)
    after = solve(changed, variant="dual-first", seed=solution.certificate.seed)
    return difference(solution, after)


def difference(before: Solution, after: Solution) -> Price:
    """What one solution has that another has not."""
    old, new, gone = before.certificate, after.certificate, set(before.matches)
    return Price(
        dual=new.dual - old.dual,
        covered=new.covered - old.covered,
        value=(new.score - new.load) - (old.score - old.load),
        short=new.short - old.short,
        parted=tuple(edge for edge in before.matches if edge not in set(after.matches)),
        formed=tuple(edge for edge in after.matches if edge not in gone),
    )


def price_of_pin(found: Optimum, key: EdgeKey) -> Price:
    """The price of one more pin; `Conflict` if it is `matching.pin-not-allowed` or `matching.pin-impossible`."""
    sides = {"giver": key[0], "taker": key[1], "competency": key[2]}
    if not found.table.has(key):
        raise Conflict("matching.pin-not-allowed", field="pins", **sides)
    place = found.table.place_of(key)
    if found.flow[place]:
        return _price(found, np.zeros(0, dtype=np.int64))
    closed = np.zeros(len(found.flow), dtype=bool)
    closed[place] = True
    start, end = int(found.network.head[place]), int(found.network.tail[place])
    ways = ways_from(found, start, closed=closed)
    if ways.cost[end] >= UNREACHED:
        raise Conflict("matching.pin-impossible", field="pins", **sides)
    return _price(found, np.append(ways.arcs_to(end), place))


def price_of_ban(found: Optimum, pair: PairKey) -> Price:
    """The price of one more ban; `Conflict` (`matching.pin-banned`) if the pair is pinned."""
    table = found.table
    giver, taker = (table.ids.index(one) for one in pair)
    edges = np.flatnonzero((table.edges.giver == giver) & (table.edges.taker == taker))
    used = edges[found.flow[edges]]
    if found.network.pinned[edges].any():
        raise Conflict("matching.pin-banned", field="bans", giver=pair[0], taker=pair[1])
    if not len(used):
        return _price(found, used)
    closed = np.zeros(len(found.flow), dtype=bool)
    closed[edges] = True
    start, end = int(found.network.tail[used[0]]), int(found.network.head[used[0]])
    return _price(found, np.append(ways_from(found, start, closed=closed).arcs_to(end), used[0]))


def _price(found: Optimum, turned: Integers) -> Price:
    """The price of turning these arcs round."""
    flow = found.flow.copy()
    flow[turned] ^= True
    chosen = np.flatnonzero(flow[: found.network.edges])
    before, after = Tally.of(found.table, found.chosen), Tally.of(found.table, chosen)
    return Price(
        dual=after.dual - before.dual,
        covered=after.covered - before.covered,
        value=(after.score - after.load) - (before.score - before.load),
        short=after.short - before.short,
        parted=found.table.named(np.setdiff1d(found.chosen, chosen)),
        formed=found.table.named(np.setdiff1d(chosen, found.chosen)),
    )
