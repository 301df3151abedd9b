"""Mutual pairs: the same two people teach each other, each their own strength, and that is worth a bonus."""

import numpy as np

from services.matching.engine.coverage import end_of
from services.matching.engine.goals import Answer, checked, dual_first
from services.matching.engine.narrowing import Narrowed, narrowed, relaxed
from services.matching.engine.optimum import Search
from services.matching.engine.programme import solver_version
from services.matching.engine.roles import RoleModel, role_model
from services.matching.engine.table import Integers, Table

# A fifth of the worth of the best pairing of the first priority.
MUTUAL_BONUS = 200


def mutual(table: Table, search: Search, *, bonus: int = MUTUAL_BONUS) -> Answer:
    """As many dual roles and as much reach as dual-first, then the largest score with the bonus of mutual pairs."""
    point = end_of(table, dual_first(table, search.within(0.0, 0.3)))

    def build(held: Integers) -> RoleModel:
        model = role_model(table, held, short=point.short)
        model.hold_at(point)
        _add_mutual(model, table, bonus)
        return model

    def worth(found: Narrowed) -> int:
        tally = checked(table, found.chosen)
        return tally.score - tally.load + bonus * mutual_pairs(table, found.chosen)

    limit = relaxed(build(np.arange(len(table.edges))), search)
    found = narrowed(table, limit, build, worth, search)
    earned = bonus * mutual_pairs(table, found.chosen)
    return Answer(found.chosen, max(found.bound, worth(found)), "HiGHS", solver_version(), bonus=earned)


def mutual_pairs(table: Table, chosen: Integers) -> int:
    """How many pairs of people teach each other in this choice."""
    edges = table.edges.at(chosen)
    there = edges.giver * table.people + edges.taker
    back = edges.taker * table.people + edges.giver
    return int(np.isin(there, back).sum()) // 2


def _add_mutual(model: RoleModel, table: Table, bonus: int) -> None:
    """A column per pair that could be mutual, open only when both directions are chosen."""
    programme, edges = model.programme, table.edges.at(model.held)
    first, second = np.minimum(edges.giver, edges.taker), np.maximum(edges.giver, edges.taker)
    is_forward = edges.giver < edges.taker
    pairs, pair = np.unique(first * table.people + second, return_inverse=True)
    both = np.zeros((2, len(pairs)), dtype=bool)
    both[is_forward.astype(np.int64), pair] = True
    is_open: Integers = np.asarray(both.all(axis=0), dtype=np.int64)
    columns = programme.columns(len(pairs), worth=bonus, most=is_open)
    for way in (is_forward, ~is_forward):
        rows = programme.rows(len(pairs), most=0)
        programme.put(rows, columns)
        programme.put(rows[pair[way]], model.edges[way], -1)
