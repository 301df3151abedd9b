"""How sure a number is: intervals for shares and means, and the test behind «не отличим от случайного».

A share of a whole staff is a census of partly the same people, so an interval here is a guide to how many
persons stand behind a change, not a promise about a larger population.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95
TWO_SIDED_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval, both ends included, in the unit of the value itself."""

    low: float
    high: float


def wilson(successes: float, trials: float) -> Interval | None:
    """The score interval of a share, 0…1; None when nobody was counted.

    Wilson E. B. (1927), Probable inference, the law of succession, and statistical inference,
    JASA 22, 209-212.
    """
    if trials <= 0:
        return None
    share = successes / trials
    square = TWO_SIDED_Z**2
    spread = TWO_SIDED_Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    centre, scale = share + square / (2 * trials), 1 + square / trials
    return Interval(max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale))


def t_quantile(probability: float, degrees: int) -> float:
    """The quantile of Student's t below which `probability` (above one half) of the mass lies.

    Hill G. W. (1970), Algorithm 396: Student's t-quantiles, Communications of the ACM 13(10), 619-620;
    one and two degrees of freedom are exact.
    """
    if not 0.5 < probability < 1 or degrees < 1:
        raise ValueError("a quantile needs 0.5 < probability < 1 and at least one degree of freedom")
    tails = 2 * (1 - probability)
    if degrees == 1:
        return 1 / math.tan(tails * math.pi / 2)
    if degrees == 2:
        return math.sqrt(2 / (tails * (2 - tails)) - 2)
    return _hill(tails, degrees)


def _hill(tails: float, n: int) -> float:
    """The general case of Algorithm 396; letters follow the paper, `tails` is the mass of both tails."""
    a = 1 / (n - 0.5)
    b = 48 / a**2
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * n
    y = (d * tails) ** (2 / n)
    if y > 0.05 + a:
        x = NormalDist().inv_cdf(tails / 2)
        y = x * x
        if n < 5:
            c += 0.3 * (n - 4.5) * (x + 0.6)
        c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
        return math.sqrt(n * math.expm1(a * y * y))
    tail = 1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)
    return math.sqrt(n * ((tail * y - 1) * (n + 1) / (n + 2) + 1 / y))


def mean_interval(count: float, total: float, squares: float) -> Interval | None:
    """The t interval of a mean from count, sum and sum of squares; None below two observations."""
    if count < 2:
        return None
    mean = total / count
    variance = max(0.0, (squares - total * mean) / (count - 1))
    half = t_quantile((1 + CONFIDENCE) / 2, int(count) - 1) * math.sqrt(variance / count)
    return Interval(mean - half, mean + half)


def proportions_z(before: tuple[float, float], after: tuple[float, float]) -> float:
    """The pooled two-proportion z of (numerator, denominator) pairs; 0 where nothing can differ.

    Fleiss J. L., Levin B., Paik M. C. (2003), Statistical Methods for Rates and Proportions, 3.2,
    without the continuity correction.
    """
    (hits_before, n_before), (hits_after, n_after) = before, after
    if n_before <= 0 or n_after <= 0:
        return 0.0
    pooled = (hits_before + hits_after) / (n_before + n_after)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n_before + 1 / n_after))
    return 0.0 if error == 0 else (hits_after / n_after - hits_before / n_before) / error
