"""Complementary slackness, step by step: what each unit of a network costs beside given prices.

A step is one unit that could be used or not: an edge, a pair, a need, a person's first, second… pairing in a role,
the imbalance of a person's roles. This file knows them from docs/matching.md and shares nothing with the solver.
"""

from dataclasses import dataclass, replace

import numpy as np

from chassis.refusals import Invalid
from services.matching.engine.openfile.fields import numbers
from services.matching.engine.openfile.reading import OpenTask
from services.matching.engine.table import Integers, Truths, whole

_MOST_ROUNDS_BETWEEN_LOOKS = 20
_HEAVIEST = 2**55


@dataclass(frozen=True, slots=True)
class Steps:
    """All steps with their ends, their three costs, whether they are used, and whether they may change."""

    tail: Integers
    head: Integers
    role: Integers
    money: Integers
    quota: Integers
    used: Truths
    fixed: Truths
    points: int
    needs: Integers
    pairs: Integers
    people: int
    codes: int
    role_weight: int
    quota_weight: int

    def weighed_by(self, certificate: dict[str, object]) -> "Steps":
        """The steps under the weights of a certificate, if these are heavy enough to put goals in their order."""
        found = certificate.get("weights")
        weights = found if isinstance(found, dict) else {}
        role, quota = (weights.get(name, 0) for name in ("role", "quota"))
        if not isinstance(role, int) or not isinstance(quota, int) or max(role, quota) > _HEAVIEST:
            raise Invalid("match.no-number", place="weights")
        if role < self.role_weight or quota < 1 + (4 * self.people + 1) * role:
            return self
        return replace(self, role_weight=role, quota_weight=quota)

    @property
    def cost(self) -> Integers:
        """What each step costs."""
        return self.role_weight * self.role + self.quota_weight * self.quota + self.money


def steps_of(task: OpenTask, edges: Integers, chosen: Truths, *, with_roles: bool) -> Steps:
    """Every step of a file's task under a choice of its edges. Points: hub, people, givers, takers, needs, pairs."""
    people, codes = task.people, task.codes
    giver = 1 + people + edges[:, 0]
    needs, need = np.unique(edges[:, 1] * codes + edges[:, 2], return_inverse=True)
    pairs, pair, often = np.unique(edges[:, 0] * max(1, people) + edges[:, 1], return_inverse=True, return_counts=True)
    first_need, first_pair = 1 + 3 * people, 1 + 3 * people + len(needs)
    is_shared = often[pair] > 1
    start = np.where(is_shared, first_pair + pair, giver)
    rows = [_rows(start, first_need + need, 0, -edges[:, 3], 0, chosen)]
    used_pairs = np.bincount(pair[chosen], minlength=len(pairs)) > 0
    shared = np.flatnonzero(often > 1)
    rows.append(_rows(1 + people + pairs[shared] // max(1, people), first_pair + shared, 0, 0, 0, used_pairs[shared]))
    met = np.bincount(need[chosen], minlength=len(needs)) > 0
    rows.append(_rows(first_need + np.arange(len(needs)), 1 + 2 * people + needs // codes, 0, 0, 0, met))
    rows += _people_rows(task, edges, chosen, with_roles=with_roles)
    columns = [np.concatenate(part) for part in zip(*rows, strict=True)]
    fixed = np.zeros(len(columns[0]), dtype=bool)
    fixed[: len(edges)] = np.isin(task.keys(edges), task.keys(task.pins))
    role, quota = _weights(task, edges)
    tail, head, roles, money, quotas = (column.astype(np.int64) for column in columns[:5])
    used = columns[5].astype(bool)
    points = first_pair + len(pairs)
    return Steps(tail, head, roles, money, quotas, used, fixed, points, needs, pairs, people, codes, role, quota)


def _rows(*columns: Integers | int | Truths) -> list[Integers]:
    return [np.atleast_1d(one) for one in np.broadcast_arrays(*columns)]


def _people_rows(task: OpenTask, edges: Integers, chosen: Truths, *, with_roles: bool) -> list[list[Integers]]:
    """The steps of people: their pairings one by one, and the imbalance of their roles."""
    gives, takes = (np.bincount(edges[chosen, side], minlength=task.people) for side in (0, 1))
    could = [_could(task.people, edges[:, side], most) for side, most in ((0, task.give), (1, task.take))]
    both, rows = could[0] & could[1], []
    if with_roles:
        who = np.flatnonzero(both)
        has_give, has_take = gives[who] > 0, takes[who] > 0
        rows.append(_rows(1 + who, 0, 1, 0, 0, has_take & ~has_give))
        rows.append(_rows(0, 1 + who, 1, 0, 0, has_give & ~has_take))
    for counts, most, least, can, first, is_giver in (
        (gives, task.give, task.least_give, could[0], 1 + task.people, True),
        (takes, task.take, task.least_take, could[1], 1 + 2 * task.people, False),
    ):
        for unit in range(1, 1 + int(most.max(initial=0))):
            who = np.flatnonzero(can & (most >= unit))
            counts_as_role = with_roles and unit == 1
            far = np.where(both[who], 1 + who, 0) if counts_as_role else np.zeros(len(who), dtype=np.int64)
            role = np.where(both[who], -2, -1) if counts_as_role else np.zeros(len(who), dtype=np.int64)
            load = 0 if unit < 2 or not task.load else task.load[min(unit, len(task.load) + 1) - 2]
            ends = (far, first + who) if is_giver else (first + who, far)
            rows.append(_rows(*ends, role, load, -(least[who] >= unit).astype(np.int64), counts[who] >= unit))
    return rows


def _could(people: int, side: Integers, most: Integers) -> Truths:
    return (np.bincount(side, minlength=people) > 0) & (most > 0)


def _weights(task: OpenTask, edges: Integers) -> tuple[int, int]:
    """Weights that no sum of scores and loads can outweigh, and no sum of roles."""
    needs, need = np.unique(edges[:, 1] * task.codes + edges[:, 2], return_inverse=True)
    best = np.zeros(len(needs), dtype=np.int64)
    np.maximum.at(best, need, edges[:, 3])
    loads = 0
    for most in (task.give, task.take) if task.load else ():
        for unit in range(2, 1 + int(most.max(initial=0))):
            loads += int((most >= unit).sum()) * task.load[min(unit, len(task.load) + 1) - 2]
    role = 1 + int(best.sum()) + loads
    return role, 1 + (4 * task.people + 1) * role


def potentials_in(certificate: dict[str, object], steps: Steps) -> Integers:
    """The prices of a certificate, one per point; `Invalid` if they are not of the right form."""
    found = certificate.get("potentials")
    parts = found if isinstance(found, dict) else {}
    prices = np.zeros(steps.points, dtype=np.int64)
    for place, name in enumerate(("person", "giver", "taker")):
        column = _signed(parts.get(name), f"potentials.{name}", 1)
        if len(column) != steps.people:
            raise Invalid("match.wrong-length", place=f"potentials.{name}", length=len(column), expected=steps.people)
        prices[1 + place * steps.people : 1 + (place + 1) * steps.people] = column[:, 0]
    first = 1 + 3 * steps.people
    _set(prices, _signed(parts.get("need"), "potentials.need", 3), (steps.needs, first, steps.codes))
    pairs = (steps.pairs, first + len(steps.needs), max(1, steps.people))
    _set(prices, _signed(parts.get("pair"), "potentials.pair", 3), pairs)
    return prices


def _signed(value: object, place: str, width: int) -> Integers:
    """Rows of whole numbers of either sign."""
    if not isinstance(value, list):
        raise Invalid("match.no-list", place=place)
    flat = [one for row in value for one in (row if isinstance(row, list) else [row])]
    if len(flat) != width * len(value):
        raise Invalid("match.wrong-row", place=place, width=width)
    signs = whole([-1 if isinstance(one, int) and one < 0 else 1 for one in flat])
    size = numbers([abs(one) if isinstance(one, int) else one for one in flat], place, width=width if width > 1 else 0)
    return (signs * size).reshape(-1, width)


def _set(prices: Integers, rows: Integers, known: tuple[Integers, int, int]) -> None:
    """Prices of needs or pairs that are named by two numbers; strangers among them have no step to prove."""
    keys, first, width = known
    wanted = rows[:, 0] * width + rows[:, 1]
    place = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
    is_known = keys[place] == wanted if len(keys) else np.zeros(len(rows), dtype=bool)
    prices[first + place[is_known]] = rows[is_known, 2]


def is_proved(steps: Steps, prices: Integers) -> bool:
    """Does no unused step cost less than nothing, and no used one more, beside these prices?"""
    beside = steps.cost + prices[steps.tail] - prices[steps.head]
    is_right = np.where(steps.used, beside <= 0, beside >= 0) | steps.fixed
    return bool(is_right.all())


def improvement(steps: Steps) -> Integers | None:
    """A better network: signed as `steps` to use (by place) … or nothing if there is none. Plain Bellman and Ford."""
    free = np.flatnonzero(~steps.fixed)
    used = steps.used[free]
    tail = np.where(used, steps.head[free], steps.tail[free])
    head = np.where(used, steps.tail[free], steps.head[free])
    cost = np.where(used, -steps.cost[free], steps.cost[free])
    price, came = np.zeros(steps.points, dtype=np.int64), np.full(steps.points, -1, dtype=np.int64)
    while True:
        for _ in range(_MOST_ROUNDS_BETWEEN_LOOKS):
            reached = price[tail] + cost
            nearer = np.flatnonzero(reached < price[head])
            if not len(nearer):
                return None
            np.minimum.at(price, head[nearer], reached[nearer])
            best = nearer[reached[nearer] == price[head[nearer]]]
            came[head[best]] = best
        cycle = _cycle(came, tail)
        if len(cycle):
            return free[cycle]


def _cycle(came: Integers, tail: Integers) -> Integers:
    """The places of one cycle among the steps that points were reached by."""
    state = np.zeros(len(came), dtype=np.int64)
    for start in np.flatnonzero(came >= 0).tolist():
        at, mark = start, start + 1
        while came[at] >= 0 and not state[at]:
            state[at] = mark
            at = int(tail[came[at]])
        if came[at] >= 0 and state[at] == mark:
            cycle: list[int] = []
            point = at
            while not cycle or point != at:
                cycle.append(int(came[point]))
                point = int(tail[came[point]])
            return whole(cycle)
    return whole([])
