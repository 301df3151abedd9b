"""Who solves a circulation of least cost: OR-Tools where it is installed, HiGHS everywhere.

Both get the same arcs of capacity one and answer with the arcs that carry a unit. Neither is trusted: the answer
is checked and proved in `proof`, in exact integers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Literal, Protocol

import highspy
import numpy as np

from services.matching.engine.errors import NotProved
from services.matching.engine.programme import quiet_solver, run, solver_version
from services.matching.engine.table import Integers, Truths

SolverName = Literal["auto", "flow", "highs"]


@dataclass(frozen=True, slots=True)
class Circulation:
    """Arcs of capacity one with costs; `surplus` units are born at each node and must flow off (negative: to it)."""

    tail: Integers
    head: Integers
    cost: Integers
    surplus: Integers


class FlowSolver(Protocol):
    """One way to solve a circulation."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def __call__(self, task: Circulation, is_cancelled: Callable[[], bool]) -> Truths:
        """The arcs that carry a unit; `NotProved` when the solver gives up, `Cancelled` when asked to."""
        ...


@dataclass(frozen=True, slots=True)
class OrTools:
    """The cost-scaling flow of OR-Tools: the fastest, and deaf to a cancel while it runs."""

    name: str = "OR-Tools"

    @property
    def version(self) -> str:
        return str(import_module("ortools").__version__)

    def __call__(self, task: Circulation, is_cancelled: Callable[[], bool]) -> Truths:
        # Imported late: most processes never solve anything, and a bare installation lives without it.
        engine = import_module("ortools.graph.python.min_cost_flow").SimpleMinCostFlow()
        ones = np.ones(len(task.tail), dtype=np.int64)
        arcs = engine.add_arcs_with_capacity_and_unit_cost(task.tail, task.head, ones, task.cost)
        nodes = np.flatnonzero(task.surplus)
        engine.set_nodes_supplies(nodes, task.surplus[nodes])
        status = engine.solve()
        if status != engine.OPTIMAL:
            raise NotProved(f"OR-Tools stopped with {status.name}")
        return np.asarray(engine.flows(arcs)) > 0


@dataclass(frozen=True, slots=True)
class HighsFlow:
    """The simplex of HiGHS on the network's linear programme, whose corners are whole."""

    name: str = "HiGHS"

    @property
    def version(self) -> str:
        return solver_version()

    def __call__(self, task: Circulation, is_cancelled: Callable[[], bool]) -> Truths:
        highs = quiet_solver()
        highs.passModel(_programme(task))
        run(highs, is_cancelled)
        return np.asarray(highs.getSolution().col_value) > 0.5


def solver_of(name: SolverName) -> FlowSolver:
    """The solver of this name; `auto` is OR-Tools if it is installed. `ModuleNotFoundError` if it is not."""
    if name == "highs" or (name == "auto" and not is_flow_installed()):
        return HighsFlow()
    if not is_flow_installed():
        raise ModuleNotFoundError("ortools")
    return OrTools()


def is_flow_installed() -> bool:
    """Is OR-Tools there?"""
    return find_spec("ortools") is not None


def _programme(task: Circulation) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    arcs, nodes = len(task.tail), len(task.surplus)
    lp.num_col_, lp.num_row_ = arcs, nodes
    lp.col_cost_ = task.cost.astype(np.float64)
    lp.col_lower_, lp.col_upper_ = np.zeros(arcs), np.ones(arcs)
    lp.row_lower_ = lp.row_upper_ = task.surplus.astype(np.float64)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(0, 2 * arcs + 1, 2, dtype=np.int32)
    lp.a_matrix_.index_ = np.column_stack((task.tail, task.head)).ravel().astype(np.int32)
    lp.a_matrix_.value_ = np.tile(np.array([1.0, -1.0]), arcs)
    return lp
