"""The flow against solvers that know nothing of it: integer programmes goal by goal, and brute force."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine.flow import SolverName, is_flow_installed
from services.matching.engine.offers import edges
from services.matching.engine.problem import Instance
from services.matching.engine.solve import Solution, point, solve
from tests.matching.oracle import Oracle, Worth, best_by_brute_force
from tests.matching.riddles import a_riddle, shuffled
from tests.matching.tasks import is_legal

riddles = st.integers(0, 10**9).map(a_riddle)
small_riddles = st.integers(0, 10**9).map(lambda seed: a_riddle(seed, most_people=7, most_edges=11))
SOLVERS: tuple[SolverName, ...] = ("flow", "highs") if is_flow_installed() else ("highs",)


def worth(solution: Solution) -> Worth:
    found = solution.certificate
    return Worth(found.short, found.dual, found.covered, found.score - found.load)


def as_bytes(solution: Solution) -> bytes:
    """Everything that must not depend on who solved it and in what order the rows came."""
    assert solution.optimum is not None
    kept = asdict(solution.certificate)
    for measured in ("seconds", "solver", "solver_version"):
        del kept[measured]
    pairs = [asdict(edge) for edge in solution.matches]
    return json.dumps([pairs, kept, solution.optimum.potentials.tolist()]).encode()


@pytest.mark.slow
@settings(max_examples=600, deadline=None, derandomize=True)
@given(riddles)
def test_the_flow_equals_an_integer_programme_goal_by_goal(task: Instance) -> None:
    solution = solve(task)

    assert worth(solution) == Oracle(task, edges(task)).best()
    assert is_legal(task, solution.matches)
    assert solution.certificate.gap == 0


@settings(max_examples=150, deadline=None, derandomize=True)
@given(small_riddles)
@pytest.mark.slow
def test_the_flow_equals_the_best_of_all_choices(task: Instance) -> None:
    assert worth(solve(task)) == best_by_brute_force(task, edges(task))


@pytest.mark.slow
@settings(max_examples=150, deadline=None, derandomize=True)
@given(riddles)
def test_coverage_first_equals_an_integer_programme_and_the_sum_of_both_stays(task: Instance) -> None:
    first, second = solve(task), solve(task, variant="coverage-first")

    assert worth(second) == Oracle(task, edges(task)).best(dual_first=False)
    assert is_legal(task, second.matches)
    assert worth(first).dual + worth(first).covered == worth(second).dual + worth(second).covered


@pytest.mark.slow
@settings(max_examples=150, deadline=None, derandomize=True)
@given(riddles, st.integers(0, 1000))
def test_order_and_solver_never_show(task: Instance, order: int) -> None:
    results = {as_bytes(solve(shuffled(task, by=order), solver=solver)) for solver in SOLVERS}

    assert results == {as_bytes(solve(task))}


@settings(max_examples=40, deadline=None, derandomize=True)
@given(riddles)
@pytest.mark.slow
def test_each_number_of_dual_roles_between_the_ends_is_reached(task: Instance) -> None:
    first, second = worth(solve(task)), worth(solve(task, variant="coverage-first"))

    for dual in range(second.dual, first.dual + 1):
        found = worth(point(task, dual=dual))

        assert (found.dual, found.covered) == (dual, first.dual + first.covered - dual)


@pytest.mark.parametrize("solver", SOLVERS)
def test_either_solver_takes_an_empty_task(solver: SolverName) -> None:
    assert solve(Instance(people=()), solver=solver).matches == ()
