"""The suppressor: hides more cells until the attacker fails.

After the primary cells, each number that the attacker still exposes is mended by one linear programme: move
that number to where it would be protected, at the least cost of shown cells that must move with it; the
cells that moved are hidden. The mended table is attacked again (Kelly J. P., Golden B. L., Assad A. A.
(1992), Cell suppression: disclosure protection for sensitive tabular data, Networks 22(4), 397-417). Each
turn hides a cell, so it ends; the same input gives the same output.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import highspy
import numpy as np

from chassis.refusals import Conflict
from services.reporting.disclosure.attack import NO_GOAL, Bounds, exposures
from services.reporting.disclosure.primary import Spot, follow, lay_out, primary, render, sticky
from services.reporting.disclosure.system import (
    NOBODY_HAS_MORE,
    Row,
    Solver,
    System,
    Terms,
    Vector,
    components,
    write_down,
)
from services.reporting.disclosure.table import (
    Hidden,
    Leaf,
    ProtectedTable,
    PublishedCell,
    Rules,
    Slot,
    Table,
    check,
)

MOVED = 1e-6
ZERO_COSTS_LIKE = 7.0


@dataclass(frozen=True, slots=True)
class _Task:
    """One component of a table: what may be shown of it, and what is known beside it."""

    table: Table
    rules: Rules
    spots: tuple[Spot, ...]
    counters: frozenset[str]
    earlier: tuple[PublishedCell, ...]

    def cells(self, hidden: Mapping[Slot, Hidden]) -> tuple[PublishedCell, ...]:
        """The cells of the new table in this component."""
        return render(self.table, self.spots, hidden=hidden, counters=self.counters)

    def exposed(self, hidden: Mapping[Slot, Hidden]) -> tuple[Bounds, ...]:
        """What the attacker finds in the new cells and the earlier ones together."""
        return exposures((*self.earlier, *self.cells(hidden)), self.table.scheme, self.rules)

    def blacked_out(self, hidden: Mapping[Slot, Hidden]) -> dict[Slot, Hidden]:
        """Nothing new shown at all."""
        return {(spot.place, counter): Hidden() for spot in self.spots for counter in self.counters} | dict(hidden)


def protect(table: Table, *, rules: Rules, already_published: Sequence[PublishedCell] = ()) -> ProtectedTable:
    """Hide what must be hidden, jointly with everything published before; totals are true sums.

    A cell that was hidden for the same as-of date stays hidden. Invalid when the table contradicts itself or
    what was published, Conflict when this revision was published already. What earlier tables give away
    cannot be taken back: `given_away` names it.
    """
    check(table)
    if any((cell.as_of, cell.revision) == (table.as_of, table.revision) for cell in already_published):
        raise Conflict("disclosure.revision-used", as_of=table.as_of.isoformat(), revision=table.revision)
    spots = lay_out(table, rules)
    hidden = sticky(table, spots, already_published) | primary(table, spots, rules)
    given_away: list[Slot] = []
    for counters in components(table.scheme):
        earlier = tuple(cell for cell in already_published if cell.counter in counters)
        task = _Task(table, rules, spots, counters, earlier)
        lost = _beyond_help(task, hidden)
        hidden = _mend(task, hidden, lost)
        given_away += [(one.quantity.place, one.quantity.counter) for one in task.exposed(hidden) if lost]
    hidden |= follow(table, spots, hidden)
    everything = {*table.scheme.counters(), *table.scheme.companions()}
    cells = render(table, spots, hidden=hidden, counters=everything)
    return ProtectedTable(cells, table.scheme, tuple(given_away))


def _beyond_help(task: _Task, hidden: Mapping[Slot, Hidden]) -> frozenset[Terms]:
    """Numbers that stay exposed even when nothing new is shown."""
    if not task.earlier:
        return frozenset()
    return frozenset(one.quantity.terms for one in task.exposed(task.blacked_out(hidden)))


def _mend(task: _Task, hidden: dict[Slot, Hidden], lost: frozenset[Terms]) -> dict[Slot, Hidden]:
    menders: list[_Mender] = []
    while True:
        exposed = [one for one in task.exposed(hidden) if one.quantity.terms not in lost]
        if not exposed:
            return hidden
        menders = menders or [_Mender(task, hidden)]
        before = len(hidden)
        for one in sorted(exposed, key=_is_known_only):
            hidden = hidden | menders[0].cover(one, hidden)
        if len(hidden) == before:
            hidden = task.blacked_out(hidden)


class _Mender:
    """The system in which every new cell may move, at a price while it is shown and freely when hidden."""

    def __init__(self, task: _Task, hidden: Mapping[Slot, Hidden]) -> None:
        self._cells = [cell for cell in task.cells(hidden) if not isinstance(cell.shown, Hidden)]
        unbound = [replace(cell, shown=Hidden()) for cell in self._cells]
        bound = [cell for cell in task.cells(hidden) if isinstance(cell.shown, Hidden)]
        known = write_down([*task.earlier, *bound, *unbound], task.table.scheme, task.rules)
        self._free = len(known.leaves)
        self._prices = _prices(task.spots, self._cells)
        self._solver = Solver(_elastic(known, self._cells))

    def cover(self, exposed: Bounds, hidden: Mapping[Slot, Hidden]) -> dict[Slot, Hidden]:
        """The cheapest shown cells that must be hidden for one number; nothing where no cells would help."""
        cost = self._cost(hidden)
        answers = [self._solver.wish(wish, cost) for wish in _wishes(exposed)]
        possible = [answer for answer in answers if answer is not None]
        if not possible:
            return {}
        cheapest = min(possible, key=lambda answer: round(float(cost @ answer), 6))
        return {slot: Hidden() for slot in self._moved(cheapest) if slot not in hidden}

    def _cost(self, hidden: Mapping[Slot, Hidden]) -> Vector:
        is_shown = [(cell.place, cell.counter) not in hidden for cell in self._cells]
        return np.concatenate([np.zeros(self._free), np.repeat(self._prices * np.array(is_shown), 2)])

    def _moved(self, solution: Vector) -> list[Slot]:
        levers = solution[self._free :].reshape(-1, 2)
        has_moved = np.abs(levers[:, 0] - levers[:, 1]) > MOVED
        return [(cell.place, cell.counter) for cell, moved in zip(self._cells, has_moved, strict=True) if moved]


def _is_known_only(exposed: Bounds) -> bool:
    """Is the number large enough, and exposed only because it is known exactly? The others come first."""
    return exposed.high >= exposed.quantity.goal


def _wishes(exposed: Bounds) -> list[Row]:
    """Where the number should be able to stand: at its threshold and above its bound, or below its bound."""
    quantity = exposed.quantity
    higher = exposed.high + 1 if quantity.goal == NO_GOAL else max(quantity.goal, exposed.high + 1)
    wishes = [Row(quantity.terms, higher, highspy.kHighsInf)]
    if _is_known_only(exposed):
        wishes.append(Row(quantity.terms, -highspy.kHighsInf, exposed.low - 1))
    return wishes


def _elastic(known: System, cells: Sequence[PublishedCell]) -> System:
    """The known system, and each shown cell with two levers that move it up or down."""
    levers: list[Leaf] = []
    rows: list[Row] = []
    for cell in cells:
        if isinstance(cell.shown, Hidden):
            continue
        up, down = ("+", cell.place, cell.counter), ("-", cell.place, cell.counter)
        levers += [up, down]
        terms = (*((leaf, 1.0) for leaf in cell.leaves), (up, -1.0), (down, 1.0))
        rows.append(Row(terms, cell.shown, cell.shown))
    return System(
        leaves=(*known.leaves, *levers),
        low=np.concatenate([known.low, np.zeros(len(levers))]),
        high=np.concatenate([known.high, np.full(len(levers), NOBODY_HAS_MORE)]),
        rows=(*known.rows, *rows),
    )


def _prices(spots: Sequence[Spot], cells: Sequence[PublishedCell]) -> Vector:
    """What it costs to move a shown cell by one person: small cells first, totals last, ties by order."""
    heights = {spot.place: spot.height for spot in spots}
    prices = []
    for rank, cell in enumerate(cells):
        value = 0.0 if isinstance(cell.shown, Hidden) else abs(cell.shown)
        weight = 1 + math.log1p(value or ZERO_COSTS_LIKE)
        prices.append(4.0 ** heights[cell.place] * weight + 1e-3 * rank / len(cells))
    return np.array(prices)
