"""Coverage first, and every point of the exchange between the two ends.

D + C is the same at every point (docs/matching.md), so a point is named by its number of dual roles alone. The
score beneath coverage is a matching in a graph that need not be bipartite, but its relaxation is a flow (`doubled`)
and so nearly whole that it tells each person's leading role. Under known leading roles coverage first is a flow as
well; what it should leave open, a few edges decide (`narrowing`).
"""

from dataclasses import replace

import numpy as np

from chassis.refusals import Conflict
from services.matching.engine.doubled import Mirrored, mirrored
from services.matching.engine.errors import NotProved
from services.matching.engine.exact import Tally
from services.matching.engine.goals import Answer, checked, dual_first
from services.matching.engine.narrowing import Narrowed, Relaxed, narrowed, relaxed
from services.matching.engine.optimum import Search, optimum
from services.matching.engine.programme import solver_version
from services.matching.engine.roles import Point, RoleModel, role_model
from services.matching.engine.table import Integers, Table, Truths

# Beyond so many people a gap that the leading roles leave is stated instead of closed.
MOST_PEOPLE_TO_BRANCH = 5_000


def coverage_first(table: Table, search: Search) -> Answer:
    """Most people reached, then most people with both roles, then the largest score."""
    search.enter("reach", 0.0)
    mirror = mirrored(table, search)
    return reaching(table, mirror, mirror.leads_giving, search)


def coverage_after(table: Table, best: Answer, search: Search) -> Answer:
    """The same, when the dual-first answer is known already: both must agree on all roles and on promises."""
    search.enter("reach", 0.0)
    end, mirror = end_of(table, best), mirrored(table, search)
    if (mirror.roles, mirror.short) != (end.dual + end.covered, end.short):
        raise NotProved("the relaxation disagrees with the flow on roles or promises")
    return reaching(table, mirror, mirror.leads_giving, search)


def reaching(table: Table, mirror: Mirrored, leads_giving: Truths, search: Search) -> Answer:
    """The best network that reaches what the relaxation reaches, looked for under these leading roles.

    The first pairing in the leading role of a person counts twice: a flow under such rewards cannot be better than
    the relaxation, and where it is as good it is the answer. Else branches close the gap, up to so many people;
    beyond, it is stated.
    """
    led = optimum(table, search.within(0.5, 0.7), roles="each", leads_giving=leads_giving).chosen
    tally, bound = checked(table, led), mirror.value2 // 2
    value = tally.score - tally.load
    reaches = (tally.covered, tally.dual, tally.short) == (mirror.covered, mirror.dual, mirror.short)
    if reaches and (value == bound or table.people > MOST_PEOPLE_TO_BRANCH):
        return Answer(led, bound, search.solver.name, search.solver.version)
    gap = float(bound - value) if reaches else 0.0
    return _at(table, mirror.point, Relaxed(bound, mirror.reduced2 / 2), search, allowed=gap)


def between(table: Table, search: Search, *, dual: int) -> Answer:
    """The largest score with exactly so many dual roles and all the reach that they leave.

    `Conflict` (`matching.dual-out-of-range`) beyond the two ends of the exchange.
    """
    best = dual_first(table, search.within(0.0, 0.3))
    end = end_of(table, best)
    if dual == end.dual:
        return best
    search.enter("reach", 0.3)
    least = mirrored(table, search).dual
    if not least <= dual <= end.dual:
        raise Conflict("matching.dual-out-of-range", field="dual", least=least, most=end.dual)
    point = replace(end, dual=dual, covered=end.dual + end.covered - dual)
    return _at(table, point, relaxed(_held(table, np.arange(len(table.edges)), point), search), search)


def end_of(table: Table, answer: Answer) -> Point:
    """The point of the exchange where an answer stands."""
    tally, chosen = Tally.of(table, answer.chosen), table.edges.at(answer.chosen)
    givers, takers = len(np.unique(chosen.giver)), len(np.unique(chosen.taker))
    return Point(tally.dual, tally.covered, givers, takers, tally.short)


def _held(table: Table, held: Integers, point: Point) -> RoleModel:
    """The programme over some edges, at a point of the exchange."""
    model = role_model(table, held, short=point.short)
    model.hold_at(point)
    return model


def _at(table: Table, point: Point, limit: Relaxed, search: Search, *, allowed: float = 0.0) -> Answer:
    """The best network at a point; `allowed` is how far below the limit one is known."""

    def worth(found: Narrowed) -> int:
        tally = checked(table, found.chosen)
        return tally.score - tally.load

    found = narrowed(table, limit, lambda held: _held(table, held, point), worth, search, allowed=allowed)
    final = settled(table, found.chosen, search.within(0.95, 1.0))
    return Answer(final, max(found.bound, worth(found)), "HiGHS", solver_version())


def settled(table: Table, chosen: Integers, search: Search) -> Integers:
    """The same people in the same roles; among their networks the best, and among equals the one by lot."""
    edges = table.edges.at(chosen)
    gives = np.bincount(edges.giver, minlength=table.people) > 0
    takes = np.bincount(edges.taker, minlength=table.people) > 0
    roles = replace(
        table,
        give=np.where(gives, table.give, 0),
        take=np.where(takes, table.take, 0),
    )
    final = optimum(roles, search, roles="each").chosen
    before, after = checked(table, chosen), checked(table, final)
    if (after.dual, after.covered, after.short) != (before.dual, before.covered, before.short):
        raise NotProved("settling changed who is reached")
    return final
