"""The workshop in words: both ends and their price, the proof, the table as its address says, whose hand was last."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chassis.texts import Texts
from gateway.portal.catalogue import read_catalogue
from gateway.portal.reader import Reader
from gateway.portal.rooms import packages
from gateway.portal.workshop.changes import signed
from gateway.portal.workshop.edits import ago, last_step, steps_of
from gateway.portal.workshop.network import Chosen, Pair, rest_of_address, selected
from gateway.portal.workshop.pair import candidates
from gateway.portal.workshop.result import exchange_of, proof_of, shown_end
from gateway.portal.workshop.visit import Visit, shortened


def a_found_pair(giver: str, taker: str, code: str = "D01") -> Pair:
    return Pair(giver, taker, code, giver, taker, "", "", is_pinned=False, is_mutual=False, address="")


def test_others_for_each_side_have_released_the_topic_and_carry_least_first() -> None:
    released = [
        {"person_id": person, "competency": code, "competency_class": known}
        for person, code, known in (
            ("busy", "D01", "STRENGTH_CONFIRMED"),
            ("free", "D01", "STRENGTH_OFFERED"),
            ("anna", "D01", "STRENGTH_OFFERED"),
            ("boris", "D01", "DEFICIT_CONFIRMED"),
            ("vera", "D02", "DEFICIT_CONFIRMED"),
        )
    ]
    pair = a_found_pair("anna", "galina")
    pairs = [pair, a_found_pair("busy", "vera", "D02")]

    givers, takers = (candidates(released, pairs, pair, side) for side in ("giver", "taker"))

    assert [(one.person, one.load) for one in givers] == [("free", 0), ("busy", 1)]
    assert [one.pin for one in takers] == [{"giver_id": "anna", "taker_id": "boris", "competency": "D01"}]


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=3), "3 minutes ago"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(days=3), "23 November 2026, 15:00"),
    ],
)
def test_step_of_a_hand_was_made_so_long_ago(passed: timedelta, said: str) -> None:
    now = datetime(2026, 11, 26, 12, tzinfo=UTC)
    texts, clock = Texts.load(*packages()), SimpleNamespace(now=lambda: now)
    request = SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(clock=clock)))
    reader = SimpleNamespace(request=request, language="en")
    visit = SimpleNamespace(reader=reader, say=lambda slug: texts.say(slug, "en"))

    assert ago((now - passed).isoformat(), cast(Visit, visit)) == said


def a_visit() -> Visit:
    texts = Texts.load(*packages())
    reader = SimpleNamespace(say=lambda slug, **facts: texts.say(slug, "en", **facts), language="en")
    return Visit(cast(Reader, reader), "spb-693", read_catalogue(NO_TOPICS, "en"))


NO_TOPICS: dict[str, Any] = {"domains": [], "levels": [], "subjects": [], "competencies": []}
FOUND = {"dual": 35, "covered": 66, "score": 38_204}
SOLVED: dict[str, Any] = {
    "chosen": None,
    "people": 80,
    "created_at": "2026-10-12T09:00:00Z",
    "exchange": {"dual_first": FOUND, "coverage_first": {"dual": 34, "covered": 67, "score": 38_000}, "between": None},
    "certificate": {
        **FOUND,
        "bound": 38_204,
        "gap": 0,
        "solver": "OR-Tools",
        "solver_version": "9",
        "variant": "dual-first",
        "seed": 1,
        "input_hash": "7b68",
        "seconds": 0.08,
    },
}


def test_the_exchange_shows_both_ends_and_what_the_second_costs() -> None:
    exchange = exchange_of(SOLVED, "coverage-first", a_visit())

    assert [(end.variant, end.is_shown, end.is_chosen) for end in exchange.ends] == [
        ("dual-first", False, False),
        ("coverage-first", True, False),
    ]
    assert exchange.ends[1].price == "Compared with the first: 1 fewer with both roles, 1 more with a pair."
    assert (exchange.is_choice, exchange.is_made, exchange.low, exchange.high) == (True, False, 34, 35)


def test_only_a_gap_of_nothing_is_called_proved() -> None:
    short = {**SOLVED, "certificate": {**SOLVED["certificate"], "gap": 12, "bound": 38_216}}

    proved, close = proof_of(SOLVED, a_visit()), proof_of(short, a_visit())

    assert (proved.title, proved.is_proved) == ("Proved: there is no better network", True)
    assert (close.title, close.is_proved) == ("A good network, 12 short of the proved bound", False)
    assert ("Fingerprint of the input", "7b68") in proved.rows


def test_a_network_without_pairs_says_that_there_are_none() -> None:
    nothing = {**SOLVED["certificate"], "dual": 0, "covered": 0, "score": 0, "bound": 0}

    proof = proof_of({**SOLVED, "certificate": nothing}, a_visit())

    assert (proof.title, proof.is_empty) == ("Proved: no new pair can be formed now", True)
    assert proof.reached.startswith("People taking part: 80, but no new pair")


def test_an_end_that_is_not_there_is_not_shown() -> None:
    assert shown_end(SOLVED, "between") == "dual-first"
    assert shown_end({**SOLVED, "chosen": "coverage-first"}, None) == "coverage-first"
    assert shown_end(SOLVED, "coverage-first") == "coverage-first"


def a_pair(giver: str, taker: str, code: str) -> Pair:
    return Pair(giver, taker, code, giver, taker, code, "", is_pinned=False, is_mutual=False, address="")


def test_the_table_is_filtered_and_sorted_as_the_address_says() -> None:
    pairs = [a_pair("Bell", "Adams", "M01"), a_pair("Adams", "Cook", "D01"), a_pair("Cook", "Bell", "D01")]

    by_name = selected(pairs, Chosen(who="adam"))
    by_topic = selected(pairs, Chosen(topic="D01", sort="taker"))

    assert [pair.giver for pair in by_name] == ["Adams", "Bell"]
    assert [pair.taker for pair in by_topic] == ["Bell", "Cook"]
    assert rest_of_address(Chosen(topic="D01", sort="taker"), view="table") == "topic=D01&sort=taker&view=table"


def test_the_last_step_among_edits_is_the_newest_edit_or_undoing() -> None:
    first = {"made_at": "2026-10-12T09:00:00Z", "made_by": "a", "kind": "pin", "undone_at": None, "undone_by": None}
    undone = {**first, "made_by": "b", "kind": "ban", "undone_at": "2026-10-12T09:05:00Z", "undone_by": "c"}

    assert (steps_of([first]), last_step([first])) == (1, ("a", "pin"))
    assert (steps_of([first, undone]), last_step([first, undone])) == (3, ("c", "undone"))


def test_names_are_short_and_differences_have_their_sign() -> None:
    assert shortened("Титова Валентина Владимировна") == "Титова В. В."
    assert [signed(count) for count in (3, 0, -2)] == ["+3", "0", "−2"]
