"""Which edges are allowed and what they are worth."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.refusals import Invalid
from services.matching.engine.offers import edges
from services.matching.engine.problem import Ban, Edge, Instance, Need, OpenPair, PastPair, Strength
from services.matching.engine.rules import Book, edges_no_more, first_block, fit1000
from tests.matching.tasks import a_person, a_task
from tests.matching.test_engine_solve import a_tiny_task


def two_people(*, giver_level: int | None = 40, taker_level: int | None = 25) -> Instance:
    return a_task(
        [a_person("anna"), a_person("boris")],
        strengths=[("anna", "D01", giver_level)],
        needs=[("boris", "D01", taker_level)],
    )


def test_the_best_distance_with_one_common_time_is_worth_nine_tenths_of_the_priority() -> None:
    assert edges(two_people()) == (Edge("anna", "boris", "D01", 900),)


def test_less_than_one_level_apart_is_no_edge() -> None:
    assert edges(two_people(taker_level=31)) == ()
    assert len(edges(two_people(taker_level=30))) == 1


def test_an_unknown_level_passes_with_a_neutral_fit() -> None:
    assert [edge.score for edge in edges(two_people(taker_level=None))] == [450]
    assert [edge.score for edge in edges(two_people(giver_level=None))] == [450]


def test_a_large_distance_is_worth_less_and_less_but_stays_allowed() -> None:
    fits = [fit1000(gap10) for gap10 in range(15, 41)]

    assert fits == sorted(set(fits), reverse=True)
    assert fits[-1] > 0
    assert fit1000(60) == 1


def test_a_hard_upper_limit_forbids_what_lies_beyond() -> None:
    far = two_people(giver_level=50, taker_level=20)

    assert len(edges(far)) == 1
    assert edges(replace(far, max_gap10=25)) == ()
    assert len(edges(replace(far, max_gap10=30))) == 1


def test_more_common_times_are_worth_more() -> None:
    def score(slots: int) -> int:
        people = (a_person("anna", slots=0b1111), a_person("boris", slots=slots))
        return edges(replace(two_people(), people=people))[0].score

    assert [score(0b1), score(0b11), score(0b111), score(0b1111)] == [900, 950, 1000, 1000]


def test_without_a_common_time_there_is_no_edge() -> None:
    people = (a_person("anna", slots=0b10), a_person("boris", slots=0b01))

    assert edges(replace(two_people(), people=people)) == ()


def test_a_ban_holds_in_its_direction_only() -> None:
    mutual = a_task(
        [a_person("anna"), a_person("boris")],
        strengths=[("anna", "D01", 40), ("boris", "D02", 40)],
        needs=[("boris", "D01", 25), ("anna", "D02", 25)],
        bans=[("anna", "boris")],
    )

    assert [edge.key for edge in edges(mutual)] == [("boris", "anna", "D02")]


def test_a_line_manager_does_not_teach_their_own_people_but_may_learn_from_them() -> None:
    people = (a_person("anna"), a_person("boris", manager="anna"))
    task = replace(
        two_people(),
        people=people,
        strengths=(Strength("anna", "D01", 40), Strength("boris", "D02", 40)),
        needs=(Need("boris", "D01", 25, 1000), Need("anna", "D02", 25, 1000)),
    )

    assert [edge.key for edge in edges(task)] == [("boris", "anna", "D02")]


def test_nobody_teaches_themselves() -> None:
    alone = a_task([a_person("anna")], strengths=[("anna", "D01", 40)], needs=[("anna", "D01", 20)])

    assert edges(alone) == ()


def test_a_pair_of_an_earlier_cycle_is_worth_slightly_less() -> None:
    again = replace(two_people(), past_pairs=(PastPair("anna", "boris"),))

    assert edges(again)[0].score == 810


def test_listed_edges_replace_the_rules_but_not_the_bans() -> None:
    listed = (Edge("anna", "boris", "D09", 7), Edge("boris", "anna", "D09", 8))
    task = a_task([a_person("anna"), a_person("boris")], bans=[("anna", "boris")])

    assert edges(replace(task, listed_edges=listed)) == (listed[1],)


def test_a_stranger_among_the_rows_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        a_task([a_person("anna")], strengths=[("boris", "D01", 40)])

    assert refusal.value.slug == "matching.unknown-person"
    assert refusal.value.facts == {"people": ["boris"]}


def test_two_levels_for_the_same_strength_are_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        a_task([a_person("anna")], strengths=[("anna", "D01", 40), ("anna", "D01", 41)])

    assert refusal.value.slug == "matching.instance-repeats"


def test_a_negative_capacity_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        a_task([a_person("anna", give=-1)])

    assert refusal.value.slug == "matching.out-of-range"


def test_two_who_meet_already_are_no_edge_whatever_the_competency() -> None:
    assert edges(replace(two_people(), open_pairs=(OpenPair("anna", "boris"),))) == ()


def test_an_edge_stands_while_strength_need_and_rules_do() -> None:
    task, key = two_people(), ("anna", "boris", "D01")

    assert edges_no_more(task, [key]) == ()
    assert edges_no_more(task, [("anna", "boris", "D02")]) == (("anna", "boris", "D02"),)
    for later in (
        replace(task, strengths=()),
        replace(task, needs=()),
        replace(task, bans=(Ban("anna", "boris"),)),
    ):
        assert edges_no_more(later, [key]) == (key,)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(0, 10**9))
def test_whole_columns_follow_the_same_rules_as_one_pair_at_a_time(seed: int) -> None:
    open_pairs = (OpenPair("anna", "boris"),)
    task = replace(a_tiny_task(seed), pins=(), max_gap10=(None, 20, 30)[seed % 3], open_pairs=open_pairs)
    book = Book.of(task)

    allowed = [
        (strength.person, need.person, need.competency)
        for need in task.needs
        for strength in book.candidates(need)
        if first_block(book, strength, need) is None
    ]

    assert [edge.key for edge in edges(task)] == sorted(allowed)


def test_a_further_pairing_never_costs_less_than_the_one_before() -> None:
    with pytest.raises(Invalid) as refusal:
        replace(two_people(), load_costs=(5, 3))

    assert (refusal.value.slug, refusal.value.field) == ("matching.out-of-range", "load_costs")
