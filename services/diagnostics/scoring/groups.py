"""A group of people measured twice: how far it moved, and whether its yardstick moved too."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, sqrt
from statistics import StatisticsError, correlation, fmean, stdev

from services.diagnostics.scoring.estimates import Estimate, mean_estimate, upper_tail
from services.diagnostics.scoring.parameters import Parameters
from services.diagnostics.scoring.quantiles import normal_quantile

Level = float | None


@dataclass(frozen=True, slots=True)
class GroupChange:
    """The change of people measured twice, in levels; `missing` were measured once only or never.

    `difference` needs two people, `effect` (Hedges g, in standard deviations of the levels before) needs three
    who did not all stand at one level.
    """

    n: int
    missing: int
    before: float | None
    after: float | None
    difference: Estimate | None
    effect: Estimate | None

    def may_leave(self, parameters: Parameters) -> bool:
        """Do enough people stand behind it to be announced?"""
        return self.n >= parameters.tally_people


@dataclass(frozen=True, slots=True)
class Movement:
    """What an effect size needs to know of n pairs: mean difference, deviation before, correlation of the pairs."""

    n: int
    difference: float
    deviation: float
    correlation: float


@dataclass(frozen=True, slots=True)
class ResponseShift:
    """Self-ratings before, after, and of the former self as seen afterwards (the then-test), as mean differences.

    `apparent` is after minus before; `shift` is then minus before, below 0 when people judge their former self
    more strictly now; `adjusted` is after minus then, the change by one and the same yardstick.
    """

    n: int
    missing: int
    apparent: Estimate | None
    shift: Estimate | None
    adjusted: Estimate | None


def group_change(pairs: Sequence[tuple[Level, Level]], parameters: Parameters) -> GroupChange:
    """The mean difference of pairs (before, after) with Student's interval, and Hedges g (D2.9).

    One pair for each person: several competencies of one person go in as their mean, for they do not err
    independently. A missing level (`None` or 0) takes the whole pair out and is counted.
    """
    whole = [(before, after) for before, after in pairs if before and after]
    before, after = [pair[0] for pair in whole], [pair[1] for pair in whole]
    return GroupChange(
        n=len(whole),
        missing=len(pairs) - len(whole),
        before=fmean(before) if whole else None,
        after=fmean(after) if whole else None,
        difference=mean_estimate([second - first for first, second in whole], parameters),
        effect=_effect(before, after, parameters),
    )


def hedges_g(movement: Movement, parameters: Parameters) -> Estimate:
    """The standardised mean change `g = J(n − 1)·(x̄2 − x̄1)/SD1` with its interval.

    Becker, 1988, British Journal of Mathematical and Statistical Psychology 41, 257–278, with the exact
    correction of Hedges, 1981, `J(m) = Γ(m/2) / (√(m/2)·Γ((m − 1)/2))`; sampling variance
    `2·(1 − r)/n + g²/(2n)`. It is measured in the deviation before, as the reliable change index is, and so
    compares with effects between persons; a deviation of the differences would make it look larger.
    """
    if movement.n < 3 or movement.deviation <= 0:
        raise ValueError("an effect size needs three pairs that differ before")
    value = _correction(movement.n - 1) * movement.difference / movement.deviation
    error = sqrt((2 * (1 - movement.correlation) + value**2 / 2) / movement.n)
    reach = normal_quantile(upper_tail(parameters)) * error
    return Estimate(value, value - reach, value + reach)


def response_shift(answers: Sequence[tuple[Level, Level, Level]], parameters: Parameters) -> ResponseShift:
    """Compare self-ratings (before, then, after) of the same people; a missing one takes the person out (D2.9).

    Howard and others, 1979, Applied Psychological Measurement 3(1), 1–23.
    """
    whole = [(before, then, after) for before, then, after in answers if before and then and after]
    return ResponseShift(
        n=len(whole),
        missing=len(answers) - len(whole),
        apparent=mean_estimate([after - before for before, _, after in whole], parameters),
        shift=mean_estimate([then - before for before, then, _ in whole], parameters),
        adjusted=mean_estimate([after - then for _, then, after in whole], parameters),
    )


def _effect(before: Sequence[float], after: Sequence[float], parameters: Parameters) -> Estimate | None:
    if len(before) < 3 or stdev(before) == 0:
        return None
    movement = Movement(len(before), fmean(after) - fmean(before), stdev(before), _correlation(before, after))
    return hedges_g(movement, parameters)


def _correlation(before: Sequence[float], after: Sequence[float]) -> float:
    """None is known where all stand at one level afterwards: 0 gives the widest interval short of an opposite."""
    try:
        return correlation(before, after)
    except StatisticsError:
        return 0.0


def _correction(freedom: int) -> float:
    return exp(lgamma(freedom / 2) - lgamma((freedom - 1) / 2)) / sqrt(freedom / 2)
