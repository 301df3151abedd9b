"""The best network for an instance, and the exchange between its two ends.

Dual-first: most people with both roles, then most people reached, then the largest total score.
Coverage-first swaps the first two. Among equally good networks fairness decides, then the lots of the seed, by
the ids alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter

from services.matching.engine.certificate import AnyVariant, Certificate
from services.matching.engine.coverage import between, coverage_after, coverage_first
from services.matching.engine.exact import Tally
from services.matching.engine.flow import SolverName, solver_of
from services.matching.engine.goals import Answer, Group, dual_first, score_only
from services.matching.engine.groups import groups
from services.matching.engine.mutual import mutual
from services.matching.engine.offers import edges, table_of
from services.matching.engine.optimum import IsCancelled, OnProgress, Optimum, Search
from services.matching.engine.pins import check_pins
from services.matching.engine.problem import Edge, Instance
from services.matching.engine.quotas import Shortage, shortages
from services.matching.engine.table import Table

Solver = Callable[[Table, Search], Answer]

SOLVERS: Mapping[AnyVariant, Solver] = {
    "dual-first": dual_first,
    "coverage-first": coverage_first,
    "score-only": score_only,
    "mutual": mutual,
    "groups": groups,
}


@dataclass(frozen=True, slots=True)
class Led:
    """A group by ids: who leads it on what, at which of the free times (a bit of the mask), and who comes."""

    giver: str
    competency: str
    time: int
    takers: tuple[str, ...]

    @classmethod
    def of(cls, table: Table, group: Group) -> "Led":
        edges = table.named(group.edges)
        return cls(edges[0].giver, edges[0].competency, group.time, tuple(edge.taker for edge in edges))


@dataclass(frozen=True, slots=True)
class Solution:
    """The chosen edges in the order of (giver, taker, competency), with the certificate.

    `short` tells of promised places that nobody could fill. `optimum` holds the network and the potentials where
    the result is a proved flow.
    """

    matches: tuple[Edge, ...]
    certificate: Certificate
    short: tuple[Shortage, ...] = ()
    groups: tuple[Led, ...] = ()
    optimum: Optimum | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Both ends: at the optimum each further person with both roles costs one person reached."""

    dual_first: Solution
    coverage_first: Solution


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a table: the variant, the name of its input, and how to search."""

    variant: AnyVariant
    input_hash: str
    search: Search

    def answered(self, table: Table, solver: Solver) -> Solution:
        """The solution with its certificate."""
        started = perf_counter()
        answer = solver(table, self.search)
        tally = Tally.of(table, answer.chosen)
        certificate = Certificate(
            dual=tally.dual,
            covered=tally.covered,
            score=tally.score,
            bound=answer.bound,
            gap=answer.bound - (tally.score - tally.load + answer.bonus),
            solver=answer.solver,
            solver_version=answer.solver_version,
            variant=self.variant,
            seed=self.search.seed,
            input_hash=self.input_hash,
            load=tally.load,
            bonus=answer.bonus,
            short=tally.short,
            seconds=perf_counter() - started,
        )
        self.search.enter("done", 1.0)
        short = shortages(answer.optimum) if answer.optimum and tally.short else ()
        led = tuple(Led.of(table, group) for group in answer.groups)
        return Solution(table.named(answer.chosen), certificate, short, led, answer.optimum)


def solve(
    instance: Instance,
    *,
    variant: AnyVariant = "dual-first",
    seed: int = 0,
    solver: SolverName = "auto",
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Solution:
    """The optimum for one order of the goals; blocks until it is proved.

    `on_progress` hears the phase that begins and the share that is behind; `is_cancelled` is asked between the
    phases and inside those that can be interrupted. Raises `Conflict` for pins that cannot be kept, `Cancelled`,
    and `NotProved` when the result fails the exact check.
    """
    search = Search(solver_of(solver), seed, on_progress or _unheard, is_cancelled or _never)
    return Asked(variant, instance.fingerprint(), search).answered(_table(instance), SOLVERS[variant])


def exchange(
    instance: Instance,
    *,
    seed: int = 0,
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Exchange:
    """Both ends of the exchange, for the person in charge to choose; raises as `solve` does.

    The phases in the progress carry the variant before a colon.
    """
    search = Search(solver_of("auto"), seed, on_progress or _unheard, is_cancelled or _never)
    table, input_hash = _table(instance), instance.fingerprint()
    found: list[Answer] = []

    def first(given: Table, how: Search) -> Answer:
        found.append(dual_first(given, how))
        return found[0]

    def second(given: Table, how: Search) -> Answer:
        return coverage_after(given, found[0], how)

    part = search.within(0.0, 0.4, named="dual-first:")
    dual = Asked("dual-first", input_hash, part).answered(table, first)
    part = search.within(0.4, 1.0, named="coverage-first:")
    return Exchange(dual, Asked("coverage-first", input_hash, part).answered(table, second))


def point(instance: Instance, *, dual: int, seed: int = 0, is_cancelled: IsCancelled | None = None) -> Solution:
    """The best network with exactly so many dual roles, between the ends of the exchange.

    Raises `Conflict` (`matching.dual-out-of-range`) beyond them, and as `solve` does.
    """
    search = Search(solver_of("auto"), seed, _unheard, is_cancelled or _never)
    asked = Asked("between", instance.fingerprint(), search)
    return asked.answered(_table(instance), partial(between, dual=dual))


def _table(instance: Instance) -> Table:
    if not instance.pins:
        return table_of(instance)
    check_pins(instance, edges(replace(instance, pins=())))
    return table_of(instance)


def _unheard(step: str, fraction: float) -> None:
    del step, fraction


def _never() -> bool:
    return False
