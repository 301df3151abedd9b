"""The open file format: published optima, wrong files named by their place, and a checker that believes nobody."""

import copy
import gzip
import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chassis.refusals import Conflict, Invalid, Missing
from services.matching.engine.certificate import AnyVariant
from services.matching.engine.flow import SolverName, is_flow_installed, solver_of
from services.matching.engine.openfile.checking import check
from services.matching.engine.openfile.explaining import unmet_in
from services.matching.engine.openfile.making import a_city, document_of_task
from services.matching.engine.openfile.reading import OpenTask, document_at, task_from
from services.matching.engine.openfile.verdicts import Verdict
from services.matching.engine.openfile.writing import Ordered, document_of, solved, write
from services.matching.engine.optimum import Search
from services.matching.engine.solve import SOLVERS, Solution

DATA = Path(__file__).parent / "data"
FLOWS: tuple[SolverName, ...] = ("flow", "highs") if is_flow_installed() else ("highs",)


def solution_of(task: OpenTask, *, variant: AnyVariant = "dual-first", solver: SolverName = "auto") -> Solution:
    search = Search(solver_of(solver), 0, lambda *_: None, lambda: False)
    return solved(Ordered.of(task), variant, SOLVERS[variant], search)


def written(task: OpenTask, *, variant: AnyVariant = "dual-first", solver: SolverName = "auto") -> dict[str, Any]:
    """A solution as somebody else would read it from a file."""
    document = document_of(Ordered.of(task), solution_of(task, variant=variant, solver=solver))
    found: dict[str, Any] = json.loads(json.dumps(document))
    return found


def city(name: str) -> OpenTask:
    return task_from(document_at(DATA / f"{name}.json.gz"))


def small() -> dict[str, Any]:
    """Two people who can teach each other."""
    return {
        "n": 2,
        "ids": ["anna", "vera"],
        "slots": [1, 1],
        "G": [1, 1],
        "T": [1, 1],
        "strengths": [[0, 5, 40], [1, 7, 45]],
        "needs": [[1, 5, 25, 1000], [0, 7, 30, 500]],
    }


@pytest.mark.parametrize("solver", FLOWS)
@pytest.mark.parametrize(
    ("name", "optimum"), [("city-80", (35, 66, 38204)), ("city-500", (267, 434, 214978))], ids=["80", "500"]
)
def test_the_published_optima_are_reached(name: str, optimum: tuple[int, int, int], solver: SolverName) -> None:
    found = solution_of(city(name), solver=solver).certificate

    assert (found.dual, found.covered, found.score) == optimum
    assert (found.bound, found.gap) == (optimum[2], 0)


def test_the_rules_give_the_edges_of_the_published_city() -> None:
    document = document_at(DATA / "city-500.json.gz")
    del document["edges"]

    assert Ordered.of(task_from(document)).fingerprint() == Ordered.of(city("city-500")).fingerprint()


def test_a_city_comes_out_byte_for_byte_whoever_solves_it_and_however_it_is_shuffled() -> None:
    task = replace(city("city-80"), ids=tuple(f"{place * 7919 % 80:02}" for place in range(80)))
    mixed, position = shuffled(task, by=11)

    first, second = written(task), written(mixed, solver=FLOWS[-1])

    back = {name: place for place, name in enumerate(task.ids)}
    renamed = [[back[mixed.ids[i]], back[mixed.ids[j]], code] for i, j, code in second["matches"]]
    assert renamed == first["matches"]
    prices = second["certificate"]["potentials"]["giver"]
    assert [prices[position[place]] for place in range(80)] == first["certificate"]["potentials"]["giver"]
    assert second["certificate"]["input_hash"] == first["certificate"]["input_hash"]


def shuffled(task: OpenTask, *, by: int) -> tuple[OpenTask, list[int]]:
    """The same file with its people and rows in another order, and where everybody went."""
    order = Random(by)
    document = document_of_task(task)
    position = order.sample(range(task.people), task.people)
    people = sorted(range(task.people), key=position.__getitem__)
    mixed: dict[str, Any] = {**document, "ids": [task.ids[place] for place in people]}
    for name in ("district", "online", "slots", "G", "T", "min_give", "min_take"):
        column = mixed[name]
        mixed[name] = [column[place] for place in people]
    for name, width in (("strengths", 1), ("needs", 1), ("bans", 2), ("pins", 2)):
        rows = [[position[one] if at < width else one for at, one in enumerate(row)] for row in mixed[name]]
        mixed[name] = order.sample(rows, len(rows))
    edges = mixed["edges"]
    places = order.sample(range(len(edges["giver"])), len(edges["giver"]))
    mixed["edges"] = {name: [edges[name][place] for place in places] for name in edges}
    for name in ("giver", "taker"):
        mixed["edges"][name] = [position[one] for one in mixed["edges"][name]]
    return task_from(mixed), position


@pytest.mark.parametrize(
    ("change", "slug", "place"),
    [
        ({"n": -1}, "match.no-number", "n"),
        ({"slots": 5}, "match.no-list", "slots"),
        ({"slots": [1]}, "match.wrong-length", "slots"),
        ({"G": [1, "two"]}, "match.no-number", "G[1]"),
        ({"T": [1, -2]}, "match.no-number", "T[1]"),
        ({"needs": [[1, 5, 25]]}, "match.wrong-row", "needs[0]"),
        ({"needs": [[1, 5, 25, 1000], [0, 7, 30.5, 500]]}, "match.no-number", "needs[1][2]"),
        ({"needs": [[2, 5, 25, 1000]]}, "match.unknown-person", "needs[0][0]"),
        ({"needs": [[1, 5, 25, 10_001]]}, "match.out-of-range", "needs[0][3]"),
        ({"strengths": [[0, 5, 40], [0, 5, 41]]}, "match.repeated", "strengths[1]"),
        ({"bans": [[0, 9]]}, "match.unknown-person", "bans[0][1]"),
        ({"ids": ["anna", "anna"]}, "match.repeated", "ids[1]"),
        ({"load_costs": [5, 3]}, "match.falling-load", "load_costs[1]"),
        ({"edges": {"giver": [0], "taker": [1], "comp": [5]}}, "match.no-list", "edges.score"),
        ({"edges": {"giver": [0], "taker": [0], "comp": [5], "score": [1]}}, "match.self-edge", "edges.taker[0]"),
        ({"edges": {"giver": [0], "taker": [1], "comp": [5], "score": [0]}}, "match.out-of-range", "edges.score[0]"),
    ],
)
def test_a_wrong_file_is_answered_with_the_place(change: dict[str, object], slug: str, place: str) -> None:
    with pytest.raises(Invalid) as refusal:
        task_from({**small(), **change})

    assert (refusal.value.slug, refusal.value.facts["place"]) == (slug, place)


def test_a_file_that_is_not_there_or_no_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"n": 2,\n  "slots": [1,,1]}')
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(b'{"n": 2}')[:-9])
    (tmp_path / "list.json").write_text("[]")

    with pytest.raises(Missing):
        document_at(tmp_path / "nowhere.json")
    with pytest.raises(Invalid, match=r"match\.not-json") as refusal:
        document_at(tmp_path / "broken.json")
    assert refusal.value.facts["line"] == 2
    with pytest.raises(Invalid, match=r"match\.unreadable"):
        document_at(tmp_path / "cut.json.gz")
    with pytest.raises(Invalid, match=r"match\.no-object"):
        document_at(tmp_path / "list.json")


def test_pins_of_a_file_are_kept_or_refused_by_the_ids_of_both_sides() -> None:
    kept = solution_of(task_from({**small(), "pins": [[0, 1, 5]]}))

    with pytest.raises(Conflict) as refusal:
        Ordered.of(task_from({**small(), "pins": [[1, 0, 5]]}))

    assert ("anna", "vera", "5") in {edge.key for edge in kept.matches}
    assert (refusal.value.slug, refusal.value.facts["giver"]) == ("matching.pin-not-allowed", "vera")


@pytest.mark.parametrize("variant", ["dual-first", "score-only"])
def test_an_honest_solution_is_proved(variant: AnyVariant) -> None:
    task = city("city-80")

    assert check(task, written(task, variant=variant)).verdict is Verdict.PROVED


@pytest.mark.parametrize("variant", ["coverage-first", "mutual"])
def test_a_variant_that_is_no_flow_has_right_sums_and_no_proof(variant: AnyVariant) -> None:
    task = city("city-80")

    assert check(task, written(task, variant=variant)).verdict is Verdict.UNPROVED


def test_a_forged_certificate_is_told_from_an_honest_one() -> None:
    task = city("city-80")
    honest = written(task)

    for place in range(task.people):
        forged = copy.deepcopy(honest)
        forged["certificate"]["potentials"]["need"][place][2] += 10**6
        assert check(task, forged).verdict is Verdict.FORGED
    light = copy.deepcopy(honest)
    light["certificate"]["weights"]["role"] = 1
    assert check(task, light).verdict is Verdict.PROVED, "the checker has weights of its own"


def test_a_worse_network_is_found_out_whatever_it_claims() -> None:
    task = city("city-80")
    worse = written(task, variant="score-only")
    worse["certificate"] = written(task)["certificate"]

    found = check(task, worse)

    assert found.verdict is Verdict.SUBOPTIMAL
    assert int(found.facts["roles"]) > 0


def test_without_potentials_the_checker_searches_for_itself() -> None:
    task = city("city-80")
    bare = written(task)
    del bare["certificate"]

    assert check(task, bare).verdict is Verdict.FOUND_BEST


def broken(change: str) -> tuple[OpenTask, dict[str, Any]]:
    """A small task with a solution that breaks one thing."""
    document = {
        **small(),
        "n": 3,
        "ids": ["anna", "vera", "gleb"],
        "slots": [1, 1, 1],
        "G": [2, 1, 1],
        "T": [1, 2, 1],
        "strengths": [[0, 5, 40], [0, 7, 45], [2, 5, 40]],
        "needs": [[1, 5, 25, 1000], [1, 7, 30, 500], [2, 7, 30, 500]],
        "pins": [[0, 1, 5]],
    }
    matches = {
        "not-allowed": [[1, 0, 5]],
        "need-twice": [[0, 1, 5], [2, 1, 5]],
        "pair-twice": [[0, 1, 5], [0, 1, 7]],
        "over-capacity": [[0, 1, 5], [0, 2, 7]],
        "pin-missing": [[0, 2, 7]],
        "wrong-form": [[0, 1]],
        "wrong-sums": [[0, 1, 5], [0, 2, 7]],
    }[change]
    if change == "over-capacity":
        document["G"] = [1, 1, 1]
    return task_from(document), {"matches": matches, "objective": {"dual": 1, "covered": 3, "score": 1}}


@pytest.mark.parametrize(
    "fault", ["not-allowed", "need-twice", "pair-twice", "over-capacity", "pin-missing", "wrong-form", "wrong-sums"]
)
def test_each_kind_of_fault_has_its_own_verdict(fault: str) -> None:
    assert check(*broken(fault)).verdict == fault


def test_promises_and_loads_are_proved_too() -> None:
    document = {**document_at(DATA / "city-80.json.gz"), "min_give": [1] * 80, "load_costs": [5, 50]}
    task = task_from(document)
    found = written(task)

    assert check(task, found).verdict is Verdict.PROVED
    assert found["certificate"]["short"] > 0
    found["certificate"]["short"] -= 1
    assert check(task, found).verdict is Verdict.WRONG_SUMS


def test_the_same_seed_makes_the_same_city_and_another_seed_another(tmp_path: Path) -> None:
    one, same, other = (document_of_task(a_city(120, seed=seed)) for seed in (4, 4, 5))
    write(one, tmp_path / "one.json.gz")

    assert one == same
    assert one != other
    assert document_at(tmp_path / "one.json.gz") == one


def test_each_unmet_need_of_a_city_has_its_first_failing_step() -> None:
    task = city("city-80")
    ordered, solution = Ordered.of(task), solution_of(task)

    unmet = unmet_in(ordered, solution.matches)

    assert len(unmet) + len(solution.matches) == len(task.needs)
    assert {one.step for one in unmet} >= {"nobody-strong", "no-free-giver", "level-too-far"}
