"""Pins are kept or refused by name."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from chassis.refusals import Conflict, Fact
from services.matching.engine.problem import Ban, Instance, Person, Pin
from services.matching.engine.solve import solve
from tests.matching.tasks import a_person, a_task


def a_school(*people: Person) -> Instance:
    """Anna and Boris can both teach Vera and Gleb two things."""
    named = {person.id: person for person in (a_person(one) for one in ("anna", "boris", "gleb", "vera"))}
    named |= {person.id: person for person in people}
    return a_task(
        named.values(),
        strengths=[(who, what, 40) for who in ("anna", "boris") for what in ("D01", "D02")],
        needs=[(who, what, 25) for who in ("vera", "gleb") for what in ("D01", "D02")],
    )


def refusal_of(task: Instance, pins: Iterable[Pin]) -> tuple[str, dict[str, Fact]]:
    with pytest.raises(Conflict) as refusal:
        solve(replace(task, pins=tuple(pins)))
    return refusal.value.slug, refusal.value.facts


def test_a_pin_is_in_the_result_even_where_it_costs_score() -> None:
    task = a_school(a_person("boris", slots=0b11), a_person("vera", slots=0b11, take=1))
    pin = Pin("anna", "vera", "D01")

    free, pinned = solve(task), solve(replace(task, pins=(pin,)))

    assert pin.key not in {edge.key for edge in free.matches}
    assert pin.key in {edge.key for edge in pinned.matches}
    assert pinned.certificate.score < free.certificate.score


def test_a_pin_on_a_banned_pair_is_refused() -> None:
    banned = replace(a_school(), bans=(Ban("anna", "vera"),))

    slug, facts = refusal_of(banned, [Pin("anna", "vera", "D01")])

    assert slug == "matching.pin-banned"
    assert facts == {"giver": "anna", "taker": "vera", "competency": "D01"}


def test_a_pin_that_the_rules_do_not_allow_is_refused() -> None:
    slug, facts = refusal_of(a_school(), [Pin("vera", "anna", "D01")])

    assert slug == "matching.pin-not-allowed"
    assert facts == {"giver": "vera", "taker": "anna", "competency": "D01"}


def test_two_pins_on_one_need_name_both_givers() -> None:
    slug, facts = refusal_of(a_school(), [Pin("boris", "vera", "D01"), Pin("anna", "vera", "D01")])

    assert slug == "matching.pin-same-need"
    assert facts == {"taker": "vera", "competency": "D01", "givers": ["anna", "boris"]}


def test_two_pins_on_one_pair_name_both_competencies() -> None:
    slug, facts = refusal_of(a_school(), [Pin("anna", "vera", "D02"), Pin("anna", "vera", "D01")])

    assert slug == "matching.pin-same-pair"
    assert facts == {"giver": "anna", "taker": "vera", "competencies": ["D01", "D02"]}


def test_the_same_pin_given_twice_is_one_pin() -> None:
    pins = (Pin("anna", "vera", "D01"), Pin("anna", "vera", "D01"))

    assert replace(a_school(), pins=pins).pins == pins[:1]


def test_more_pins_than_a_giver_carries_are_refused() -> None:
    pins = [Pin("anna", "vera", "D01"), Pin("anna", "gleb", "D01")]

    slug, facts = refusal_of(a_school(a_person("anna", give=1)), pins)

    assert slug == "matching.pin-over-capacity"
    assert facts == {"person": "anna", "role": "giver", "limit": 1, "partners": ["gleb", "vera"]}


def test_more_pins_than_a_taker_carries_are_refused() -> None:
    pins = [Pin("anna", "vera", "D01"), Pin("boris", "vera", "D02")]

    slug, facts = refusal_of(a_school(a_person("vera", take=1)), pins)

    assert slug == "matching.pin-over-capacity"
    assert facts == {"person": "vera", "role": "taker", "limit": 1, "partners": ["anna", "boris"]}
