"""The optimum, its proof, and that nothing but the ids decides it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine.errors import Cancelled
from services.matching.engine.offers import edges
from services.matching.engine.problem import Ban, Instance, Need, Person, Pin, Strength
from services.matching.engine.solve import Solution, exchange, solve
from tests.matching.tasks import a_person, a_task, best_by_enumeration, city, is_legal

MOST_EDGES_TO_ENUMERATE = 10
NAMES = ("anna", "boris", "gleb", "olga", "vera")
TOPICS = ("D01", "D02", "D03")


def a_tiny_task(seed: int) -> Instance:
    """Three to five people with levels, times, bans and managers, dense enough that the goals compete."""
    dice = Random(seed)
    names = NAMES[: dice.randint(3, 5)]
    keys = [(name, topic) for name in names for topic in TOPICS]
    task = Instance(
        people=tuple(_anyone(dice, name, names) for name in names),
        strengths=tuple(
            Strength(*key, dice.choice((None, dice.randint(28, 50)))) for key in dice.sample(keys, len(keys) // 2)
        ),
        needs=tuple(
            Need(*key, dice.choice((None, dice.randint(10, 32))), dice.randint(0, 1000))
            for key in dice.sample(keys, len(keys) // 2)
        ),
        bans=tuple(Ban(*dice.sample(names, 2)) for _ in range(dice.randint(0, 2))),
    )
    task = _thinned(task)
    return replace(task, pins=_a_possible_pin(task) if dice.random() < 0.3 else ())


def _anyone(dice: Random, name: str, names: Sequence[str]) -> Person:
    capacity = (0, 1, 1, 2, 2)
    manager = dice.choice((None, None, *names))
    return Person(name, "spb-693", dice.choice(capacity), dice.choice(capacity), dice.choice((3, 5, 6, 7)), manager)


tiny_tasks = st.integers(0, 10**9).map(a_tiny_task)


def _thinned(task: Instance) -> Instance:
    """Needs go one by one until the choices can be enumerated."""
    while len(edges(task)) > MOST_EDGES_TO_ENUMERATE:
        task = replace(task, needs=task.needs[:-1])
    return task


def _a_possible_pin(task: Instance) -> tuple[Pin, ...]:
    by_id = {person.id: person for person in task.people}
    possible = (
        Pin(*edge.key) for edge in edges(task) if by_id[edge.giver].give_capacity and by_id[edge.taker].take_capacity
    )
    return tuple(possible)[:1]


def shuffled(task: Instance, *, by: int) -> Instance:
    order = Random(by)
    return Instance(
        people=tuple(order.sample(task.people, len(task.people))),
        strengths=tuple(order.sample(task.strengths, len(task.strengths))),
        needs=tuple(order.sample(task.needs, len(task.needs))),
        bans=tuple(order.sample(task.bans, len(task.bans))),
        pins=task.pins,
        max_gap10=task.max_gap10,
        listed_edges=task.listed_edges and tuple(order.sample(task.listed_edges, len(task.listed_edges))),
    )


def as_bytes(solution: Solution) -> bytes:
    certificate = {key: value for key, value in solution.certificate.as_json().items() if key != "seconds"}
    return json.dumps([[asdict(edge) for edge in solution.matches], certificate]).encode()


def test_a_model_that_presolve_spoils_is_solved_without_it() -> None:
    task = a_tiny_task(19672)

    reached = solve(task, variant="coverage-first").certificate

    assert (reached.covered, reached.dual, reached.score) == best_by_enumeration(task, dual_first=False)


@settings(max_examples=100, deadline=None)
@given(tiny_tasks)
def test_both_ends_equal_the_best_of_all_choices(task: Instance) -> None:
    ends = exchange(task)

    dual, coverage = ends.dual_first.certificate, ends.coverage_first.certificate
    assert (dual.dual, dual.covered, dual.score) == best_by_enumeration(task, dual_first=True)
    assert (coverage.covered, coverage.dual, coverage.score) == best_by_enumeration(task, dual_first=False)
    assert dual.dual + dual.covered == coverage.dual + coverage.covered
    assert is_legal(task, ends.dual_first.matches)
    assert is_legal(task, ends.coverage_first.matches)


@settings(max_examples=15, deadline=None)
@given(tiny_tasks, st.integers(0, 1000))
def test_the_order_of_the_rows_never_shows(task: Instance, order: int) -> None:
    assert as_bytes(solve(shuffled(task, by=order))) == as_bytes(solve(task))


def test_a_city_reaches_its_known_optimum_and_exchange() -> None:
    ends = exchange(city())

    first, second = ends.dual_first.certificate, ends.coverage_first.certificate
    assert (first.dual, first.covered, first.score) == (35, 66, 38204)
    assert (first.bound, first.gap) == (38204, 0)
    assert (second.dual, second.covered) == (34, 67)
    assert first.input_hash == second.input_hash


def test_a_city_comes_out_byte_for_byte_from_shuffled_rows() -> None:
    task = city()

    assert as_bytes(solve(shuffled(task, by=7), seed=3)) == as_bytes(solve(task, seed=3))


def test_the_seed_draws_among_equals_and_changes_no_goal() -> None:
    task = a_task(
        [a_person(name, give=1) for name in NAMES],
        strengths=[(name, "D01", 40) for name in NAMES[:4]],
        needs=[("vera", "D01", 25)],
    )

    results = [solve(task, seed=seed) for seed in range(12)]

    assert len({result.matches for result in results}) > 1
    assert {(result.certificate.covered, result.certificate.score) for result in results} == {(2, 900)}


def test_a_later_goal_never_costs_an_earlier_one() -> None:
    """Olga's worthy pair with Vera would cost Anna, who could have both roles, her only giving."""
    task = a_task(
        [a_person("anna", slots=0b1), a_person("olga", slots=0b111), a_person("vera", take=1, slots=0b111)],
        strengths=[("anna", "D01", 40), ("olga", "D01", 40), ("olga", "D02", 40)],
        needs=[("vera", "D01", 25), ("anna", "D02", 10)],
    )

    matches = solve(task).matches

    assert [edge.key for edge in matches] == [("anna", "vera", "D01"), ("olga", "anna", "D02")]


def test_nobody_at_all_is_an_empty_proved_result() -> None:
    solution = solve(Instance(people=()))

    assert solution.matches == ()
    assert (solution.certificate.score, solution.certificate.gap) == (0, 0)


def test_people_without_any_edge_are_an_empty_proved_result() -> None:
    assert solve(a_task([a_person("anna"), a_person("boris")])).matches == ()


def test_progress_names_each_step_and_ends_at_one() -> None:
    heard: list[tuple[str, float]] = []

    exchange(city(), on_progress=lambda step, fraction: heard.append((step, fraction)))

    assert heard[0] == ("dual-first:build", 0.0)
    assert heard[-1] == ("coverage-first:done", 1.0)
    assert [fraction for _, fraction in heard] == sorted(fraction for _, fraction in heard)


def test_a_cancelled_run_stops_before_it_starts() -> None:
    heard: list[str] = []

    with pytest.raises(Cancelled):
        solve(city(), on_progress=lambda step, _: heard.append(step), is_cancelled=lambda: True)

    assert heard == []


def test_a_run_can_be_cancelled_inside_a_step() -> None:
    asked: list[None] = []

    def is_cancelled() -> bool:
        asked.append(None)
        return len(asked) > 1

    with pytest.raises(Cancelled):
        solve(city(), is_cancelled=is_cancelled)

    assert len(asked) > 1


def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    solve(city())

    assert capfd.readouterr().out == ""
