"""The same competency measured twice: did the person change, and is the gap closed?"""

from dataclasses import dataclass
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


def reliable_change(before: Assessment, after: Assessment, parameters: Parameters) -> Change:
    """`z = (L2 − L1) / sqrt(SE1² + SE2²)` of two fused levels; reliable from |z| = 1.96 on."""
    return _change(after.level - before.level, sqrt(before.error**2 + after.error**2), parameters)


def scale_change(before: float, after: float, *, reliability: float, parameters: Parameters) -> Change:
    """Reliable change index of a scale (Jacobson and Truax): `(x2 − x1) / (SD·sqrt(2)·sqrt(1 − r))`."""
    if not 0 <= reliability < 1:
        raise ValueError(f"a reliability lies from 0 to below 1, not at {reliability}")
    error = parameters.rater_deviation * sqrt(2) * sqrt(1 - reliability)
    return _change(after - before, error, parameters)


def is_gap_closed(
    before: Assessment, after: Assessment, *, parameters: Parameters, has_accepted_artefact: bool = False
) -> bool:
    """Was there a gap, is it below 0.75 now, and is the change reliable?

    An artefact at the target level that an expert accepted stands in for the reliable change. The gap after
    is taken against the target before: a lowered target closes nothing.
    """
    if before.gap < parameters.deficit_gap:
        return False
    if before.target - after.level >= parameters.deficit_gap:
        return False
    return has_accepted_artefact or reliable_change(before, after, parameters).is_rise


def _change(difference: float, error: float, parameters: Parameters) -> Change:
    z = difference / error
    return Change(difference, z, abs(z) >= parameters.reliable_z)
