"""Quantiles of the normal, Student's and Fisher's distributions, for the bounds of intervals.

The standard library has the normal one alone, numpy none. A statistics library would make the first download of
the product a third larger for these few lines; the tests hold them against such a library's figures.
"""

from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

# The bounds of the search, and of the continued fraction: double precision is exhausted long before.
HALVINGS = 200
MOST_TERMS = 100_000
TINY = 1e-300
ENOUGH = 1e-15


def normal_quantile(probability: float) -> float:
    """The value below which the standard normal distribution has this probability (0 to 1, both excluded)."""
    return NormalDist().inv_cdf(probability)


def student_quantile(probability: float, freedom: float) -> float:
    """The value below which Student's distribution has this probability; its square is Fisher's with (1, freedom)."""
    _must_be_inside(probability)
    size = sqrt(fisher_quantile(abs(2 * probability - 1), upper=1, lower=freedom)) if probability != 0.5 else 0.0
    return size if probability > 0.5 else -size


def fisher_quantile(probability: float, *, upper: float, lower: float) -> float:
    """The value below which Fisher's F has this probability; degrees of freedom may be broken.

    `upper·F / (upper·F + lower)` has the beta distribution with half the degrees of freedom
    (Abramowitz and Stegun, 1964, 26.6.2 and 26.5.28).
    """
    _must_be_inside(probability)
    if min(upper, lower) <= 0:
        raise ValueError(f"degrees of freedom are above 0, not {upper} and {lower}")
    if probability > 0.5:
        # The same point seen from the thin end, where nothing is lost to the difference from 1.
        return 1 / fisher_quantile(1 - probability, upper=lower, lower=upper)
    share = _beta_quantile(probability, upper / 2, lower / 2)
    return lower * share / (upper * (1 - share))


def _must_be_inside(probability: float) -> None:
    if not 0 < probability < 1:
        raise ValueError(f"a probability lies between 0 and 1, not at {probability}")


def _beta_quantile(probability: float, first: float, second: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if beta_share(middle, first, second) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_share(value: float, first: float, second: float) -> float:
    """The regularised incomplete beta function `I_x(a, b)`: the beta distribution's share below `value`.

    By its continued fraction, on the side of the mean where it converges fast (NIST Digital Library of
    Mathematical Functions, 8.17.22 and 8.17.4).
    """
    if not 0 < value < 1:
        return 0.0 if value <= 0 else 1.0
    if value > (first + 1) / (first + second + 2):
        return 1 - beta_share(1 - value, second, first)
    logarithm = lgamma(first + second) - lgamma(first) - lgamma(second)
    logarithm += first * log(value) + second * log1p(-value)
    return exp(logarithm) / first / _fraction(value, first, second)


def _fraction(value: float, first: float, second: float) -> float:
    """`1 + d1/(1 + d2/(1 + …))` from the front, after Lentz (Press and others, Numerical Recipes, 5.2 and 6.4)."""
    result, numerator, denominator = 1.0, 1.0, 0.0
    for place in range(1, MOST_TERMS):
        half = place // 2
        if place % 2:
            term = -(first + half) * (first + second + half) * value / ((first + place - 1) * (first + place))
        else:
            term = half * (second - half) * value / ((first + place - 1) * (first + place))
        denominator = 1 / ((1 + term * denominator) or TINY)
        numerator = (1 + term / numerator) or TINY
        result *= numerator * denominator
        if abs(numerator * denominator - 1) < ENOUGH:
            return result
    raise ArithmeticError(f"no convergence of the beta distribution with {first} and {second}")
