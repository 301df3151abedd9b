"""What one source says of a person's level, and how far it may err."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from statistics import fmean

import numpy as np
import numpy.typing as npt

from services.diagnostics.scoring.parameters import Parameters

Floats = npt.NDArray[np.float64]
# The scale itself: five behavioural levels.
LOWEST, HIGHEST = 1.0, 5.0


class SourceKind(StrEnum):
    """Where a reading comes from."""

    SA = "SA"
    P360 = "P360"
    OBS = "OBS"
    TST = "TST"
    ART = "ART"


@dataclass(frozen=True, slots=True)
class Reading:
    """A level from one source; `None` and 0 mean that the source has nothing to say.

    `count` is how much stands behind it: colleagues of P360, lessons of OBS, tasks of TST; 1 for SA and ART.
    """

    kind: SourceKind
    level: float | None
    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"count must be at least 1, not {self.count}")
        if self.level and not (isfinite(self.level) and LOWEST <= self.level <= HIGHEST):
            raise ValueError(f"a level lies between 1 and 5, not at {self.level}")


def standard_error(reading: Reading, parameters: Parameters) -> float:
    """The standard error of one reading, in levels; see `standard_errors`."""
    return float(standard_errors(reading.kind, np.array([float(reading.count)]), parameters)[0])


def standard_errors(kind: SourceKind, counts: Floats, parameters: Parameters) -> Floats:
    """The standard errors of readings of one kind, in levels (D2.7).

    P360: `SD·sqrt(1 − R_k)` with `R_k = k·r / (1 + (k − 1)·r)` (Spearman, 1910; Brown, 1910). OBS: the error
    stated for so many lessons, scaled by a square root. TST: binomial, four levels wide. SA and ART: fixed.
    """
    match kind:
        case SourceKind.SA:
            return np.full_like(counts, parameters.self_error)
        case SourceKind.P360:
            single = parameters.rater_reliability
            joint = counts * single / (1 + (counts - 1) * single)
            return parameters.rater_deviation * np.sqrt(1 - joint)
        case SourceKind.OBS:
            return parameters.lessons_error * np.sqrt(parameters.stated_lessons / counts)
        case SourceKind.TST:
            share = parameters.test_share
            return (HIGHEST - LOWEST) * np.sqrt(share * (1 - share) / counts)
        case SourceKind.ART:
            return np.full_like(counts, parameters.artefact_error)


def reading_of_colleagues(levels: Iterable[int | None]) -> Reading | None:
    """The mean of the colleagues who saw the work; `None` when none of them did."""
    return _mean_of(SourceKind.P360, levels)


def reading_of_lessons(levels: Iterable[int | None]) -> Reading | None:
    """The mean over the observed lessons; `None` when the competency was not seen in any."""
    return _mean_of(SourceKind.OBS, levels)


def _mean_of(kind: SourceKind, levels: Iterable[int | None]) -> Reading | None:
    given = [level for level in levels if level]
    return Reading(kind, fmean(given), len(given)) if given else None


def reading_of_test(right: int, tasks: int) -> Reading | None:
    """The share of right answers laid evenly over the levels 1 to 5; `None` without tasks."""
    if tasks == 0:
        return None
    if not 0 <= right <= tasks:
        raise ValueError(f"{right} right answers of {tasks} tasks")
    return Reading(SourceKind.TST, LOWEST + (HIGHEST - LOWEST) * right / tasks, tasks)
