"""The count in whole numbers that every answer of the solver has to pass."""

from dataclasses import replace

from services.matching.engine.exact import Tally, broken_limits, lot
from services.matching.engine.problem import Edge, OpenPair, Pin, thaw
from tests.matching.tasks import a_person, a_task, city

ANNA_TO_VERA = Edge("anna", "vera", "D01", 900)


def test_a_tally_counts_people_once_in_each_role() -> None:
    matches = [ANNA_TO_VERA, Edge("anna", "boris", "D01", 50), Edge("vera", "anna", "D02", 7)]

    tally = Tally.of(matches, seed=0)

    assert (tally.dual, tally.covered, tally.score) == (2, 3, 957)


def test_each_broken_limit_is_named() -> None:
    task = replace(
        a_task([a_person("anna", give=1), a_person("boris"), a_person("vera", take=1)]),
        pins=(Pin("boris", "anna", "D09"),),
    )
    matches = [ANNA_TO_VERA, Edge("boris", "vera", "D01", 5), Edge("anna", "vera", "D02", 5)]

    assert broken_limits(task, matches) == ["need", "pair", "give-capacity", "take-capacity", "pin"]


def test_a_choice_within_all_limits_breaks_none() -> None:
    assert broken_limits(a_task([a_person("anna"), a_person("vera")]), [ANNA_TO_VERA]) == []


def test_lots_and_fingerprints_are_the_same_on_every_machine() -> None:
    task = a_task([a_person("vera"), a_person("anna")], strengths=[("anna", "D01", 40)])

    assert lot(ANNA_TO_VERA, seed=0) == 344358
    assert lot(ANNA_TO_VERA, seed=1) != 344358
    assert task.fingerprint() == "ecde4b7b72d045bdd5bdf1d6ae1e17d7140fcef6deb48aef3ebc9563e0099a2f"


def test_a_task_thaws_as_it_was_frozen() -> None:
    task = replace(city(), pins=(Pin("p00000", "p00001", "c1"),), open_pairs=(OpenPair("p00002", "p00003"),))

    assert thaw(task.canonical()) == task
    assert thaw(task.canonical()).fingerprint() == task.fingerprint()
