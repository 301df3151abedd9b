"""The attacker: what the published cells alone say about each hidden number.

The rule of protection. A hidden number (a counter of a place, or the complement: whole less part) is
**protected** when a reader who has every published table and knows the tree, the reports behind each cell
and the laws between counters can neither

1. show that it lies below the threshold: its upper bound must reach the threshold (5, sensitive 10; for a
   merged school, whose staff is known to be under ten, at most nine); nor
2. know it exactly: bounds, rounded inwards to whole persons, must leave at least two values. Sums of changes
   have no threshold; their bounds must be at least one level apart.

Bounds come from linear programmes over the published sums (Fischetti M., Salazar J. J. (2001), Solving the
cell suppression problem on tabular data with linear constraints, Management Science 47(7), 1008-1027). For
one column the system is a network, so its bounds are whole numbers and exact; where relations tie several
columns, the linear bound may be wider than a search over whole numbers would give.

Not covered: a reader who also knows the true numbers of one school (two hidden neighbours can tell each other),
one who reruns the suppressor on guesses, and differences between a shown cell and its shown correction.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from chassis.refusals import Invalid
from services.reporting.disclosure.system import Solver, System, Terms, Vector, components, write_down
from services.reporting.disclosure.table import Column, Hidden, PublishedCell, Rules, Scheme

SLACK = 1e-6
NO_GOAL = -math.inf


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that is not shown: where it stands, what it sums, and how high its bound must reach."""

    place: str
    counter: str
    terms: Terms
    goal: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a reader can prove about a hidden number; whole persons except for sums of changes."""

    quantity: Quantity
    low: float
    high: float

    @property
    def is_exposed(self) -> bool:
        """Is the number proven below its threshold, or known exactly?"""
        return self.high < self.quantity.goal or self.high - self.low < 1


def bounds(cells: Sequence[PublishedCell], scheme: Scheme, rules: Rules) -> tuple[Bounds, ...]:
    """The tightest provable interval of every hidden number."""
    return tuple(one for part in _parts(cells, scheme) for one in _part_bounds(part, scheme, rules))


def exposures(cells: Sequence[PublishedCell], scheme: Scheme, rules: Rules) -> tuple[Bounds, ...]:
    """The hidden numbers that are not protected; a bound is searched only as far as that needs."""
    return tuple(one for part in _parts(cells, scheme) for one in _part_exposures(part, scheme, rules))


def is_safe(cells: Sequence[PublishedCell], scheme: Scheme, rules: Rules) -> bool:
    """Does the attacker fail at every hidden number of all the cells together?"""
    return not exposures(cells, scheme, rules)


def hidden_quantities(cells: Sequence[PublishedCell], scheme: Scheme, rules: Rules) -> tuple[Quantity, ...]:
    """Hidden counters, and complements of which a side is hidden; each sum once."""
    found: dict[Terms, Quantity] = {}
    for quantity in (*_counters(cells, scheme, rules), *_complements(cells, scheme, rules)):
        found.setdefault(quantity.terms, quantity)
    return tuple(found.values())


def _parts(cells: Sequence[PublishedCell], scheme: Scheme) -> Iterable[list[PublishedCell]]:
    for counters in components(scheme):
        yield [cell for cell in cells if cell.counter in counters]


def _counters(cells: Sequence[PublishedCell], scheme: Scheme, rules: Rules) -> Iterable[Quantity]:
    signed, sensitive = scheme.signed(), scheme.sensitive()
    for cell in cells:
        if not isinstance(cell.shown, Hidden):
            continue
        threshold = rules.threshold("sensitive" if cell.counter in sensitive else "staff")
        goal = NO_GOAL if cell.counter in signed else _goal(cell, threshold, rules)
        yield Quantity(cell.place, cell.counter, tuple((leaf, 1.0) for leaf in cell.leaves), goal)


def _complements(cells: Sequence[PublishedCell], scheme: Scheme, rules: Rules) -> Iterable[Quantity]:
    by_place: dict[tuple[str, str, date, int], PublishedCell] = {
        (cell.place, cell.counter, cell.as_of, cell.revision): cell for cell in cells
    }
    for column in guarded(scheme):
        for part in (cell for cell in cells if cell.counter == column.numerator):
            whole = by_place.get((part.place, column.denominator or "", part.as_of, part.revision))
            if whole is None or not (isinstance(part.shown, Hidden) or isinstance(whole.shown, Hidden)):
                continue
            terms = (*((leaf, 1.0) for leaf in whole.leaves), *((leaf, -1.0) for leaf in part.leaves))
            goal = _goal(part, rules.threshold(column.threshold), rules)
            yield Quantity(part.place, f"{column.denominator} - {column.numerator}", terms, goal)


def guarded(scheme: Scheme) -> tuple[Column, ...]:
    """The columns whose complement must not be told either."""
    return tuple(one for one in scheme.columns if one.unit == "share" and not one.is_complement_open)


def _goal(cell: PublishedCell, threshold: int, rules: Rules) -> float:
    return min(threshold, rules.small_place - 1) if cell.shown == Hidden("merged") else threshold


def _part_bounds(cells: Sequence[PublishedCell], scheme: Scheme, rules: Rules) -> Iterable[Bounds]:
    quantities = hidden_quantities(cells, scheme, rules)
    if not quantities:
        return
    solver = Solver(write_down(cells, scheme, rules))
    for quantity in quantities:
        ends = [_end(solver, quantity, is_upper=is_upper) for is_upper in (False, True)]
        yield _inward(quantity, ends[0], ends[1])


def _end(solver: Solver, quantity: Quantity, *, is_upper: bool) -> float:
    solution = _answer(solver, quantity, is_upper=is_upper)
    position = solver.position
    return float(sum(factor * solution[position[leaf]] for leaf, factor in quantity.terms))


def _answer(solver: Solver, quantity: Quantity, *, is_upper: bool) -> Vector:
    solution = solver.extreme(quantity.terms, is_upper=is_upper)
    if solution is None:
        raise Invalid("disclosure.contradiction")
    return solution


def _inward(quantity: Quantity, low: float, high: float) -> Bounds:
    if quantity.goal == NO_GOAL:
        return Bounds(quantity, low, high + SLACK)
    return Bounds(quantity, math.ceil(low - SLACK), math.floor(high + SLACK))


class _Seen:
    """The least and the largest value of each number over the solutions met so far.

    Any solution is one that the reader cannot rule out, so each one may acquit many numbers at once.
    """

    def __init__(self, quantities: Sequence[Quantity], system: System) -> None:
        position = system.position()
        flat = [(position[leaf], factor) for quantity in quantities for leaf, factor in quantity.terms]
        self._index = np.array([index for index, _ in flat], dtype=np.int32)
        self._factor = np.array([factor for _, factor in flat])
        self._start = np.cumsum([0, *(len(quantity.terms) for quantity in quantities[:-1])])
        self.low = np.full(len(quantities), math.inf)
        self.high = np.full(len(quantities), -math.inf)

    def learn(self, solution: Vector) -> None:
        """Widen by one more solution."""
        values = np.add.reduceat(solution[self._index] * self._factor, self._start)
        self.low, self.high = np.minimum(self.low, values), np.maximum(self.high, values)


def _part_exposures(cells: Sequence[PublishedCell], scheme: Scheme, rules: Rules) -> Iterable[Bounds]:
    quantities = hidden_quantities(cells, scheme, rules)
    if not quantities:
        return
    system = write_down(cells, scheme, rules)
    solver, seen = Solver(system), _Seen(quantities, system)
    seen.learn(_answer(solver, quantities[0], is_upper=True))
    for is_upper in (True, False):
        for number, quantity in enumerate(quantities):
            if _inward(quantity, seen.low[number], seen.high[number]).is_exposed:
                seen.learn(_answer(solver, quantity, is_upper=is_upper))
    for number, quantity in enumerate(quantities):
        found = _inward(quantity, seen.low[number], seen.high[number])
        if found.is_exposed:
            yield found
