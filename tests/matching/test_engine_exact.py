"""The count in whole numbers that every answer of the solver has to pass."""

from dataclasses import replace

import numpy as np

from services.matching.engine.canonical import lots_of
from services.matching.engine.exact import Tally, broken_limits
from services.matching.engine.offers import table_of
from services.matching.engine.problem import Edge, OpenPair, Pin, thaw
from tests.matching.tasks import a_person, a_task, city

ANNA_TO_VERA = Edge("anna", "vera", "D01", 900)
ANNA_TO_BORIS = Edge("anna", "boris", "D01", 50)
FIRST_LOT = 3255509


def test_a_tally_counts_people_once_in_each_role() -> None:
    matches = [ANNA_TO_BORIS, ANNA_TO_VERA, Edge("vera", "anna", "D02", 7)]
    task = replace(
        a_task([a_person("anna"), replace(a_person("boris"), least_take=2), a_person("vera")]),
        listed_edges=tuple(matches),
        load_costs=(30,),
    )

    tally = Tally.of(table_of(task), np.arange(3))

    assert (tally.dual, tally.covered, tally.score) == (2, 3, 957)
    assert (tally.load, tally.short) == (30, 1)


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
    task = replace(
        a_task([a_person("vera"), a_person("anna")], strengths=[("anna", "D01", 40)]), listed_edges=(ANNA_TO_VERA,)
    )
    table = table_of(task)

    assert lots_of(table, table.edges, seed=0).tolist() == [FIRST_LOT]
    assert lots_of(table, table.edges, seed=1).tolist() != [FIRST_LOT]
    assert lots_of(table, table.edges, seed=0, salt=1).tolist() != [FIRST_LOT]
    assert task.fingerprint() == "e5c6b68effc1aa28b26b8d40d2ab0b8ac83c1241623cb57b5168ee754387dfcc"


def test_a_task_thaws_as_it_was_frozen() -> None:
    task = replace(
        city(), pins=(Pin("p00000", "p00001", "c1"),), open_pairs=(OpenPair("p00002", "p00003"),), load_costs=(5, 9)
    )

    assert thaw(task.canonical()) == task
    assert thaw(task.canonical()).fingerprint() == task.fingerprint()
