"""No solver is trusted: what one answers wrongly is repaired or refused."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine.errors import NotProved
from services.matching.engine.flow import Circulation, HighsFlow
from services.matching.engine.goals import dual_first
from services.matching.engine.offers import table_of
from services.matching.engine.optimum import Search, proving_weights
from services.matching.engine.problem import Instance
from services.matching.engine.solve import solve
from services.matching.engine.table import Truths
from tests.matching.riddles import a_riddle
from tests.matching.tasks import city

riddles = st.integers(0, 10**9).map(a_riddle)


@dataclass(frozen=True, slots=True)
class Lazy:
    """A solver that does as little as the rules allow."""

    name: str = "lazy"
    version: str = "0"

    def __call__(self, task: Circulation, is_cancelled: Callable[[], bool]) -> Truths:
        if not task.surplus.any():
            return np.zeros(len(task.tail), dtype=bool)
        free = Circulation(task.tail, task.head, np.zeros_like(task.cost), task.surplus)
        return HighsFlow()(free, is_cancelled)


@dataclass(frozen=True, slots=True)
class Weak:
    """A lazy solver that gives up when the largest cost is one of these, or always."""

    gives_up_at: frozenset[int] | None = None
    name: str = "weak"
    version: str = "0"

    def __call__(self, task: Circulation, is_cancelled: Callable[[], bool]) -> Truths:
        if self.gives_up_at is None or int(np.abs(task.cost).max(initial=0)) in self.gives_up_at:
            raise NotProved("too large for me")
        return Lazy()(task, is_cancelled)


def with_solver(task: Instance, solver: Lazy | Weak) -> list[int]:
    search = Search(solver, 0, lambda *_: None, lambda: False)
    chosen: list[int] = dual_first(table_of(task), search).chosen.tolist()
    return chosen


@settings(max_examples=80, deadline=None, derandomize=True)
@given(riddles)
def test_the_laziest_solver_is_repaired_to_the_very_same_network(task: Instance) -> None:
    best = solve(task)

    chosen = with_solver(task, Lazy())

    assert table_of(task).named(np.array(chosen, dtype=np.int64)) == best.matches


def test_a_whole_city_is_repaired_from_nothing() -> None:
    task = city()

    chosen = with_solver(task, Lazy())

    assert table_of(task).named(np.array(chosen)) == solve(task).matches


def test_a_solver_that_cannot_count_so_far_is_repaired_from_its_light_answer() -> None:
    task = city()
    true = proving_weights(table_of(task)).role

    chosen = with_solver(task, Weak(gives_up_at=frozenset({2 * true})))

    assert table_of(task).named(np.array(chosen)) == solve(task).matches


def test_a_solver_that_always_gives_up_is_no_result() -> None:
    with pytest.raises(NotProved):
        with_solver(city(), Weak())
