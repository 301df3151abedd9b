"""Mutual pairs, groups, promises, and a search in a process of its own."""

import multiprocessing
import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.refusals import Conflict
from services.matching.engine.apart import exchange_apart
from services.matching.engine.errors import Cancelled, Crashed
from services.matching.engine.mutual import MUTUAL_BONUS
from services.matching.engine.openfile.checking import check
from services.matching.engine.openfile.verdicts import Verdict
from services.matching.engine.problem import Edge, Instance, Person, Pin
from services.matching.engine.quotas import Shortage
from services.matching.engine.solve import exchange, point, solve
from tests.matching.riddles import a_riddle
from tests.matching.tasks import a_person, a_raw_city, a_task, city
from tests.matching.test_engine_openfile import city as open_city
from tests.matching.test_engine_openfile import written

riddles = st.integers(0, 10**9).map(a_riddle)


def listed(*edges: tuple[str, str, str, int]) -> Instance:
    names = sorted({name for giver, taker, _, _ in edges for name in (giver, taker)})
    people = [a_person(name, give=1, take=1) for name in names]
    return replace(a_task(people), listed_edges=tuple(Edge(*edge) for edge in edges))


def test_two_who_teach_each_other_are_preferred_where_the_goals_are_equal() -> None:
    task = listed(
        ("anna", "vera", "D01", 100),
        ("vera", "anna", "D02", 100),
        ("gleb", "olga", "D01", 100),
        ("olga", "gleb", "D02", 100),
        ("anna", "gleb", "D01", 150),
        ("gleb", "anna", "D02", 100),
        ("olga", "vera", "D01", 150),
        ("vera", "olga", "D02", 100),
        ("vera", "gleb", "D03", 200),
    )

    plain, mutual = solve(task), solve(task, variant="mutual")

    assert mutual.certificate.bonus == 2 * MUTUAL_BONUS
    assert (mutual.certificate.dual, mutual.certificate.covered) == (plain.certificate.dual, plain.certificate.covered)
    assert {(edge.taker, edge.giver) for edge in mutual.matches} == {
        (edge.giver, edge.taker) for edge in mutual.matches
    }
    assert mutual.certificate.gap == 0


@settings(max_examples=60, deadline=None, derandomize=True)
@given(riddles)
@pytest.mark.slow
def test_groups_are_never_worse_than_pairs_and_keep_their_own_limits(task: Instance) -> None:
    met = (replace(one, least_give=0, least_take=0, slots=one.slots | 1) for one in task.people)
    task = replace(task, load_costs=(), people=tuple(met))

    pairs, groups = solve(task).certificate, solve(task, variant="groups")

    found = groups.certificate
    assert (found.dual, found.covered, found.score) >= (pairs.dual, pairs.covered, pairs.score)
    people = {person.id: person for person in task.people}
    for led in groups.groups:
        together = people[led.giver].slots & 1 << led.time
        assert len(led.takers) <= 8
        assert all(people[taker].slots & together for taker in led.takers)
    leads = [led.giver for led in groups.groups]
    assert all(leads.count(name) <= person.give_capacity for name, person in people.items())


def test_one_lesson_serves_eight_and_not_nine() -> None:
    task = a_task(
        [a_person("anna", give=1), *(a_person(f"taker-{place}") for place in range(9))],
        strengths=[("anna", "D01", 40)],
        needs=[(f"taker-{place}", "D01", 25) for place in range(9)],
    )

    solution = solve(task, variant="groups")

    assert [len(led.takers) for led in solution.groups] == [8]
    assert solution.certificate.covered == 9


def test_groups_of_a_city_pass_the_independent_check_and_a_ninth_does_not() -> None:
    task = open_city("city-80")
    document = written(task, variant="groups")

    assert check(task, document).verdict is Verdict.UNPROVED
    document["groups"][0][2] = 40
    assert check(task, document).verdict is Verdict.GROUP_BROKEN


def test_promises_that_cannot_be_kept_name_the_smallest_set_of_people() -> None:
    task = a_task(
        [
            replace(a_person("anna"), least_give=1),
            replace(a_person("boris"), least_give=1),
            replace(a_person("olga"), least_give=1),
            a_person("vera", take=1),
            a_person("gleb", take=1),
        ],
        strengths=[("anna", "D01", 40), ("boris", "D01", 40), ("olga", "D02", 40)],
        needs=[("vera", "D01", 25), ("gleb", "D02", 25)],
    )

    solution = solve(task)

    assert solution.certificate.short == 1
    assert solution.short == (Shortage("giver", 1, ("anna", "boris"), promised=2, possible=1),)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(riddles)
@pytest.mark.slow
def test_the_people_named_are_exactly_so_much_short_even_on_their_own(task: Instance) -> None:
    solution = solve(task)

    assert sum(one.units for one in solution.short) == solution.certificate.short
    for one in solution.short:
        alone = solve(replace(task, people=tuple(_promised_only(person, one) for person in task.people)))
        assert alone.certificate.short == one.units
        for left_out in one.people:
            rest = replace(one, people=tuple(name for name in one.people if name != left_out))
            fewer = solve(replace(task, people=tuple(_promised_only(person, rest) for person in task.people)))
            assert fewer.certificate.short < one.units


def _promised_only(person: Person, short: Shortage) -> Person:
    """The person as promised the places of this role alone, and none unless named."""
    is_named = person.id in short.people
    least_give = person.least_give if is_named and short.role == "giver" else 0
    least_take = person.least_take if is_named and short.role == "taker" else 0
    return replace(person, least_give=least_give, least_take=least_take)


def test_a_point_beyond_the_ends_is_refused_with_both_ends() -> None:
    with pytest.raises(Conflict) as refusal:
        point(city(), dual=36)

    assert refusal.value.facts == {"least": 34, "most": 35}


def test_a_process_of_its_own_comes_to_the_same_result_and_tells_its_progress() -> None:
    heard: list[tuple[str, float]] = []

    apart = exchange_apart(
        city(), seed=3, on_progress=lambda *said: heard.append(said), is_cancelled=lambda: False, here_up_to=0
    )

    assert apart == exchange(city(), seed=3)
    assert heard[-1] == ("coverage-first:done", 1.0)


def test_a_process_of_its_own_is_stopped_by_a_cancel() -> None:
    stop = threading.Event()

    with pytest.raises(Cancelled):
        exchange_apart(city(), seed=0, on_progress=lambda *_: stop.set(), is_cancelled=stop.is_set, here_up_to=0)


def test_a_city_is_stopped_in_the_midst_of_a_solver_that_hears_nothing() -> None:
    reached = threading.Event()

    def hear(phase: str, _: float) -> None:
        if phase == "dual-first:solve":
            reached.set()

    with pytest.raises(Cancelled):
        exchange_apart(a_raw_city(1_500), seed=0, on_progress=hear, is_cancelled=reached.is_set)

    assert reached.is_set()
    assert multiprocessing.active_children() == []


def test_a_process_that_dies_is_reported_and_kills_nobody() -> None:
    def kill(*_: object) -> None:
        for child in multiprocessing.active_children():
            child.kill()
            child.join()

    with pytest.raises(Crashed):
        exchange_apart(city(), seed=0, on_progress=kill, is_cancelled=lambda: False, here_up_to=0)


def test_a_refusal_inside_the_process_comes_out_as_itself() -> None:
    task = replace(city(), pins=(Pin("p00000", "p00001", "nothing"),))

    with pytest.raises(Conflict, match=r"matching\.pin-not-allowed"):
        exchange_apart(task, seed=0, on_progress=lambda *_: None, is_cancelled=lambda: False, here_up_to=0)
