"""Edits of a frozen task, what stands of it later, who moves between two results, and the next best."""

from dataclasses import replace
from random import Random

import pytest

from chassis.refusals import Conflict, Invalid
from services.matching.engine.additions import additions
from services.matching.engine.beside import Wanted, solve_beside
from services.matching.engine.edits import Change, change_of, edited, swap_of
from services.matching.engine.moves import Counts, moves_between
from services.matching.engine.offers import edges
from services.matching.engine.problem import Ban, Edge, Instance, OpenPair, Pin
from services.matching.engine.solve import exchange, solve
from services.matching.engine.standing import Loss, lost_pairs, narrowed
from tests.matching.oracle import best_by_brute_force, worth_of
from tests.matching.riddles import a_riddle
from tests.matching.tasks import a_person, a_task


def a_circle(size: int = 4) -> Instance:
    """Everybody is strong in one topic and needs those of all the others."""
    people = [f"p{place}" for place in range(size)]
    return a_task(
        [a_person(one, give=2, take=1) for one in people],
        strengths=[(one, f"D{place}", 40) for place, one in enumerate(people)],
        needs=[
            (one, f"D{other}", 20 + (place * 3 + other) % 7)
            for place, one in enumerate(people)
            for other in range(size)
            if other != place
        ],
    )


def test_the_same_edits_give_the_same_task_and_one_taken_back_leaves_no_trace() -> None:
    task = a_circle()
    pin, ban = Change(pin=(("p0", "p1", "D0"),)), Change(ban=(("p1", "p2"),))

    both, without = edited(task, [ban, pin]), edited(task, [pin])

    assert both.pins == (Pin("p0", "p1", "D0"),)
    assert both.bans == (Ban("p1", "p2"),)
    assert without.canonical() == replace(task, pins=(Pin("p0", "p1", "D0"),)).canonical()


def test_what_is_lifted_goes_before_what_is_added() -> None:
    task = replace(a_circle(), pins=(Pin("p0", "p1", "D0"),), bans=(Ban("p2", "p3"),))

    lifted = edited(task, [Change(unpin=(("p0", "p1", "D0"),), unban=(("p2", "p3"),))])
    turned = edited(task, [Change(unpin=(("p0", "p1", "D0"),), pin=(("p0", "p1", "D0"),))])

    assert (lifted.pins, lifted.bans) == ((), ())
    assert turned.pins == task.pins


def test_a_change_survives_being_written_down() -> None:
    change = replace(swap_of(("a", "b", "D1"), ("c", "d", "D2"), is_of_takers=True), stands=a_circle(2))

    assert change_of(change.as_json()) == change


@pytest.mark.parametrize(
    ("is_of_takers", "pins"),
    [
        (True, {("a", "d", "D1"), ("c", "b", "D2")}),
        (False, {("c", "b", "D1"), ("a", "d", "D2")}),
    ],
)
def test_a_swap_exchanges_takers_with_the_givers_topics_or_givers_with_the_takers(
    is_of_takers: bool, pins: set[tuple[str, str, str]]
) -> None:
    change = swap_of(("a", "b", "D1"), ("c", "d", "D2"), is_of_takers=is_of_takers)

    # The giver keeps the topic when the takers change, the taker keeps it when the givers do.
    assert set(change.pin) == (pins if is_of_takers else {("a", "d", "D2"), ("c", "b", "D1")})
    assert change.ban == (("a", "b"), ("c", "d"))


@pytest.mark.parametrize("second", [("a", "d", "D2"), ("c", "b", "D2")])
def test_pairs_that_share_a_person_in_a_role_are_not_swapped(second: tuple[str, str, str]) -> None:
    with pytest.raises(Invalid) as refusal:
        swap_of(("a", "b", "D1"), second, is_of_takers=True)

    assert refusal.value.slug == "edit.swap-same"


def test_a_pin_against_a_ban_names_both_sides() -> None:
    changed = edited(a_circle(), [Change(ban=(("p0", "p1"),)), Change(pin=(("p0", "p1", "D0"),))])

    with pytest.raises(Conflict) as refusal:
        solve_beside(changed, Wanted())

    assert refusal.value.facts == {"giver": "p0", "taker": "p1", "competency": "D0"}


def test_moves_name_who_gains_and_who_loses() -> None:
    before = [Edge("a", "b", "D1", 5), Edge("b", "a", "D2", 5), Edge("c", "d", "D3", 7)]
    after = [Edge("a", "b", "D1", 5), Edge("c", "a", "D3", 4), Edge("e", "c", "D4", 1)]

    moves = moves_between(before, after)

    assert (moves.before, moves.after) == (Counts(2, 4, 17), Counts(2, 4, 10))
    assert (moves.lose_second, moves.gain_second) == (("b",), ("c",))
    assert (moves.drop_out, moves.come_in) == (("d",), ("e",))
    assert {edge.key for edge in moves.parted} == {("b", "a", "D2"), ("c", "d", "D3")}
    assert {edge.key for edge in moves.formed} == {("c", "a", "D3"), ("e", "c", "D4")}


@pytest.mark.parametrize("seed", range(12))
def test_the_price_is_the_difference_of_two_runs_from_nothing(seed: int) -> None:
    task = replace(a_riddle(seed, most_people=6, most_edges=10), load_costs=())
    task = replace(task, people=tuple(replace(one, least_give=0, least_take=0) for one in task.people))
    before = solve(task)
    pinned = {pin.key for pin in task.pins}
    ban = Change(ban=tuple(edge.key[:2] for edge in before.matches if edge.key not in pinned)[:1])

    moves = moves_between(before.matches, solve_beside(edited(task, [ban]), Wanted()).matches)

    best = best_by_brute_force(edited(task, [ban]), edges(replace(edited(task, [ban]), pins=())))
    assert (moves.after.dual, moves.after.covered, moves.after.score) == (best.dual, best.covered, best.value)


def test_a_solution_beside_is_the_same_in_a_process_of_its_own() -> None:
    task, wanted = a_circle(), Wanted("coverage-first", seed=5)

    here, apart = solve_beside(task, wanted), solve_beside(task, wanted, here_up_to=0)

    assert (here.matches, here.certificate) == (apart.matches, apart.certificate)
    assert here.matches == exchange(task, seed=5).coverage_first.matches


def test_a_conflict_comes_back_from_the_process() -> None:
    with pytest.raises(Conflict) as refusal:
        solve_beside(a_circle(), Wanted(dual=99), here_up_to=0)

    assert refusal.value.slug == "matching.dual-out-of-range"


def lost(matches: tuple[Edge, ...], now: Instance) -> dict[tuple[str, str, str], Loss]:
    return {pair.edge: pair.loss for pair in lost_pairs(matches, now)}


def test_each_loss_has_its_name() -> None:
    task = a_circle()
    edge = solve(task).matches[0]
    giver, taker, competency = edge.key

    others = tuple(person for person in task.people if person.id != giver)
    gone = replace(
        task,
        people=others,
        strengths=tuple(row for row in task.strengths if row.person != giver),
        needs=tuple(row for row in task.needs if row.person != giver),
    )
    busy = tuple(replace(person, slots=2) if person.id == taker else person for person in task.people)

    found = [
        lost((edge,), now)[edge.key]
        for now in (
            gone,
            replace(task, strengths=tuple(row for row in task.strengths if row.key != (giver, competency))),
            replace(task, needs=tuple(row for row in task.needs if row.key != (taker, competency))),
            replace(task, bans=(Ban(giver, taker),)),
            replace(task, open_pairs=(OpenPair(giver, taker),)),
            replace(task, people=busy),
            replace(task, people=tuple(replace(person, give_capacity=0) for person in task.people)),
        )
    ]

    assert found == [
        Loss.GIVER_GONE,
        Loss.STRENGTH_GONE,
        Loss.NEED_GONE,
        Loss.BANNED,
        Loss.PAIR_TAKEN,
        Loss.NO_COMMON_TIME,
        Loss.NO_ROOM,
    ]
    assert lost((edge,), task) == {}


def test_what_stands_only_loses() -> None:
    frozen = replace(a_circle(), pins=(Pin("p0", "p1", "D0"), Pin("p1", "p2", "D1")))
    more = tuple(replace(person, give_capacity=8) for person in frozen.people)
    now = replace(frozen, people=more, strengths=frozen.strengths[1:], needs=frozen.needs[:-1], pins=())

    stands = narrowed(frozen, now)

    assert {person.give_capacity for person in stands.people} == {2}
    assert (stands.strengths, stands.needs) == (now.strengths, now.needs)
    # The pin on what was lost is dropped, the other is kept.
    assert stands.pins == (Pin("p1", "p2", "D1"),)
    assert narrowed(stands, now).canonical() == stands.canonical()


@pytest.mark.parametrize("seed", range(20))
def test_the_next_best_is_the_best_network_around_those_who_stay(seed: int) -> None:
    """One pair of an optimum declines; beside all the others the addition is what brute force finds."""
    dice, task = Random(seed), a_circle(4)
    found = solve(task).matches
    declined = dice.choice(found)
    kept = [edge for edge in found if edge != declined]

    added = additions(_beside(task, kept), kept=[edge.key for edge in kept], asked=[declined.key[:2]], wanted=Wanted())

    allowed = [edge for edge in edges(task) if edge.key[:2] != declined.key[:2]]
    around = replace(task, pins=tuple(Pin(*edge.key) for edge in kept))
    best = best_by_brute_force(around, allowed)
    worth = worth_of(task, [*kept, *added])
    assert (worth.dual, worth.covered, worth.value) == (best.dual, best.covered, best.value)
    assert declined.key[:2] not in {edge.key[:2] for edge in added}


def _beside(task: Instance, kept: list[Edge]) -> Instance:
    """What is free beside some pairs, as the school's task of now says it."""
    served = {edge.key[1:] for edge in kept}
    return replace(
        task,
        people=tuple(
            replace(
                person,
                give_capacity=person.give_capacity - sum(edge.giver == person.id for edge in kept),
                take_capacity=person.take_capacity - sum(edge.taker == person.id for edge in kept),
            )
            for person in task.people
        ),
        needs=tuple(need for need in task.needs if need.key not in served),
        open_pairs=tuple(OpenPair(*edge.key[:2]) for edge in kept),
    )


def test_nothing_is_added_where_nothing_is_free() -> None:
    task = a_circle(2)
    found = solve(task).matches

    added = additions(
        _beside(task, list(found[1:])),
        kept=[edge.key for edge in found[1:]],
        asked=[found[0].key[:2]],
        wanted=Wanted(),
    )

    assert added == ()
