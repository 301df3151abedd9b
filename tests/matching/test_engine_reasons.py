"""Why a need stays unmet, and what may be said of a pair."""

from dataclasses import replace

from services.matching.engine.problem import Ban, Edge, Instance, Strength
from services.matching.engine.reasons import PairFacts, pair_facts, unmet_needs
from services.matching.engine.solve import solve
from tests.matching.tasks import a_person, a_task, city


def rules_of(task: Instance) -> dict[str, str]:
    """The rule of each unmet need, by competency."""
    return {unmet.competency: unmet.rule.value for unmet in unmet_needs(task, solve(task).matches)}


def one_need(*strengths: tuple[str, int | None]) -> Instance:
    return a_task(
        [a_person("anna"), a_person("boris"), a_person("vera")],
        strengths=[(who, "D01", level) for who, level in strengths],
        needs=[("vera", "D01", 25)],
    )


def test_nobody_is_strong() -> None:
    assert rules_of(one_need(("vera", 40))) == {"D01": "nobody-strong"}


def test_all_are_too_near_in_level() -> None:
    assert rules_of(one_need(("anna", 34), ("boris", 20))) == {"D01": "level-too-near"}


def test_all_are_beyond_a_hard_limit() -> None:
    assert rules_of(replace(one_need(("anna", 50)), max_gap10=20)) == {"D01": "level-too-far"}


def test_the_last_rule_that_leaves_nobody_is_named() -> None:
    late = (a_person("anna", slots=0b10), a_person("boris"), a_person("vera"))

    assert rules_of(replace(one_need(("anna", 40), ("boris", 30)), people=late)) == {"D01": "no-common-time"}


def test_the_only_giver_is_banned() -> None:
    assert rules_of(replace(one_need(("anna", 40)), bans=(Ban("anna", "vera"),))) == {"D01": "banned"}


def test_the_only_giver_is_the_line_manager() -> None:
    people = (a_person("anna"), a_person("vera", manager="anna"))

    assert rules_of(replace(one_need(("anna", 40)), people=people)) == {"D01": "line-manager"}


def test_the_only_giver_is_busy() -> None:
    people = (a_person("anna", give=0), a_person("vera"))

    assert rules_of(replace(one_need(("anna", 40)), people=people)) == {"D01": "no-free-giver"}


def test_the_taker_carries_enough_already() -> None:
    task = a_task(
        [a_person("anna"), a_person("boris"), a_person("vera", take=1)],
        strengths=[("anna", "D01", 40), ("boris", "D02", 45)],
        needs=[("vera", "D01", 25), ("vera", "D02", 25)],
    )

    assert rules_of(task) == {"D02": "taker-full"}


def test_the_two_already_meet_for_something_else() -> None:
    task = a_task(
        [a_person("anna"), a_person("vera")],
        strengths=[("anna", "D01", 40), ("anna", "D02", 45)],
        needs=[("vera", "D01", 25), ("vera", "D02", 25)],
    )

    assert rules_of(task) == {"D02": "pair-taken"}


def test_an_edge_that_is_not_listed_is_out_of_reach() -> None:
    assert rules_of(replace(one_need(("anna", 40)), listed_edges=())) == {"D01": "out-of-reach"}


def test_each_need_of_a_city_is_either_served_or_explained() -> None:
    task = city()
    matches = solve(task).matches

    unmet = unmet_needs(task, matches)

    assert len(unmet) + len(matches) == len(task.needs)


def test_facts_of_a_pair_count_the_common_times_and_carry_no_level() -> None:
    people = (a_person("anna", slots=0b1101100), a_person("vera", slots=0b1100111))
    task = replace(one_need(), people=people, strengths=(Strength("anna", "D01", 40),))

    assert pair_facts(task, Edge("anna", "vera", "D01", 1000)) == PairFacts("D01", 3, first_slot=2)


def test_a_pair_without_a_common_time_has_no_first_one() -> None:
    people = (a_person("anna", slots=0b10), a_person("vera", slots=0b01))
    task = replace(one_need(), people=people, strengths=())

    assert pair_facts(task, Edge("anna", "vera", "D01", 1)) == PairFacts("D01", 0, first_slot=None)
