"""The network as an integer programme in HiGHS, solved goal after goal.

One binary column per edge, four per person: gives, takes, has both roles, has at least one. Goals are reached
one after the other, each held as a floor under the next. Weights that pack several goals into one number
would be faster, but their size would leave the solver's tolerances no room.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import highspy
import numpy as np
from numpy.typing import NDArray

from services.matching.engine.problem import Edge, Instance

# Objectives are integers, so a proved gap below one means none; the rest is room for rounding.
_CLOSED_GAP = 0.4
_ROUNDING = 1e-5


class Cancelled(Exception):
    """The caller no longer wants the answer."""


class NotProved(Exception):
    """The solver's answer does not hold in exact integers; the result must not be used."""


class Goal(StrEnum):
    """What is maximised, also the name of the step in a report of progress."""

    DUAL = "dual"
    COVERED = "covered"
    SCORE = "score"
    TIE = "tie"


@dataclass(frozen=True, slots=True)
class Answer:
    """The chosen edges by position, and the integer bound that the solver proved for the goal."""

    chosen: tuple[int, ...]
    bound: int


@dataclass(slots=True)
class _Rows:
    """Sparse rows of the form Σ value·column ≤ limit, in the making."""

    starts: list[int] = field(default_factory=lambda: [0])
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)

    def add(self, limit: float, plus: Iterable[int], minus: Iterable[int] = ()) -> None:
        for sign, columns in ((1.0, plus), (-1.0, minus)):
            for column in columns:
                self.columns.append(column)
                self.values.append(sign)
        self.starts.append(len(self.columns))
        self.limits.append(limit)


class _QuietHighs(highspy.Highs):
    """HiGHS prints a banner while its callbacks are wired, so the silence must come before that."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the name is theirs
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]  # highspy leaves it untyped


class Network:
    """One instance as a HiGHS model; `maximise` and `hold` in turn make the order of the goals."""

    def __init__(self, instance: Instance, edges: Sequence[Edge], *, tie_break: Sequence[int]) -> None:
        self._edges = len(edges)
        self._people = len(instance.people)
        self._weights = {
            Goal.DUAL: self._per_person(block=2),
            Goal.COVERED: self._per_person(block=3),
            Goal.SCORE: self._per_edge([edge.score for edge in edges]),
            Goal.TIE: self._per_edge(tie_break),
        }
        self._highs = _quiet_solver()
        self._highs.passModel(self._programme(instance, edges))

    @property
    def solver_version(self) -> str:
        return str(self._highs.version())

    def maximise(self, goal: Goal, *, is_cancelled: Callable[[], bool]) -> Answer:
        """The best choice of edges for a goal under all that is held; raises `Cancelled` or `NotProved`."""
        if not self._edges:
            return Answer((), bound=0)
        columns = np.arange(self._columns, dtype=np.int32)
        self._highs.changeColsCost(self._columns, columns, self._weights[goal])
        self._run(is_cancelled)
        values = np.asarray(self._highs.getSolution().col_value)[: self._edges]
        if np.abs(values - np.rint(values)).max(initial=0.0) > _ROUNDING:
            raise NotProved(f"{goal}: a choice is not whole")
        bound = int(np.rint(self._highs.getInfo().mip_dual_bound))
        return Answer(tuple(int(place) for place in np.flatnonzero(np.rint(values))), bound)

    def hold(self, goal: Goal, value: int) -> None:
        """From now on no answer may fall below this value of the goal."""
        weights = self._weights[goal]
        places = np.flatnonzero(weights).astype(np.int32)
        self._highs.addRow(float(value), highspy.kHighsInf, len(places), places, weights[places])

    def _run(self, is_cancelled: Callable[[], bool]) -> None:
        def ask(event: highspy.HighsCallbackEvent) -> None:
            if is_cancelled():
                event.interrupt()

        for moment in (self._highs.cbMipInterrupt, self._highs.cbSimplexInterrupt):
            moment.subscribe(ask)
        status = self._status()
        for moment in (self._highs.cbMipInterrupt, self._highs.cbSimplexInterrupt):
            moment.unsubscribe(ask)
        if status == highspy.HighsModelStatus.kInterrupt:
            raise Cancelled
        if status != highspy.HighsModelStatus.kOptimal:
            raise NotProved(f"the solver stopped with {status.name}")

    def _status(self) -> highspy.HighsModelStatus:
        self._highs.run()
        status = self._highs.getModelStatus()
        if status != highspy.HighsModelStatus.kSolveError:
            return status
        # Seen in HiGHS 1.16 about once in a thousand tiny models: presolve solves the model, and what it translates
        # back breaks a row. Without presolve the same model is solved, only more slowly.
        self._highs.setOptionValue("presolve", "off")
        self._highs.run()
        self._highs.setOptionValue("presolve", "choose")
        return self._highs.getModelStatus()

    @property
    def _columns(self) -> int:
        return self._edges + 4 * self._people

    def _per_person(self, *, block: int) -> NDArray[np.float64]:
        weights = np.zeros(self._columns)
        first = self._edges + block * self._people
        weights[first : first + self._people] = 1.0
        return weights

    def _per_edge(self, values: Sequence[int]) -> NDArray[np.float64]:
        weights = np.zeros(self._columns)
        weights[: self._edges] = values
        return weights

    def _programme(self, instance: Instance, edges: Sequence[Edge]) -> highspy.HighsLp:
        rows = _Rows()
        _add_limits(rows, instance, edges)
        _add_roles(rows, instance, edges)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self._columns, len(rows.limits)
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_ = np.zeros(self._columns)
        lp.col_lower_ = self._pinned(instance, edges)
        lp.col_upper_ = np.ones(self._columns)
        lp.integrality_ = [highspy.HighsVarType.kInteger] * self._columns
        lp.row_lower_ = np.full(len(rows.limits), -highspy.kHighsInf)
        lp.row_upper_ = np.array(rows.limits)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(rows.starts, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(rows.columns, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(rows.values)
        return lp

    def _pinned(self, instance: Instance, edges: Sequence[Edge]) -> NDArray[np.float64]:
        pins = {pin.key for pin in instance.pins}
        return self._per_edge([int(edge.key in pins) for edge in edges])


def _quiet_solver() -> _QuietHighs:
    highs = _QuietHighs()  # type: ignore[no-untyped-call]  # highspy leaves it untyped
    # One thread and a fixed seed: the path of the search never depends on the machine.
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", 0)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", _CLOSED_GAP)
    return highs


def _add_limits(rows: _Rows, instance: Instance, edges: Sequence[Edge]) -> None:
    """Each need once, each ordered pair once, nobody over capacity."""
    for places in _places(edge.key[1:] for edge in edges).values():
        rows.add(1, places)
    for places in _places(edge.key[:2] for edge in edges).values():
        rows.add(1, places)
    gives, takes = _places(edge.giver for edge in edges), _places(edge.taker for edge in edges)
    for person in instance.people:
        rows.add(person.give_capacity, gives[person.id])
        rows.add(person.take_capacity, takes[person.id])


def _add_roles(rows: _Rows, instance: Instance, edges: Sequence[Edge]) -> None:
    """A role is had only by who has an edge for it; both roles need each, at least one needs either."""
    givers, takers = _places(edge.giver for edge in edges), _places(edge.taker for edge in edges)
    count = len(instance.people)
    for place, person in enumerate(instance.people, start=len(edges)):
        gives, takes, dual, covered = (place + block * count for block in range(4))
        rows.add(0, [gives], givers[person.id])
        rows.add(0, [takes], takers[person.id])
        rows.add(0, [dual], [gives])
        rows.add(0, [dual], [takes])
        rows.add(0, [covered], [gives, takes])


def _places(keys: Iterable[Hashable]) -> defaultdict[Hashable, list[int]]:
    places: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        places[key].append(place)
    return places
