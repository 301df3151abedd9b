"""Who is left out and what would help: each reason and each step on the smallest task that has it."""

import pytest

from services.matching.actions.left_out import LeftOut, OwnWhy, Why, explained, left_out, own_needs
from services.matching.actions.scene import Scene
from services.matching.actions.steps import Change, Step, after, own_changes_for
from services.matching.domain import SLOTS
from services.matching.engine.problem import Instance, OpenPair, Person
from services.matching.engine.rules import Block
from services.matching.engine.solve import solve
from tests.matching.tasks import a_person, a_task

MONDAY, TUESDAY = 0b1, 0b1 << 8


def a_scene(task: Instance) -> Scene:
    """A task with its best network."""
    return Scene.of(task, [edge.key for edge in solve(task).matches])


def of_vera(task: Instance) -> LeftOut:
    """Why Vera is left out of the best network."""
    scene = a_scene(task)
    assert "vera" in set(left_out(scene))
    return explained(scene, "vera")


def a_wish(vera: Person, *others: Person, bans: tuple[tuple[str, str], ...] = ()) -> Instance:
    """Anna shares D01 and Vera wants it."""
    return a_task(
        [vera, *(others or (a_person("anna"),))],
        strengths=[("anna", "D01", 40)],
        needs=[("vera", "D01", 20)],
        bans=bans,
    )


def test_who_has_a_pair_is_not_left_out() -> None:
    scene = a_scene(a_wish(a_person("vera")))

    assert list(left_out(scene)) == []


def test_who_works_in_an_open_pair_already_is_not_left_out() -> None:
    task = a_task([a_person("anna"), a_person("vera")])
    paired = Instance(people=task.people, open_pairs=(OpenPair("anna", "vera"),))

    assert list(left_out(a_scene(paired))) == []


def test_who_has_said_nothing_could_say_something() -> None:
    said = of_vera(a_task([a_person("vera")]))

    assert (said.why, said.changes) == (Why.NOTHING_SAID, (Change(Step.SAY_SOMETHING),))


def test_who_has_no_free_times_is_helped_by_the_time_of_the_other() -> None:
    said = of_vera(a_wish(a_person("vera", slots=0), a_person("anna", slots=TUESDAY)))

    assert said.why is Why.NO_TIMES
    assert said.changes[0] == Change(Step.ADD_TIME, slot=SLOTS.index("tue-1"))


def test_the_time_that_opens_most_pairs_is_named() -> None:
    both = MONDAY << 1 | TUESDAY
    task = a_task(
        [a_person("vera"), a_person("anna", slots=both), a_person("boris", slots=TUESDAY)],
        strengths=[("anna", "D01", 40), ("boris", "D01", 40)],
        needs=[("vera", "D01", 20)],
    )

    said = of_vera(task)

    assert (said.why, said.rule) == (Why.NEED_UNMET, Block.NO_COMMON_TIME)
    assert said.changes[0].slot == SLOTS.index("tue-1")


def test_who_takes_no_pairs_is_helped_by_one_place() -> None:
    said = of_vera(a_wish(a_person("vera", take=0)))

    assert (said.why, said.changes) == (Why.NO_PLACES, (Change(Step.TAKE_PLACE, competency="D01"),))


def test_who_would_share_but_has_no_place_for_it_is_helped_by_one_place() -> None:
    task = a_task(
        [a_person("vera", give=0), a_person("anna")], strengths=[("vera", "D01", 40)], needs=[("anna", "D01", 20)]
    )

    assert Change(Step.GIVE_PLACE, competency="D01") in of_vera(task).changes


def test_a_full_colleague_could_open_one_more_place() -> None:
    task = a_task(
        [a_person("anna", give=1), a_person("boris"), a_person("vera")],
        strengths=[("anna", "D01", 40)],
        needs=[("boris", "D01", 25), ("vera", "D01", 20)],
    )

    said = of_vera(task)

    assert (said.why, said.rule) == (Why.NEED_UNMET, Block.NO_FREE_GIVER)
    assert said.changes == (Change(Step.COLLEAGUES_PLACE, competency="D01", giver="anna"),)


def test_another_wish_is_named_where_somebody_has_a_free_place() -> None:
    task = a_task([a_person("anna"), a_person("vera")], strengths=[("anna", "D02", 40)], needs=[("vera", "D01", 20)])

    said = of_vera(task)

    assert (said.rule, said.changes) == (Block.NOBODY_STRONG, (Change(Step.ADD_NEED, competency="D02"),))


@pytest.mark.parametrize(("served", "why"), [(True, Why.NEEDS_SERVED), (False, Why.NOT_ASKED)])
def test_who_only_shares_is_told_of_wishes_and_never_that_nobody_came(served: bool, why: Why) -> None:
    task = a_task(
        [a_person("anna"), a_person("boris", take=1), a_person("vera", take=0)],
        strengths=[("anna", "D01", 40), ("vera", "D01", 50)],
        needs=[("boris", "D01", 25)] if served else [],
    )

    assert of_vera(task).why is why


def test_a_ban_is_not_a_step_that_helps() -> None:
    said = of_vera(a_wish(a_person("vera", slots=0), a_person("anna"), bans=(("anna", "vera"),)))

    assert said.changes == ()


@pytest.mark.parametrize(
    ("vera", "anna"),
    [
        (a_person("vera", slots=0), a_person("anna", slots=TUESDAY)),
        (a_person("vera", take=0), a_person("anna")),
        (a_person("vera", slots=TUESDAY), a_person("anna")),
    ],
)
def test_each_named_step_brings_a_pair(vera: Person, anna: Person) -> None:
    task = a_wish(vera, anna)

    for change in of_vera(task).changes:
        assert solve(after(task, "vera", change)).certificate.covered == 2


def own(task: Instance, person: str = "vera") -> list[tuple[str, OwnWhy]]:
    return list(own_needs(a_scene(task), person))


def test_a_ban_a_manager_a_level_and_a_lack_are_said_in_the_same_words() -> None:
    managed = a_person("vera", manager="anna")
    near = a_task([a_person("anna"), a_person("vera")], strengths=[("anna", "D01", 25)], needs=[("vera", "D01", 20)])
    lack = a_task([a_person("vera")], needs=[("vera", "D01", 20)])

    said = [own(task) for task in (a_wish(a_person("vera"), bans=(("anna", "vera"),)), a_wish(managed), near, lack)]

    assert said == [[("D01", OwnWhy.NOT_YET)]] * 4


def test_own_times_and_places_are_said_as_they_are() -> None:
    assert own(a_wish(a_person("vera"))) == [("D01", OwnWhy.PROPOSED)]
    assert own(a_wish(a_person("vera", slots=0))) == [("D01", OwnWhy.NO_TIMES)]
    assert own(a_wish(a_person("vera", take=0))) == [("D01", OwnWhy.NO_PLACES)]
    assert own(a_wish(a_person("vera", slots=TUESDAY))) == [("D01", OwnWhy.NO_COMMON_TIME)]


def test_own_steps_are_the_same_whether_or_not_somebody_is_about_to_ask_the_giver() -> None:
    people = [a_person("anna"), a_person("boris"), a_person("vera")]
    strengths = [("anna", "D01", 40), ("vera", "D03", 40)]
    needs = [("vera", "D01", 35)]
    asked = a_task(people, strengths=strengths, needs=[*needs, ("boris", "D03", 20)])
    unasked = a_task(people, strengths=strengths, needs=needs)

    with_taker, without = ((own(task), list(own_changes_for(a_scene(task), "vera"))) for task in (asked, unasked))

    assert with_taker == without
