"""The same competency of one person measured twice: did the person change, and is the gap closed?"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from math import sqrt

from services.diagnostics.scoring.assessment import Assessment
from services.diagnostics.scoring.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of two levels (after minus before), in levels and in its own standard errors."""

    difference: float
    z: float
    is_reliable: bool

    @property
    def is_rise(self) -> bool:
        """Is it a reliable change for the better?"""
        return self.is_reliable and self.difference > 0


@dataclass(frozen=True, slots=True)
class Scale:
    """A single scale as the first measurement found it: standard deviation among people, and reliability (0 to 1)."""

    deviation: float
    reliability: float

    def __post_init__(self) -> None:
        if self.deviation <= 0:
            raise ValueError(f"a standard deviation is above 0, not {self.deviation}")
        if not 0 <= self.reliability < 1:
            raise ValueError(f"a reliability lies from 0 to below 1, not at {self.reliability}")


@dataclass(frozen=True, slots=True)
class Wave:
    """One of the two measurements of a cycle."""

    catalogue_version: str
    day: date


def reliable_change(before: Assessment, after: Assessment, parameters: Parameters) -> Change:
    """`z = (L2 − L1) / sqrt(SE1² + SE2²)` of two fused levels; reliable from |z| = 1.96 on (D2.9)."""
    return _change(after.level - before.level, sqrt(before.error**2 + after.error**2), parameters)


def scale_change(before: float, after: float, *, scale: Scale, parameters: Parameters) -> Change:
    """Reliable change index of one scale: `RCI = (x2 − x1) / (SD1·sqrt(2)·sqrt(1 − r))`, reliable from 1.96 on.

    Jacobson and Truax, 1991, Journal of Consulting and Clinical Psychology 59(1), 12–19, with the denominator
    of Christensen and Mendoza, 1986.
    """
    error = scale.deviation * sqrt(2) * sqrt(1 - scale.reliability)
    return _change(after - before, error, parameters)


def is_gap_closed(
    before: Assessment, after: Assessment, *, parameters: Parameters, has_accepted_artefact: bool = False
) -> bool:
    """Was there a gap, is it below 0.75 now, and is the rise reliable (D2.9)?

    An artefact at the target level that an expert accepted stands in for the reliable rise. The gap after
    is taken against the target before: a lowered target closes nothing.
    """
    if before.gap < parameters.deficit_gap:
        return False
    if before.target - after.level >= parameters.deficit_gap:
        return False
    return has_accepted_artefact or reliable_change(before, after, parameters).is_rise


def may_compare(first: Wave, second: Wave, parameters: Parameters) -> bool:
    """Do two measurements tell of a change: the same version of the catalogue, three months between them (D2.9)?"""
    return first.catalogue_version == second.catalogue_version and second.day >= _months_after(
        first.day, parameters.months_between
    )


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _change(difference: float, error: float, parameters: Parameters) -> Change:
    z = difference / error
    return Change(difference, z, abs(z) >= parameters.reliable_z)
