"""The value of an indicator at a place, with its uncertainty, and what changed between two values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis.refusals import Invalid
from services.reporting.domain.intervals import (
    CONFIDENCE,
    TWO_SIDED_Z,
    Interval,
    mean_interval,
    proportions_z,
    t_quantile,
    wilson,
)
from services.reporting.domain.passports import Passport, Unit


@dataclass(frozen=True, slots=True)
class Value:
    """Count beside share: `n_num` of `n_den` make `value`, with its 95 % interval where one exists.

    A mean keeps the sum in `n_num` and the number of observations in `n_den`. Nothing is known of the value
    (None) when nobody was counted.
    """

    unit: Unit
    n_num: float
    n_den: float | None
    value: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    beside: Mapping[str, "Value"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """From one value to another: the difference, persons more or fewer, and whether chance explains it."""

    difference: float
    persons: float
    score: float
    is_distinguishable: bool


def evaluate(definition: Passport, counters: Mapping[str, float]) -> Value:
    """The value of `definition` from the counters of a place.

    Shares carry the Wilson interval, means the t interval, counts none. Invalid when a counter is absent,
    or when a numerator exceeds its denominator.
    """
    if definition.unit == "mean":
        main = _mean(definition, counters)
    else:
        main = _plain(definition.unit, definition.numerator, definition.denominator, counters)
    beside = {one.code: _plain(one.unit, one.numerator, one.denominator, counters) for one in definition.beside}
    return Value(main.unit, main.n_num, main.n_den, main.value, main.ci_low, main.ci_high, beside)


def compare(before: Value, after: Value) -> Change:
    """What changed; `is_distinguishable` is False where «рост не отличим от случайного» must be printed.

    Shares: the pooled two-proportion z against 1.96. Means: Welch's t with the Welch-Satterthwaite degrees
    of freedom (Welch B. L. (1947), Biometrika 34, 28-35). Counts: the square-root transform of two Poisson
    counts (Bartlett M. S. (1936), JRSS Suppl. 3, 68-78). Invalid when the units differ.
    """
    if before.unit != after.unit:
        raise Invalid("report.not-comparable", before=before.unit, after=after.unit)
    difference = (after.value or 0.0) - (before.value or 0.0)
    score, limit = _score(before, after)
    is_known = before.value is not None and after.value is not None
    return Change(
        difference=difference,
        persons=after.n_num - before.n_num if after.unit != "mean" else (after.n_den or 0) - (before.n_den or 0),
        score=score,
        is_distinguishable=is_known and abs(score) >= limit,
    )


def _counted(counters: Mapping[str, float], counter: str) -> float:
    if counter not in counters:
        raise Invalid("report.counter-absent", counter=counter)
    return counters[counter]


def _plain(unit: Unit, numerator: str, denominator: str | None, counters: Mapping[str, float]) -> Value:
    hits = _counted(counters, numerator)
    if hits < 0:
        raise Invalid("report.counter-negative", counter=numerator)
    if denominator is None:
        return Value(unit, hits, None, hits)
    trials = _counted(counters, denominator)
    if hits > trials:
        raise Invalid("report.part-over-whole", part=numerator, whole=denominator)
    return _with(Value(unit, hits, trials, hits / trials if trials else None), wilson(hits, trials))


def _mean(definition: Passport, counters: Mapping[str, float]) -> Value:
    count = _counted(counters, definition.denominator or "")
    total = _counted(counters, definition.numerator)
    squares = _counted(counters, definition.squares or "")
    value = Value("mean", total, count, total / count if count else None)
    return _with(value, mean_interval(count, total, squares))


def _with(value: Value, interval: Interval | None) -> Value:
    if interval is None:
        return value
    return Value(value.unit, value.n_num, value.n_den, value.value, interval.low, interval.high)


def _score(before: Value, after: Value) -> tuple[float, float]:
    """The test statistic and the limit that it must reach."""
    if before.unit == "share":
        pairs = (before.n_num, before.n_den or 0.0), (after.n_num, after.n_den or 0.0)
        return proportions_z(*pairs), TWO_SIDED_Z
    if before.unit == "count":
        return 2.0 * (after.n_num**0.5 - before.n_num**0.5) / 2**0.5, TWO_SIDED_Z
    return _welch(before, after)


def _welch(before: Value, after: Value) -> tuple[float, float]:
    first, second = _error(before), _error(after)
    if first is None or second is None or first + second == 0:
        return 0.0, TWO_SIDED_Z
    n_first, n_second = (before.n_den or 0) - 1, (after.n_den or 0) - 1
    degrees = (first + second) ** 2 / (first**2 / n_first + second**2 / n_second)
    difference = (after.value or 0.0) - (before.value or 0.0)
    return difference / (first + second) ** 0.5, t_quantile((1 + CONFIDENCE) / 2, max(1, int(degrees)))


def _error(value: Value) -> float | None:
    """The squared standard error, taken back from the t interval."""
    if value.ci_low is None or value.ci_high is None or value.n_den is None:
        return None
    half = (value.ci_high - value.ci_low) / 2
    return float((half / t_quantile((1 + CONFIDENCE) / 2, int(value.n_den) - 1)) ** 2)
