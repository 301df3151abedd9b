"""One indicator from publication to publication: what changed, and whether chance explains it.

Only what was published goes into the comparison: where a number was hidden or shown as a bound, nothing is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.reporting.domain.indicators import Change, Value, compare
from services.reporting.domain.passports import Unit


@dataclass(frozen=True, slots=True)
class Point:
    """A published number as far as it was shown, and the version of its definition."""

    definition_version: str
    n_num: float | None
    n_den: float | None
    value: float | None
    ci_low: float | None
    ci_high: float | None

    @classmethod
    def of(cls, row: Mapping[str, object]) -> "Point":
        """A point from what stands in a publication."""
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})  # type: ignore[arg-type]


def changes(unit: Unit, points: Sequence[Point]) -> list[Change | None]:
    """What changed at each point since the one before; None at the first, and where the two cannot be compared."""
    if not points:
        return []
    return [None, *(_change(unit, before, after) for before, after in pairwise(points))]


def _change(unit: Unit, before: Point, after: Point) -> Change | None:
    first, second = _value(unit, before), _value(unit, after)
    if first is None or second is None or before.definition_version != after.definition_version:
        return None
    return compare(first, second)


def _value(unit: Unit, point: Point) -> Value | None:
    if point.n_num is None or point.value is None or (unit != "count" and not point.n_den):
        return None
    return Value(unit, point.n_num, point.n_den, point.value, point.ci_low, point.ci_high)
