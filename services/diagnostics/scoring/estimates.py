"""A value with the interval in which it may lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from services.diagnostics.scoring.parameters import Parameters
from services.diagnostics.scoring.quantiles import student_quantile


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value found in a sample, with the bounds of its interval."""

    value: float
    low: float
    high: float


def upper_tail(parameters: Parameters) -> float:
    """The probability below the upper bound of a two-sided interval: 0.975 for 95 %."""
    return (1 + parameters.interval_share) / 2


def mean_estimate(values: Sequence[float], parameters: Parameters) -> Estimate | None:
    """The mean with Student's interval `x̄ ± t(n − 1)·s/√n` (Student, 1908); `None` of fewer than two values."""
    if len(values) < 2:
        return None
    mean = fmean(values)
    reach = student_quantile(upper_tail(parameters), len(values) - 1) * stdev(values) / sqrt(len(values))
    return Estimate(mean, mean - reach, mean + reach)
