"""Fairness of a result: what is counted, what may be asked for, and what it costs."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.refusals import Invalid
from chassis.texts import LANGUAGES, Texts
from contracts.event import Event
from contracts.registry import MembershipChanged
from services.matching.actions.fairness import Fairness, fair, measured, plain
from services.matching.actions.tasks import is_away
from services.matching.engine.problem import Instance, PastPair, thaw
from services.matching.engine.solve import solve
from tests.matching.school import CYCLE_ENDS, School, a_running_school, a_trio
from tests.matching.tasks import a_person, a_task
from tests.stand import Stand

TERM = (date(2026, 10, 12), date(2027, 6, 15))


def a_star() -> Instance:
    """Anna could teach two people, and Boris one of them nearly as well."""
    return a_task(
        [a_person("anna"), a_person("boris"), a_person("vera"), a_person("zoya")],
        strengths=[("anna", "D01", 40), ("boris", "D01", 37)],
        needs=[("vera", "D01", 25), ("zoya", "D01", 25)],
    )


def counts(task: Instance, **wish: Any) -> dict[str, tuple[int, int]]:
    asked = fair(task, Fairness(**wish))
    return {one.key: (one.count, one.of) for one in measured(asked, solve(asked).matches).measures}


def a_lone_hub() -> Instance:
    people = [a_person("anna", give=3), *(a_person(name) for name in ("boris", "vera", "zoya"))]
    return a_task(people, strengths=[("anna", "D01", 40)], needs=[(name, "D01", 25) for name in ("boris", "vera")])


def test_a_hub_an_island_and_those_alone_are_counted() -> None:
    found = counts(a_lone_hub())

    assert (found["reached"], found["both-roles"], found["alone"]) == ((3, 4), (0, 4), (1, 4))
    assert (found["hub"], found["most-given"], found["most-taken"]) == ((2, 2), (2, 2), (1, 2))
    assert (found["islands"], found["largest-island"]) == ((1, 3), (3, 3))


def test_two_pairs_apart_are_two_islands_and_loads_are_spread() -> None:
    task = a_task(
        [a_person(name) for name in ("anna", "boris", "vera", "zoya")],
        strengths=[("anna", "D01", 40), ("boris", "D02", 40)],
        needs=[("vera", "D01", 25), ("zoya", "D02", 25)],
    )

    found = measured(task, solve(task).matches)

    assert {one.key: one.count for one in found.measures if "island" in one.key} == {"islands": 2, "largest-island": 2}
    assert (found.gives, found.takes) == ({1: 2}, {1: 2})


def test_loads_that_cost_are_spread_and_the_cost_stands_in_the_certificate() -> None:
    task = replace(a_lone_hub(), load_costs=())
    dear = fair(task, Fairness(load_costs=(50, 200)))

    found = solve(dear).certificate

    assert (found.load, solve(task).certificate.load) == (50, 0)
    assert dear.fingerprint() != task.fingerprint()
    assert plain(dear) == task
    assert thaw(dear.canonical()) == dear


def test_costs_that_fall_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        fair(a_star(), Fairness(load_costs=(200, 50)))

    assert (refused.value.slug, refused.value.field) == ("matching.out-of-range", "load_costs")


def test_who_only_gave_so_far_is_promised_a_place_to_learn() -> None:
    task = a_task(
        [a_person("anna", give=1), a_person("boris"), a_person("vera")],
        strengths=[("anna", "D01", 40)],
        needs=[("boris", "D01", 25), ("vera", "D01", 10)],
    )
    after_a_year = replace(task, past_pairs=(PastPair("vera", "boris"),))

    plainly = {edge.taker for edge in solve(after_a_year).matches}
    balanced = fair(after_a_year, Fairness(is_balanced=True))

    assert plainly == {"boris"}
    assert {edge.taker for edge in solve(balanced).matches} == {"vera"}
    assert {person.id: person.least_take for person in balanced.people} == {"anna": 0, "boris": 0, "vera": 1}


def test_balance_counts_earlier_cycles_and_this_one() -> None:
    task = replace(a_lone_hub(), past_pairs=(PastPair("boris", "anna"), PastPair("anna", "vera")))

    found = counts(task)

    assert (found["gave-and-took"], found["only-gave"], found["only-took"]) == ((2, 4), (0, 4), (1, 4))
    assert found["repeats"] == (1, 2)


@pytest.mark.parametrize(
    ("since", "until", "away"),
    [
        (None, None, False),
        (date(2026, 9, 1), None, True),
        (date(2026, 9, 1), CYCLE_ENDS, True),
        (date(2026, 9, 1), date(2027, 6, 14), False),
        (date(2026, 10, 13), None, False),
    ],
)
def test_only_who_is_absent_for_all_that_is_left_is_away(since: date | None, until: date | None, away: bool) -> None:
    assert is_away({"absent_from": since, "absent_to": until}, TERM) is away


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_measure_has_a_definition(language: str) -> None:
    texts = Texts.load("services.matching")

    assert [key for key in counts(a_star()) if not texts.knows(f"fairness.{key}", language)] == []


def away(school: School, person: UUID, until: date | None) -> MembershipChanged:
    told = school.member(person).model_dump(exclude={"event_id"})
    return MembershipChanged(**{**told, "absent_from": date(2026, 9, 1), "absent_to": until, "revision": 2})


async def test_a_teacher_who_is_away_until_the_end_is_proposed_to_nobody(stand: Stand) -> None:
    trio = await a_trio(stand)
    await trio.school.hear(away(trio.school, trio.vera, None), away(trio.school, trio.anna, date(2026, 12, 1)))

    run = await trio.school.solved()

    assert run["people"] == 2
    assert await trio.school.proposed(run["run_id"]) == {pair for pair in trio.best if pair[1] != trio.vera}


async def test_a_run_shows_what_was_asked_for_its_price_and_the_counts(stand: Stand) -> None:
    school, anna, takers = await a_running_school(stand), uuid4(), [uuid4(), uuid4()]
    events: list[Event] = [school.cycle_opened(), *(school.member(person) for person in (anna, *takers))]
    await school.hear(*events, *school.strong(anna), *(event for taker in takers for event in school.needs(taker)))
    await school.free(anna, *takers)
    wish = {"load_costs": [50], "is_balanced": True}

    run = await school.solved(fairness=wish)
    again = await school.begin(UUID(run["run_id"]), fairness=wish)
    other = await school.begin(UUID(run["run_id"]), fairness={"load_costs": [60]})
    found = (await school.curate("GET", f"/runs/{run['run_id']}/fairness")).json()
    unasked = await school.solved()
    plainly = (await school.curate("GET", f"/runs/{unasked['run_id']}/fairness")).json()

    assert (run["fairness"], again.status_code, other.status_code) == (wish, 200, 409)
    assert run["certificate"]["input_hash"] != unasked["certificate"]["input_hash"]
    assert (found["asked"], found["gives"]) == (wish, [{"pairings": 2, "people": 1}])
    assert (found["price"]["with_it"]["load"], found["price"]["without_it"]["load"]) == (50, 0)
    assert found["price"]["with_it"]["score"] == found["price"]["without_it"]["score"]
    assert plainly["price"] is None
    assert all(one["definition"] for one in found["measures"])


@pytest.mark.parametrize("wish", [{"load_costs": [200, 50]}, {"load_costs": [-1]}, {"load_costs": [1] * 9}])
async def test_a_wish_that_cannot_be_kept_is_refused(stand: Stand, wish: dict[str, Any]) -> None:
    school = await a_running_school(stand)
    await school.hear(school.cycle_opened())

    assert (await school.begin(fairness=wish)).status_code == 422
