"""Coverage first: leading roles read off the relaxation make it a flow; wrong ones cost nothing but time."""

from dataclasses import replace

import numpy as np

from services.matching.engine.coverage import MOST_PEOPLE_TO_BRANCH, coverage_first, reaching
from services.matching.engine.doubled import mirrored
from services.matching.engine.exact import Tally
from services.matching.engine.flow import solver_of
from services.matching.engine.goals import Answer
from services.matching.engine.offers import table_of
from services.matching.engine.openfile.making import a_city
from services.matching.engine.openfile.writing import Ordered
from services.matching.engine.optimum import Search
from services.matching.engine.problem import Edge
from services.matching.engine.table import Table
from tests.matching.tasks import a_person, a_task, city

SEARCH = Search(solver_of("auto"), 0, lambda *_: None, lambda: False)
NAMES = ("anna", "boris", "vera", "gleb")


def a_table(*, strangers: int = 0) -> Table:
    """The best is Boris → Vera → Gleb, worth ten: Vera has both roles, three are reached."""
    people = [a_person(name, give=1, take=1) for name in (*NAMES, *(f"stranger-{place}" for place in range(strangers)))]
    edges = (
        Edge("anna", "vera", "D01", 5),
        Edge("boris", "vera", "D01", 9),
        Edge("gleb", "vera", "D01", 5),
        Edge("vera", "boris", "D01", 1),
        Edge("vera", "gleb", "D01", 1),
    )
    return table_of(replace(a_task(people), listed_edges=edges))


def under_wrong_roles(table: Table) -> Answer:
    mirror = mirrored(table, SEARCH)
    return reaching(table, mirror, ~mirror.leads_giving, SEARCH)


def test_wrong_leading_roles_are_put_right_by_branches() -> None:
    table = a_table()

    answer = under_wrong_roles(table)

    assert [edge.key[:2] for edge in table.named(answer.chosen)] == [("boris", "vera"), ("vera", "gleb")]
    assert answer.bound == 10


def test_wrong_leading_roles_among_thousands_are_an_honest_gap() -> None:
    table = a_table(strangers=MOST_PEOPLE_TO_BRANCH)

    answer = under_wrong_roles(table)

    tally = Tally.of(table, answer.chosen)
    assert (tally.dual, tally.covered, tally.score, answer.bound) == (1, 3, 6, 10)


def test_a_city_under_roles_that_are_all_wrong_comes_to_the_same_sums() -> None:
    table = table_of(city())

    assert Tally.of(table, under_wrong_roles(table).chosen) == Tally.of(table, coverage_first(table, SEARCH).chosen)


def test_a_city_needs_no_branch() -> None:
    table = Ordered.of(a_city(300, seed=5)).table

    answer = coverage_first(table, SEARCH)

    tally, mirror = Tally.of(table, answer.chosen), mirrored(table, SEARCH)
    assert (tally.covered, tally.dual, tally.score) == (mirror.covered, mirror.dual, answer.bound)
    assert answer.solver == SEARCH.solver.name
    assert np.isin(mirror.gives2, (0, 2)).all()
