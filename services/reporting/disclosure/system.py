"""The linear system that a reader of the published tables can write down, and its solver.

Unknowns are the counts of schools. Known: published cells are sums of them, counts are not negative, a part
is not above its whole, a sum of changes is within the span per person, the relations between counters, and
that a merged school is small.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt

from chassis.refusals import Invalid
from services.reporting.disclosure.table import Hidden, Leaf, PublishedCell, Rules, Scheme

Vector = npt.NDArray[np.float64]
Terms = tuple[tuple[Leaf, float], ...]

NOBODY_HAS_MORE = 1e6


@dataclass(frozen=True, slots=True)
class Row:
    """A sum of unknowns that lies between two bounds."""

    terms: Terms
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class System:
    """Unknowns with their bounds, and the rows over them."""

    leaves: tuple[Leaf, ...]
    low: Vector
    high: Vector
    rows: tuple[Row, ...]

    def position(self) -> Mapping[Leaf, int]:
        """Where each unknown stands in a solution."""
        return {leaf: index for index, leaf in enumerate(self.leaves)}


def components(scheme: Scheme) -> tuple[frozenset[str], ...]:
    """Counters that a column or a relation ties together, directly or through others."""
    ties = [set(column.counters) for column in scheme.columns]
    ties += [{counter for counter, _ in relation.terms} for relation in scheme.relations]
    groups: list[set[str]] = []
    for tie in ties:
        touched = [group for group in groups if group & tie]
        groups = [group for group in groups if not group & tie] + [tie.union(*touched)]
    return tuple(sorted((frozenset(group) for group in groups), key=sorted))


def write_down(cells: Sequence[PublishedCell], scheme: Scheme, rules: Rules) -> System:
    """Everything that the cells of one component tell their reader."""
    names = _names(cells, scheme)
    leaves = tuple(sorted({leaf for cell in cells for leaf in cell.leaves} | names))
    position = {leaf: index for index, leaf in enumerate(leaves)}
    signed = scheme.signed()
    low = np.array([-NOBODY_HAS_MORE if leaf[2] in signed else 0.0 for leaf in leaves])
    high = np.full(len(leaves), NOBODY_HAS_MORE)
    rows = list(_structure(sorted({leaf[:2] for leaf in leaves}), scheme, rules, set(leaves)))
    for cell in cells:
        if isinstance(cell.shown, Hidden):
            _bound_merged(cell, high, position, rules)
        elif len(cell.made_of) == 1:
            _fix(position[cell.leaves[0]], cell.shown, low=low, high=high)
        else:
            rows.append(Row(tuple((leaf, 1.0) for leaf in cell.leaves), cell.shown, cell.shown))
    return System(leaves, low, high, tuple(rows))


def _fix(index: int, shown: float, *, low: Vector, high: Vector) -> None:
    if not low[index] <= shown <= high[index]:
        raise Invalid("disclosure.contradiction")
    low[index] = high[index] = shown


def _names(cells: Sequence[PublishedCell], scheme: Scheme) -> set[Leaf]:
    """Unknowns of relations that no cell speaks of still tie those that are."""
    present = {cell.counter for cell in cells}
    schools = {pair for cell in cells for pair in cell.made_of}
    tied = {
        counter
        for relation in scheme.relations
        if any(name in present for name, _ in relation.terms)
        for counter, _ in relation.terms
    }
    return {(school, edition, counter) for school, edition in schools for counter in tied}


def _bound_merged(cell: PublishedCell, high: Vector, position: Mapping[Leaf, int], rules: Rules) -> None:
    if cell.shown == Hidden("merged") and cell.counter == rules.headcount:
        high[position[cell.leaves[0]]] = rules.small_place - 1


def _structure(schools: Iterable[tuple[str, ...]], scheme: Scheme, rules: Rules, known: set[Leaf]) -> Iterable[Row]:
    for school, edition in schools:
        for terms, is_exact in _laws(scheme, rules):
            row = tuple(((school, edition, counter), factor) for counter, factor in terms)
            if all(leaf in known for leaf, _ in row):
                yield Row(row, 0.0 if is_exact else -highspy.kHighsInf, 0.0)


def _laws(scheme: Scheme, rules: Rules) -> Iterable[tuple[tuple[tuple[str, float], ...], bool]]:
    """Sums over the counters of one school that are at most zero, or exactly."""
    for column in scheme.columns:
        if column.denominator is not None and column.unit == "share":
            yield ((column.numerator, 1.0), (column.denominator, -1.0)), False
        if column.denominator is not None and column.unit == "mean":
            yield ((column.numerator, 1.0), (column.denominator, -rules.mean_span)), False
            yield ((column.numerator, -1.0), (column.denominator, -rules.mean_span)), False
    for relation in scheme.relations:
        yield tuple((counter, float(factor)) for counter, factor in relation.terms), relation.is_exact


class _QuietHighs(highspy.Highs):
    """HiGHS prints a banner while its callbacks are wired; no callback is needed here, and no banner."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the name is theirs
        self.silent()


class Solver:
    """HiGHS on one system; repeated questions start from the last answer. One thread, fixed seed."""

    def __init__(self, system: System) -> None:
        self._width = len(system.leaves)
        self.position = system.position()
        self._highs = _QuietHighs()  # type: ignore[no-untyped-call]  # highspy leaves it untyped
        self._highs.setOptionValue("threads", 1)
        self._highs.setOptionValue("random_seed", 0)
        self._highs.setOptionValue("solver", "simplex")
        self._highs.passModel(_model(system, self.position))
        self._costs = np.arange(self._width, dtype=np.int32)

    def extreme(self, terms: Terms, *, is_upper: bool) -> Vector | None:
        """A solution in which the sum is largest (or smallest); None when the system has no solution."""
        cost = np.zeros(self._width)
        for leaf, factor in terms:
            cost[self.position[leaf]] += -factor if is_upper else factor
        return self.cheapest(cost)

    def wish(self, row: Row, cost: Vector) -> Vector | None:
        """A solution of least cost that also keeps `row`; the row is taken out again."""
        places = np.array([self.position[leaf] for leaf, _ in row.terms], dtype=np.int32)
        factors = np.array([factor for _, factor in row.terms])
        self._highs.addRow(row.low, row.high, len(places), places, factors)
        solution = self.cheapest(cost)
        self._highs.deleteRows(1, np.array([self._highs.getNumRow() - 1], dtype=np.int32))
        return solution

    def cheapest(self, cost: Vector) -> Vector | None:
        """A solution of least cost; None when there is no solution."""
        self._highs.changeColsCost(self._width, self._costs, cost)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return np.array(self._highs.getSolution().col_value, dtype=np.float64)
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        raise Invalid("disclosure.unsolved", outcome=str(status))


def _model(system: System, position: Mapping[Leaf, int]) -> highspy.HighsLp:
    entries = [[(position[leaf], factor) for leaf, factor in row.terms] for row in system.rows]
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(system.leaves), len(entries)
    lp.col_cost_ = np.zeros(len(system.leaves))
    lp.col_lower_, lp.col_upper_ = system.low, system.high
    lp.row_lower_ = np.array([row.low for row in system.rows], dtype=np.float64)
    lp.row_upper_ = np.array([row.high for row in system.rows], dtype=np.float64)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0, *map(len, entries)], dtype=np.int32)
    lp.a_matrix_.index_ = np.array([index for entry in entries for index, _ in entry], dtype=np.int32)
    lp.a_matrix_.value_ = np.array([factor for entry in entries for _, factor in entry], dtype=np.float64)
    return lp
