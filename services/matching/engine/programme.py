"""HiGHS, tamed: silent, single-threaded, the same on every machine, and stopped when asked."""

from collections.abc import Callable
from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray

from services.matching.engine.errors import Cancelled, NotProved
from services.matching.engine.table import Integers, Truths

# Objectives are integers, so a proved gap below one means none; the rest is room for rounding.
_CLOSED_GAP = 0.4
_ROUNDING = 1e-5
Reals = NDArray[np.float64]


class _QuietHighs(highspy.Highs):
    """HiGHS prints a banner while its callbacks are wired, so the silence must come before that."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the name is theirs
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]  # highspy leaves it untyped


@dataclass(frozen=True, slots=True)
class Outcome:
    """The value of each column, the proved limit of what is maximised, and what forcing a unit of a column costs."""

    values: Reals
    bound: float
    reduced: Reals

    def chosen(self, columns: Integers) -> Truths:
        """Which of these whole columns are one; `NotProved` if one of them is broken."""
        values = self.values[columns]
        if np.abs(values - np.rint(values)).max(initial=0.0) > _ROUNDING:
            raise NotProved("a choice is not whole")
        chosen: Truths = np.rint(values) > 0
        return chosen

    @property
    def whole_bound(self) -> int:
        """The limit as an integer, which is what an integer sum can reach."""
        return int(np.floor(self.bound + _ROUNDING * max(1.0, abs(self.bound) * 1e-3)))


@dataclass(slots=True)
class Programme:
    """A linear programme in the making, block by block: what is maximised, limits of columns, rows of terms."""

    _columns: list[tuple[Reals, Reals, Reals]] = field(default_factory=list)
    _rows: list[tuple[Reals, Reals]] = field(default_factory=list)
    _terms: list[tuple[Integers, Integers, Reals]] = field(default_factory=list)
    width: int = 0
    height: int = 0

    def columns(
        self, count: int, *, worth: Integers | int = 0, least: Integers | int = 0, most: Integers | int = 1
    ) -> Integers:
        """New columns; returns their numbers."""
        shaped = [np.broadcast_to(np.asarray(one, dtype=np.float64), count) for one in (worth, least, most)]
        self._columns.append((shaped[0], shaped[1], shaped[2]))
        self.width += count
        return np.arange(self.width - count, self.width)

    def rows(self, count: int, *, least: Integers | float = -np.inf, most: Integers | float = np.inf) -> Integers:
        """New rows, still without terms; returns their numbers."""
        shaped = [np.broadcast_to(np.asarray(one, dtype=np.float64), count) for one in (least, most)]
        self._rows.append((shaped[0], shaped[1]))
        self.height += count
        return np.arange(self.height - count, self.height)

    def put(self, rows: Integers, columns: Integers, value: int = 1) -> None:
        """Add value × column to each row, one by one."""
        rows, columns = np.broadcast_arrays(rows, columns)
        self._terms.append((rows, columns, np.full(len(columns), float(value))))

    def at_most(self, groups: Integers, columns: Integers, most: Integers | int) -> None:
        """The columns of each group (0, 1, …) together at most so much."""
        count = len(most) if isinstance(most, np.ndarray) else int(groups.max(initial=-1)) + 1
        rows = self.rows(count, most=most)
        self.put(rows[groups], columns)

    def with_worth(self, columns: Integers) -> "Programme":
        """The same limits, with nothing but these columns to be maximised, each at one."""
        worth, least, most = (np.concatenate(parts) for parts in zip(*self._columns, strict=True))
        worth = np.zeros(self.width)
        worth[columns] = 1.0
        return Programme([(worth, least, most)], self._rows, self._terms, self.width, self.height)

    def solve(self, is_cancelled: Callable[[], bool], *, is_whole: bool, nodes: int | None = None) -> Outcome:
        """Solve with whole columns, or without that demand; `nodes` limits the search and may leave a gap."""
        highs = quiet_solver()
        if nodes is not None:
            highs.setOptionValue("mip_max_nodes", nodes)
        highs.passModel(self._model(is_whole=is_whole))
        run(highs, is_cancelled, may_stop_early=nodes is not None)
        solution, found = highs.getSolution(), highs.getInfo()
        bound = -found.mip_dual_bound if is_whole else -found.objective_function_value
        return Outcome(np.asarray(solution.col_value), bound, np.asarray(solution.col_dual))

    def _model(self, *, is_whole: bool) -> highspy.HighsLp:
        lp = highspy.HighsLp()
        worth, least, most = (np.concatenate(parts) for parts in zip(*self._columns, strict=True))
        lp.num_col_, lp.num_row_ = self.width, self.height
        # HiGHS minimises here, so that a reduced cost is what a unit costs.
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = -worth, least, most
        lp.row_lower_, lp.row_upper_ = (np.concatenate(parts) for parts in zip(*self._rows, strict=True))
        rows, columns, values = (np.concatenate(parts) for parts in zip(*self._terms, strict=True))
        order = np.lexsort((columns, rows))
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.searchsorted(rows[order], np.arange(self.height + 1)).astype(np.int32)
        lp.a_matrix_.index_ = columns[order].astype(np.int32)
        lp.a_matrix_.value_ = values[order]
        if is_whole:
            lp.integrality_ = [highspy.HighsVarType.kInteger] * self.width
        return lp


def quiet_solver() -> highspy.Highs:
    """A solver whose path never depends on the machine: one thread, a fixed seed, no gap left open."""
    highs = _QuietHighs()  # type: ignore[no-untyped-call]  # highspy leaves it untyped
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", 0)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", _CLOSED_GAP)
    return highs


def run(highs: highspy.Highs, is_cancelled: Callable[[], bool], *, may_stop_early: bool = False) -> None:
    """Solve to the proved optimum; raises `Cancelled`, and `NotProved` for any other end."""

    def ask(event: highspy.HighsCallbackEvent) -> None:
        if is_cancelled():
            event.interrupt()

    moments = (highs.cbMipInterrupt, highs.cbSimplexInterrupt)
    for moment in moments:
        moment.subscribe(ask)
    status = _status(highs)
    for moment in moments:
        moment.unsubscribe(ask)
    if status == highspy.HighsModelStatus.kInterrupt:
        raise Cancelled
    good = {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty}
    if may_stop_early:
        good.add(highspy.HighsModelStatus.kSolutionLimit)
    if status not in good:
        raise NotProved(f"the solver stopped with {status.name}")


def _status(highs: highspy.Highs) -> highspy.HighsModelStatus:
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kNotset:
        # Somebody else in this process has used HiGHS with another number of threads.
        highspy.Highs.resetGlobalScheduler(True)
        highs.run()
        status = highs.getModelStatus()
    if status != highspy.HighsModelStatus.kSolveError:
        return status
    # Seen in HiGHS 1.16 about once in a thousand tiny models: presolve solves the model, and what it translates
    # back breaks a row. Without presolve the same model is solved, only more slowly.
    highs.setOptionValue("presolve", "off")
    highs.run()
    highs.setOptionValue("presolve", "choose")
    return highs.getModelStatus()


def solver_version() -> str:
    """The version of HiGHS."""
    return str(quiet_solver().version())
