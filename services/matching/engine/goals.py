"""The variants: what counts first, and who proves it. All take a table and a search and give one kind of answer."""

from dataclasses import dataclass

import numpy as np

from services.matching.engine.errors import NotProved
from services.matching.engine.exact import Tally
from services.matching.engine.optimum import Optimum, Search, optimum
from services.matching.engine.table import Integers, Table


@dataclass(frozen=True, slots=True)
class Group:
    """A group by places of the table: `time` is the bit of the free time, `edges` the places of its pairs."""

    giver: int
    time: int
    edges: Integers


@dataclass(frozen=True, slots=True)
class Answer:
    """The chosen edges by place; `bound` is the proved limit of their score, less load, plus bonus.

    `optimum` holds the potentials where a flow proves everything; `solver` says who found the choice.
    """

    chosen: Integers
    bound: int
    solver: str
    solver_version: str
    bonus: int = 0
    optimum: Optimum | None = None
    groups: tuple[Group, ...] = ()


def dual_first(table: Table, search: Search) -> Answer:
    """Most people with both roles, then most people reached, then the largest score."""
    return by_flow(table, optimum(table, search), search)


def score_only(table: Table, search: Search) -> Answer:
    """The largest score, whoever gets it."""
    return by_flow(table, optimum(table, search, roles="none"), search)


def by_flow(table: Table, found: Optimum, search: Search) -> Answer:
    """The answer behind a proved flow; its exact value is its own bound."""
    tally = checked(table, found.chosen)
    return Answer(found.chosen, tally.score - tally.load, search.solver.name, search.solver.version, optimum=found)


def checked(table: Table, chosen: Integers) -> Tally:
    """The sums of a choice that keeps every limit; `NotProved` names the limits that it does not keep."""
    broken = broken_in(table, chosen)
    if broken:
        raise NotProved(f"broken limits: {', '.join(broken)}")
    return Tally.of(table, chosen)


def broken_in(table: Table, chosen: Integers) -> list[str]:
    """The names of the limits of a table that a choice breaks."""
    edges = table.edges.at(chosen)
    gives = np.bincount(edges.giver, minlength=table.people)
    takes = np.bincount(edges.taker, minlength=table.people)
    kept = {
        "need": len(np.unique(table.topics[chosen])) == len(chosen),
        "pair": len(np.unique(table.pairs[chosen])) == len(chosen),
        "give-capacity": bool((gives <= table.give).all()),
        "take-capacity": bool((takes <= table.take).all()),
        "pin": bool(np.isin(table.pins, chosen).all()),
    }
    return [name for name, is_kept in kept.items() if not is_kept]
