"""The task as a mixed-integer programme, for the variants that are no pure flow."""

from dataclasses import dataclass

import numpy as np

from services.matching.engine.narrowing import Model
from services.matching.engine.programme import Programme
from services.matching.engine.table import Integers, Table


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the exchange: people with both roles, people with at least one, givers and takers, empty places."""

    dual: int
    covered: int
    givers: int
    takers: int
    short: int


@dataclass(frozen=True, slots=True)
class RoleModel(Model):
    """A programme with four columns per person beside those of the edges."""

    gives: Integers
    takes: Integers
    dual: Integers
    covered: Integers

    def hold(self, columns: Integers, least: int) -> None:
        """From now on these columns together reach at least so much."""
        row = self.programme.rows(1, least=least)
        self.programme.put(np.broadcast_to(row, len(columns)), columns)

    def hold_at(self, point: Point) -> None:
        """From now on all givers, takers, reach and dual roles of a point are there."""
        for columns, least in (
            (self.gives, point.givers),
            (self.takes, point.takers),
            (self.covered, point.covered),
            (self.dual, point.dual),
        ):
            if least:
                self.hold(columns, least)


def role_model(table: Table, held: Integers, *, short: int) -> RoleModel:
    """All limits and roles for a part of the edges (the pinned among them); score less load is maximised.

    A role is had only by who has an edge for it; both roles need each, at least one needs either. At most `short`
    promised places stay empty.
    """
    programme, people, kept = Programme(), table.people, table.edges.at(held)
    edges = programme.columns(len(held), worth=kept.score, least=np.isin(held, table.pins).astype(np.int64))
    for groups in (table.topics[held], table.pairs[held]):
        programme.at_most(np.unique(groups, return_inverse=True)[1], edges, 1)
    programme.at_most(kept.giver, edges, table.give)
    programme.at_most(kept.taker, edges, table.take)
    gives, takes, dual, covered = (programme.columns(people) for _ in range(4))
    model = RoleModel(programme, held, edges, gives, takes, dual, covered)
    add_roles(model, kept.giver, kept.taker)
    _add_promises(model, table, short)
    _add_loads(model, table)
    return model


def add_roles(model: RoleModel, givers: Integers, takers: Integers) -> None:
    """Join the columns of the people to those of the edges."""
    programme, people = model.programme, len(model.gives)
    either = programme.rows(people, most=0)
    programme.put(either, model.covered)
    for side, role in ((givers, model.gives), (takers, model.takes)):
        has = programme.rows(people, most=0)
        programme.put(has, role)
        programme.put(has[side], model.edges, -1)
        both = programme.rows(people, most=0)
        programme.put(both, model.dual)
        programme.put(both, role, -1)
        programme.put(either, role, -1)


def _add_promises(model: RoleModel, table: Table, short: int) -> None:
    programme, kept = model.programme, table.edges.at(model.held)
    missing = []
    for side, least in ((kept.giver, table.least_give), (kept.taker, table.least_take)):
        if least.any():
            rows = programme.rows(table.people, least=least)
            empty = programme.columns(table.people, most=least)
            programme.put(rows[side], model.edges)
            programme.put(rows, empty)
            missing.append(empty)
    if missing:
        together = np.concatenate(missing)
        programme.put(np.broadcast_to(programme.rows(1, most=short), len(together)), together)


def _add_loads(model: RoleModel, table: Table) -> None:
    """A column per further pairing of a person in a role, at its cost; costs never fall, so they keep their order."""
    if not table.load:
        return
    programme, kept = model.programme, table.edges.at(model.held)
    for side, limit in ((kept.giver, table.give), (kept.taker, table.take)):
        rows = programme.rows(table.people, most=1)
        programme.put(rows[side], model.edges)
        for unit in range(2, 1 + int(limit.max(initial=0))):
            who = np.flatnonzero(limit >= unit)
            programme.put(rows[who], programme.columns(len(who), worth=-table.load_of(unit)), -1)
