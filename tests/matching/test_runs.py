"""Runs: frozen input, both ends with their proof, pins, versions, publication."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from contracts.diagnostics import ProfileReleaseWithdrawn
from contracts.registry import CycleStage, CycleStageChanged
from services.matching.engine.flow import solver_of
from services.matching.engine.problem import thaw
from tests.matching.school import NOW, School, a_pair, a_running_school, a_trio
from tests.stand import Stand

PUBLISHED_PAIRS = 3


def a_pin(giver: UUID, taker: UUID, competency: str = "D01") -> dict[str, str]:
    return {"giver_id": str(giver), "taker_id": str(taker), "competency": competency}


async def test_a_run_is_solved_to_both_ends_with_a_proof(stand: Stand) -> None:
    trio = await a_trio(stand)

    begun = await trio.school.begin(seed=7)
    run = await trio.school.ended(begun.json()["run_id"])

    assert (begun.status_code, begun.json()["state"]) == (202, "SOLVING")
    assert begun.json()["exchange"] is begun.json()["certificate"] is None
    assert (run["people"], run["supply"], run["demand"]) == (3, 2, 3)
    assert run["progress"] == {"step": "done", "share": 1.0}
    reached = {"dual": 2, "covered": 3, "score": run["certificate"]["score"]}
    assert run["exchange"] == {"dual_first": reached, "coverage_first": reached, "between": None}
    proved = {"gap": 0, "seed": 7, "solver": solver_of("auto").name, "variant": "dual-first"}
    assert run["certificate"].items() >= proved.items()
    assert await trio.school.proposed(run["run_id"]) == trio.best
    assert await trio.school.proposed(run["run_id"], variant="coverage_first") == trio.best


async def test_a_finished_run_is_announced_once_with_the_dual_first_numbers(stand: Stand) -> None:
    trio = await a_trio(stand)

    run = await trio.school.solved()

    (body,) = await trio.school.matching.bodies("run.finished", trio.school.id)
    assert all(part in body for part in (b'"dual":2', b'"covered":3', b'"people":3', run["run_id"].encode()))


async def test_the_input_is_frozen_as_its_hash_says(stand: Stand) -> None:
    trio = await a_trio(stand)
    run = await trio.school.solved()

    await trio.school.free(*trio.everyone, slots=["fri-1"])

    async with trio.school.matching.db.transaction(trio.school.id) as tx:
        frozen = await tx.value(text("select instance from runs where run_id = :run"), {"run": UUID(run["run_id"])})
    assert thaw(frozen).fingerprint() == run["certificate"]["input_hash"]
    assert trio.school.cycle.hex not in frozen


async def test_the_same_input_gives_the_same_result(stand: Stand) -> None:
    trio = await a_trio(stand)

    first, second = await trio.school.solved(seed=3), await trio.school.solved(seed=3)

    assert first["certificate"]["input_hash"] == second["certificate"]["input_hash"]
    assert await trio.school.proposed(first["run_id"]) == await trio.school.proposed(second["run_id"])


async def test_the_same_run_again_is_nothing_new_and_other_content_is_refused(stand: Stand) -> None:
    trio = await a_trio(stand)
    run, pins = uuid4(), [a_pin(trio.anna, trio.vera)]

    first = await trio.school.begin(run, pins=pins)
    again = await trio.school.begin(run, pins=pins)
    other = await trio.school.begin(run, seed=2, pins=pins)

    assert (first.status_code, again.status_code, other.status_code) == (202, 200, 409)
    assert other.json()["type"] == "urn:neo:problem:run.id-taken"


async def test_the_id_of_another_schools_run_is_taken(stand: Stand) -> None:
    trio = await a_trio(stand)
    run = await trio.school.solved()
    other = School(stand, trio.school.matching)
    await other.hear(other.cycle_opened())

    answer = await other.begin(UUID(run["run_id"]))

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:neo:problem:run.id-taken")


async def test_runs_are_listed_the_newest_first(stand: Stand) -> None:
    pair = await a_pair(stand)
    runs = [(await pair.school.solved())["run_id"] for _ in range(3)]

    first = (await pair.school.curate("GET", "/runs", params={"limit": 2})).json()
    rest = (await pair.school.curate("GET", "/runs", params={"limit": 2, "after": first["next"]})).json()

    assert [one["run_id"] for one in first["items"] + rest["items"]] == runs[::-1]
    assert rest["next"] is None


async def test_an_unknown_cycle_and_a_cycle_that_is_over_are_not_matched(stand: Stand) -> None:
    school = await a_running_school(stand)
    about: dict[str, Any] = {
        "school_id": school.id,
        "cycle_id": school.cycle,
        "previous": CycleStage.ACTIVE,
        "occurred_at": NOW,
    }

    unknown = await school.begin()
    await school.hear(CycleStageChanged(**about, stage=CycleStage.CLOSED, revision=2))
    stage_only = await school.begin()
    await school.hear(school.cycle_opened())
    over = await school.begin()

    assert (unknown.status_code, stage_only.status_code, over.status_code) == (404, 404, 409)
    assert over.json()["type"] == "urn:neo:problem:run.cycle-over"


async def test_an_empty_school_has_an_empty_result(stand: Stand) -> None:
    school = await a_running_school(stand)
    await school.hear(school.cycle_opened())

    run = await school.solved()

    assert run["exchange"]["dual_first"] == {"dual": 0, "covered": 0, "score": 0}


async def test_each_unmet_need_has_its_rule_and_a_sentence_in_the_callers_language(stand: Stand) -> None:
    pair = await a_pair(stand)
    school = pair.school
    await school.hear(*school.needs(pair.boris, "I05"))

    run = await school.solved()

    door, english = f"/runs/{run['run_id']}/unmet", {"Accept-Language": "en"}
    (unmet,) = (await school.curate("GET", door, headers=english)).json()["items"]
    (same,) = (await school.curate("GET", door)).json()["items"]
    assert (unmet["person_id"], unmet["competency"], unmet["rule"]) == (str(pair.boris), "I05", "nobody-strong")
    assert unmet["reason"].isascii()
    assert not same["reason"].isascii()


async def test_a_reason_names_topic_and_time_and_neither_people_nor_levels(stand: Stand) -> None:
    pair = await a_pair(stand)
    run = await pair.school.solved()

    answer = await pair.school.curate("GET", f"/runs/{run['run_id']}/proposals", headers={"Accept-Language": "en"})

    (proposal,) = answer.json()["items"]
    assert proposal["reason"] == (
        "Topic D01: one colleague can share it, another colleague wants to strengthen it; "
        "both are free on Monday, lesson 3."
    )


async def test_a_pin_is_kept_and_shown_as_one(stand: Stand) -> None:
    trio = await a_trio(stand)
    await trio.school.free(trio.anna, give=1)
    free = await trio.school.solved()
    (taker,) = {taker for giver, taker, _ in await trio.school.proposed(free["run_id"]) if giver == trio.anna}
    other = trio.vera if taker == trio.boris else trio.boris

    pinned = await trio.school.solved(based_on=free["run_id"], pins=[a_pin(trio.anna, other)])

    found = (await trio.school.curate("GET", f"/runs/{pinned['run_id']}/proposals")).json()["items"]
    assert {one["taker_id"] for one in found if one["is_pinned"]} == {str(other)}
    assert (await trio.school.run(free["run_id"]))["state"] == "SUPERSEDED"


@pytest.mark.parametrize("pinned", ["banned", "unknown", "same-pair", "same-need", "over-capacity", "stranger"])
async def test_pins_that_contradict_are_refused_at_once_with_both_sides(stand: Stand, pinned: str) -> None:
    trio = await a_trio(stand)
    await trio.school.free(trio.anna, give=1)
    await trio.school.curate("PUT", f"/bans/{trio.boris}/{trio.anna}")
    await trio.school.hear(*trio.school.strong(trio.vera, "D02"), *trio.school.strong(trio.boris, "D03"))
    await trio.school.hear(*trio.school.needs(trio.vera, "D03"), *trio.school.strong(trio.anna, "D03"))
    stranger = uuid4()
    pins, slug, sides = {
        "banned": ([a_pin(trio.boris, trio.anna, "D02")], "pin-banned", {trio.boris, trio.anna}),
        "unknown": ([a_pin(trio.anna, trio.vera, "D09")], "pin-not-allowed", {trio.anna, trio.vera}),
        "same-pair": (
            [a_pin(trio.anna, trio.vera), a_pin(trio.anna, trio.vera, "D03")],
            "pin-same-pair",
            {trio.anna, trio.vera},
        ),
        "same-need": (
            [a_pin(trio.anna, trio.vera, "D03"), a_pin(trio.boris, trio.vera, "D03")],
            "pin-same-need",
            {trio.anna, trio.boris, trio.vera},
        ),
        "over-capacity": (
            [a_pin(trio.anna, trio.boris), a_pin(trio.anna, trio.vera)],
            "pin-over-capacity",
            {trio.anna, trio.boris, trio.vera},
        ),
        "stranger": ([a_pin(trio.anna, stranger)], "pin-stranger", {trio.anna, stranger}),
    }[pinned]
    run = uuid4()

    answer = await trio.school.begin(run, pins=pins)

    assert (answer.status_code, answer.json()["type"]) == (409, f"urn:neo:problem:matching.{slug}")
    assert all(str(side) in answer.text for side in sides)
    assert (await trio.school.curate("GET", f"/runs/{run}")).status_code == 404


async def test_a_new_run_may_only_take_the_place_of_one_in_the_same_cycle_that_stands(stand: Stand) -> None:
    pair = await a_pair(stand)
    first = await pair.school.solved()
    second = await pair.school.solved(based_on=first["run_id"])

    again = await pair.school.begin(based_on=first["run_id"])
    unknown = await pair.school.begin(based_on=str(uuid4()))
    other = School(stand, pair.school.matching, id=pair.school.id)
    await other.hear(other.cycle_opened())
    elsewhere = await other.begin(based_on=second["run_id"])

    assert (again.status_code, again.json()["state"], again.json()["legal"]) == (409, "SUPERSEDED", [])
    assert (unknown.status_code, elsewhere.status_code) == (404, 422)
    assert elsewhere.json()["type"] == "urn:neo:problem:run.other-cycle"


async def test_nothing_is_published_before_one_end_is_chosen(stand: Stand) -> None:
    trio = await a_trio(stand)
    run = await trio.school.solved()

    answer = await trio.school.curate("POST", f"/runs/{run['run_id']}/publish")

    assert answer.json()["type"] == "urn:neo:problem:run.nothing-chosen"


async def test_the_choice_is_stored_may_change_and_decides_which_certificate_is_shown(stand: Stand) -> None:
    trio = await a_trio(stand)
    run = await trio.school.solved()
    door = f"/runs/{run['run_id']}/choose"

    one = (await trio.school.curate("POST", door, json={"variant": "dual_first"})).json()
    same = (await trio.school.curate("POST", door, json={"variant": "dual-first"})).json()
    other = (await trio.school.curate("POST", door, json={"variant": "coverage-first"})).json()

    assert (one["chosen"], other["chosen"]) == ("dual-first", "coverage-first")
    assert one["version"] == same["version"] < other["version"]
    assert other["certificate"]["variant"] == "coverage-first"


async def test_published_pairs_are_proposed_and_announced_each_once(stand: Stand) -> None:
    trio = await a_trio(stand)

    run = await trio.school.published()

    again = await trio.school.curate("POST", f"/runs/{run['run_id']}/publish")
    pairings = (await trio.school.curate("GET", "/pairings", params={"state": "PROPOSED"})).json()["items"]
    assert (run["state"], again.status_code, again.json()["legal"]) == ("PUBLISHED", 409, ["CONFIRMED", "SUPERSEDED"])
    assert {(UUID(one["giver_id"]), UUID(one["taker_id"]), one["competency"]) for one in pairings} == trio.best
    bodies = await trio.school.matching.bodies("pairing.proposed", trio.school.id)
    assert len(bodies) == PUBLISHED_PAIRS
    assert all(b'"revision":1' in body and b"giver_id" not in body for body in bodies)


async def test_of_two_curators_at_once_exactly_one_publishes(stand: Stand) -> None:
    trio = await a_trio(stand)
    run = await trio.school.solved()
    await trio.school.curate("POST", f"/runs/{run['run_id']}/choose", json={"variant": "dual-first"})

    answers = await asyncio.gather(*(trio.school.curate("POST", f"/runs/{run['run_id']}/publish") for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert await trio.school.matching.count("pairings", trio.school.id) == PUBLISHED_PAIRS


async def test_who_looks_at_an_older_version_is_refused_and_told_where_the_run_stands(stand: Stand) -> None:
    trio = await a_trio(stand)
    run = await trio.school.solved()
    door, seen = f"/runs/{run['run_id']}", run["version"]

    first = await trio.school.curate("POST", f"{door}/choose", json={"variant": "dual-first", "version": seen})
    second = await trio.school.curate("POST", f"{door}/choose", json={"variant": "coverage-first", "version": seen})
    late = await trio.school.curate("POST", f"{door}/publish", json={"version": seen})
    cancelled = await trio.school.curate("POST", f"{door}/cancel", json={"version": seen})

    assert [one.status_code for one in (first, second, late, cancelled)] == [200, 409, 409, 409]
    assert second.json()["type"] == "urn:neo:problem:run.changed-meanwhile"
    assert (second.json()["state"], second.json()["version"]) == ("REVIEW", first.json()["version"])
    assert (await trio.school.run(run["run_id"]))["chosen"] == "dual-first"


async def test_a_run_whose_pair_the_rules_no_longer_allow_is_not_published(stand: Stand) -> None:
    trio = await a_trio(stand)
    school = trio.school
    run = await school.solved()
    await school.curate("POST", f"/runs/{run['run_id']}/choose", json={"variant": "dual-first"})
    await school.hear(ProfileReleaseWithdrawn(**school.about(trio.boris, "D02", revision=2)))

    answer = await school.curate("POST", f"/runs/{run['run_id']}/publish")

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:neo:problem:run.outdated")
    lost = {"giver": str(trio.boris), "taker": str(trio.anna), "competency": "D02", "loss": "strength-gone"}
    assert answer.json()["pairs"] == [lost]
    assert await school.matching.count("pairings", school.id) == 0


async def test_open_pairings_take_their_place_in_the_next_run(stand: Stand) -> None:
    trio = await a_trio(stand)
    await trio.school.published()

    second = await trio.school.solved()

    assert (second["supply"], second["demand"]) == (2, 0)
    assert await trio.school.proposed(second["run_id"]) == set()


async def test_of_two_runs_for_the_same_needs_only_one_can_be_published(stand: Stand) -> None:
    trio = await a_trio(stand)
    runs = [(await trio.school.solved())["run_id"] for _ in range(2)]
    for run in runs:
        await trio.school.curate("POST", f"/runs/{run}/choose", json={"variant": "dual-first"})

    answers = await asyncio.gather(*(trio.school.curate("POST", f"/runs/{run}/publish") for run in runs))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await trio.school.matching.count("pairings", trio.school.id) == PUBLISHED_PAIRS


async def test_a_run_is_given_up_until_it_is_published(stand: Stand) -> None:
    trio = await a_trio(stand)
    reviewed, published = await trio.school.solved(), await trio.school.published()

    done = await trio.school.curate("POST", f"/runs/{reviewed['run_id']}/cancel")
    late = await trio.school.curate("POST", f"/runs/{published['run_id']}/cancel")

    assert (done.status_code, done.json()["state"], done.json()["can"]) == (200, "CANCELLED", [])
    assert (late.status_code, late.json()["legal"]) == (409, ["CONFIRMED", "SUPERSEDED"])
