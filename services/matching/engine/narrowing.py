"""Whole answers from almost whole relaxations, by leaving out the edges that cannot matter.

The relaxation of a programme bounds the best value, and its reduced cost says how much the bound falls when an
edge is forced in. Only edges whose reduced cost is below the gap can be part of a better answer. The programme is
solved on the cheapest edges first, and again on those that the gap still allows, until the rest cannot matter:
the answer is then the best over all edges, though the solver has seen few of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from services.matching.engine.errors import NotProved
from services.matching.engine.optimum import Search
from services.matching.engine.programme import Outcome, Programme, Reals
from services.matching.engine.table import Integers, Table

# Beyond so many branches the gap that is left is stated instead of closed: time limits would make results differ.
MOST_NODES = 20_000
_ROUNDING = 1e-6
_FIRST_STEP = 50.0
_WIDER = 4.0


@dataclass(frozen=True, slots=True)
class Model:
    """A programme over the edges at the places `held`, one column each, and what else it was built with."""

    programme: Programme
    held: Integers
    edges: Integers


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The chosen edges by place, the outcome on the model that found them, and the proved bound over all edges."""

    chosen: Integers
    model: Model
    outcome: Outcome
    bound: int


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The bound of a relaxation, and by how much it falls when an edge is forced in."""

    bound: int
    reduced: Reals


def relaxed(model: Model, search: Search) -> Relaxed:
    """The relaxation of a programme over all edges, by HiGHS."""
    search.enter("relax", 0.5)
    limit = model.programme.solve(search.is_cancelled, is_whole=False)
    reduced = np.where(limit.values[model.edges] > _ROUNDING, 0.0, np.abs(limit.reduced[model.edges]))
    return Relaxed(limit.whole_bound, reduced)


def narrowed(
    table: Table,
    limit: Relaxed,
    build: Callable[[Integers], Model],
    worth: Callable[[Narrowed], int],
    search: Search,
    *,
    allowed: float = 0.0,
) -> Narrowed:
    """The best answer over all edges; `build` makes the programme for some of them, `worth` values an answer exactly.

    `allowed` is the gap to begin with, where an answer is known already.
    `NotProved` when there is no answer at all.
    """
    search.enter("branch", 0.7)
    reduced = limit.reduced.copy()
    reduced[table.pins] = 0.0
    while True:
        held = np.flatnonzero(reduced <= allowed + _ROUNDING)
        is_all = len(held) == len(reduced)
        found = _whole(build(held), search, may_fail=not is_all)
        if found is None:
            allowed = max(_FIRST_STEP, allowed * _WIDER)
            continue
        gap = limit.bound - worth(found)
        if gap <= allowed or is_all:
            return Narrowed(found.chosen, found.model, found.outcome, min(limit.bound, found.bound))
        allowed = float(gap)


def _whole(model: Model, search: Search, *, may_fail: bool) -> Narrowed | None:
    try:
        outcome = model.programme.solve(search.is_cancelled, is_whole=True, nodes=MOST_NODES)
        return Narrowed(model.held[outcome.chosen(model.edges)], model, outcome, outcome.whole_bound)
    except NotProved:
        if not may_fail:
            raise
        return None
