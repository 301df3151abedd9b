"""Prices of pins and bans, and what would help: always what a new run from nothing comes to."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chassis.refusals import Conflict
from services.matching.engine.offers import edges
from services.matching.engine.optimum import Optimum
from services.matching.engine.prices import Price, price_of, price_of_ban, price_of_pin
from services.matching.engine.problem import Ban, Instance, Pin
from services.matching.engine.remedies import remedies
from services.matching.engine.solve import Solution, solve
from tests.matching.riddles import a_riddle
from tests.matching.tasks import a_person, a_task

riddles = st.integers(0, 10**9).map(a_riddle)


def proved(solution: Solution) -> Optimum:
    assert solution.optimum is not None
    return solution.optimum


def sums(price: Price) -> tuple[int, int, int, int]:
    return (price.short, price.dual, price.covered, price.value)


def from_nothing(before: Solution, changed: Instance) -> tuple[int, int, int, int]:
    """The differences that two runs from nothing show."""
    old, new = before.certificate, solve(changed).certificate
    value = (new.score - new.load) - (old.score - old.load)
    return (new.short - old.short, new.dual - old.dual, new.covered - old.covered, value)


def is_refused(task: Instance) -> bool:
    try:
        solve(task)
    except Conflict:
        return True
    return False


@settings(max_examples=120, deadline=None, derandomize=True)
@given(riddles, st.integers(0, 1000))
@pytest.mark.slow
def test_the_price_of_a_ban_is_what_a_new_run_comes_to(task: Instance, which: int) -> None:
    before = solve(task)
    pinned = {pin.key for pin in task.pins}
    free = [edge for edge in before.matches if edge.key not in pinned]
    assume(free)
    edge = free[which % len(free)]

    price = price_of_ban(proved(before), (edge.giver, edge.taker))

    banned = replace(task, bans=(*task.bans, Ban(edge.giver, edge.taker)))
    assert sums(price) == from_nothing(before, banned)
    assert edge in price.parted


@settings(max_examples=120, deadline=None, derandomize=True)
@given(riddles, st.integers(0, 1000))
@pytest.mark.slow
def test_the_price_of_a_pin_is_what_a_new_run_comes_to(task: Instance, which: int) -> None:
    before = solve(task)
    others = [edge for edge in edges(task) if edge not in before.matches]
    assume(others)
    edge = others[which % len(others)]
    pinned = replace(task, pins=(*task.pins, Pin(*edge.key)))

    if is_refused(pinned):
        with pytest.raises(Conflict, match=r"matching\.pin-impossible"):
            price_of_pin(proved(before), edge.key)
    else:
        price = price_of_pin(proved(before), edge.key)
        assert sums(price) == from_nothing(before, pinned)
        assert edge in price.formed


@settings(max_examples=80, deadline=None, derandomize=True)
@given(riddles)
def test_a_remedy_is_what_one_more_place_really_brings(task: Instance) -> None:
    before = solve(task)

    for remedy in remedies(proved(before))[:3]:
        people = tuple(
            replace(person, give_capacity=person.give_capacity + (person.id == remedy.giver)) for person in task.people
        )
        pins = (*task.pins, Pin(remedy.giver, remedy.person, remedy.competency))
        after = from_nothing(before, replace(task, people=people, pins=pins))

        assert after[1:] == (remedy.dual, remedy.covered, remedy.value)


def a_school() -> Instance:
    """Anna and Boris can both teach Vera and Gleb the one thing; Anna suits Vera best."""
    return a_task(
        [a_person("anna", give=1), a_person("boris", give=1), a_person("vera"), a_person("gleb")],
        strengths=[("anna", "D01", 40), ("boris", "D01", 38)],
        needs=[("vera", "D01", 25), ("gleb", "D01", 25)],
    )


def test_a_pair_that_is_there_already_costs_nothing_to_pin() -> None:
    before = solve(a_school())

    price = price_of_pin(proved(before), before.matches[0].key)

    assert (*sums(price), price.parted, price.formed) == (0, 0, 0, 0, (), ())


def test_a_price_names_the_pairs_that_part_and_form_and_who_is_left() -> None:
    before = solve(a_school())
    vera = next(edge for edge in before.matches if edge.taker == "vera")
    gleb = next(edge for edge in before.matches if edge.taker == "gleb")

    price = price_of(a_school(), before, bans=[Ban(vera.giver, "vera"), Ban(gleb.giver, "vera")])

    assert price.covered == -2
    assert vera in price.parted
    assert price.lose_taking == ("vera",)
    assert len(price.lose_giving) == 1


def test_a_pin_that_the_rules_do_not_allow_has_no_price() -> None:
    with pytest.raises(Conflict) as refusal:
        price_of_pin(proved(solve(a_school())), ("vera", "anna", "D01"))

    assert refusal.value.slug == "matching.pin-not-allowed"


def test_a_pinned_pair_cannot_be_banned() -> None:
    task = replace(a_school(), pins=(Pin("anna", "vera", "D01"),))

    with pytest.raises(Conflict) as refusal:
        price_of_ban(proved(solve(task)), ("anna", "vera"))

    assert refusal.value.slug == "matching.pin-banned"


def test_one_more_place_of_a_giver_helps_whom_it_was_full_for() -> None:
    task = a_task(
        [a_person("anna", give=1), a_person("vera"), a_person("gleb")],
        strengths=[("anna", "D01", 40)],
        needs=[("vera", "D01", 25), ("gleb", "D01", 25)],
    )

    (remedy,) = remedies(proved(solve(task)))

    assert (remedy.giver, remedy.dual, remedy.covered, remedy.value) == ("anna", 0, 1, 900)
