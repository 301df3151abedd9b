"""The best network for an instance, and the exchange between its two ends.

Dual-first: most people with both roles, then most people reached, then the largest total score.
Coverage-first swaps the first two. Among equally good networks the lots of the seed decide, by the ids alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter

from services.matching.engine.certificate import Certificate, Variant
from services.matching.engine.exact import Tally, broken_limits, lot
from services.matching.engine.model import Cancelled, Goal, Network, NotProved
from services.matching.engine.pins import check_pins
from services.matching.engine.problem import Edge, Instance
from services.matching.engine.rules import edges as allowed_edges

OnProgress = Callable[[str, float], None]
IsCancelled = Callable[[], bool]

_ORDERS: Mapping[Variant, tuple[Goal, ...]] = {
    "dual-first": (Goal.DUAL, Goal.COVERED, Goal.SCORE, Goal.TIE),
    "coverage-first": (Goal.COVERED, Goal.DUAL, Goal.SCORE, Goal.TIE),
}


@dataclass(frozen=True, slots=True)
class Solution:
    """The chosen edges in the order of (giver, taker, competency), with the certificate."""

    matches: tuple[Edge, ...]
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Exchange:
    """Both ends: at the optimum each further person with both roles costs one person reached."""

    dual_first: Solution
    coverage_first: Solution


@dataclass(frozen=True, slots=True)
class _Climb:
    """One way up through the goals, in the order of the variant."""

    instance: Instance
    edges: tuple[Edge, ...]
    variant: Variant
    seed: int
    on_progress: OnProgress
    is_cancelled: IsCancelled

    def solution(self) -> Solution:
        started = perf_counter()
        network = Network(self.instance, self.edges, tie_break=[lot(edge, seed=self.seed) for edge in self.edges])
        matches, bound = self._reach(network)
        tally = Tally.of(matches, seed=self.seed)
        certificate = Certificate(
            dual=tally.dual,
            covered=tally.covered,
            score=tally.score,
            bound=bound,
            gap=bound - tally.score,
            solver="HiGHS",
            solver_version=network.solver_version,
            variant=self.variant,
            seed=self.seed,
            input_hash=self.instance.fingerprint(),
            seconds=perf_counter() - started,
        )
        return Solution(matches, certificate)

    def _reach(self, network: Network) -> tuple[tuple[Edge, ...], int]:
        matches: tuple[Edge, ...] = ()
        proved: dict[Goal, int] = {}
        goals = _ORDERS[self.variant]
        for done, goal in enumerate(goals, start=1):
            if self.is_cancelled():
                raise Cancelled
            answer = network.maximise(goal, is_cancelled=self.is_cancelled)
            matches = tuple(self.edges[place] for place in answer.chosen)
            proved[goal] = answer.bound
            self._check(matches, proved)
            network.hold(goal, answer.bound)
            self.on_progress(goal, done / len(goals))
        return matches, proved[Goal.SCORE]

    def _check(self, matches: tuple[Edge, ...], proved: Mapping[Goal, int]) -> None:
        if broken := broken_limits(self.instance, matches):
            raise NotProved(f"broken limits: {', '.join(broken)}")
        tally = Tally.of(matches, seed=self.seed)
        reached = {
            Goal.DUAL: tally.dual,
            Goal.COVERED: tally.covered,
            Goal.SCORE: tally.score,
            Goal.TIE: tally.tie,
        }
        for goal, bound in proved.items():
            if reached[goal] != bound:
                raise NotProved(f"{goal}: {reached[goal]} reached, {bound} proved")


def solve(
    instance: Instance,
    *,
    variant: Variant = "dual-first",
    seed: int = 0,
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Solution:
    """The optimum for one order of the goals; blocks until it is proved.

    `on_progress` hears the step just done and the fraction of all steps; `is_cancelled` is asked often, inside
    the steps too. Raises `Conflict` for pins that cannot be kept, `Cancelled`, and `NotProved` when the
    solver's answer fails the exact check.
    """
    edges = allowed_edges(instance)
    check_pins(instance, edges)
    climb = _Climb(instance, edges, variant, seed, on_progress or _unheard, is_cancelled or _never)
    return climb.solution()


def exchange(
    instance: Instance,
    *,
    seed: int = 0,
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Exchange:
    """Both ends of the exchange, for the person in charge to choose; raises as `solve` does.

    The steps in the progress carry the variant before a colon.
    """
    hear = on_progress or _unheard

    def end(variant: Variant, done: float) -> Solution:
        def half(step: str, fraction: float) -> None:
            hear(f"{variant}:{step}", done + fraction / 2)

        return solve(instance, variant=variant, seed=seed, on_progress=half, is_cancelled=is_cancelled)

    return Exchange(dual_first=end("dual-first", 0.0), coverage_first=end("coverage-first", 0.5))


def _unheard(step: str, fraction: float) -> None:
    del step, fraction


def _never() -> bool:
    return False
