"""What one source says of a person's level, and how far it may err."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite, sqrt
from statistics import fmean

from services.diagnostics.scoring.parameters import Parameters

LOWEST, HIGHEST = 1.0, 5.0
# The observation's stated error holds for this many lessons.
STATED_LESSONS = 2


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

    @property
    def is_missing(self) -> bool:
        """Has the source nothing to say?"""
        return not self.level


def standard_error(reading: Reading, parameters: Parameters) -> float:
    """The standard error of a reading, in levels.

    P360: `SD·sqrt(1 − R_k)` with Spearman–Brown `R_k = k·r / (1 + (k − 1)·r)`. OBS: the error stated for two
    lessons, scaled by a square root. TST: binomial, four levels wide. SA and ART: fixed.
    """
    match reading.kind:
        case SourceKind.SA:
            return parameters.self_error
        case SourceKind.P360:
            single = parameters.rater_reliability
            joint = reading.count * single / (1 + (reading.count - 1) * single)
            return parameters.rater_deviation * sqrt(1 - joint)
        case SourceKind.OBS:
            return parameters.lessons_error * sqrt(STATED_LESSONS / reading.count)
        case SourceKind.TST:
            share = parameters.test_share
            return (HIGHEST - LOWEST) * sqrt(share * (1 - share) / reading.count)
        case SourceKind.ART:
            return parameters.artefact_error


def pool(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """One reading per kind, missing ones left out: the mean by `count`, with the counts added up."""
    by_kind: dict[SourceKind, list[tuple[float, int]]] = {}
    for reading in readings:
        if reading.level:
            by_kind.setdefault(reading.kind, []).append((reading.level, reading.count))
    return tuple(_pooled(kind, by_kind[kind]) for kind in SourceKind if kind in by_kind)


def _pooled(kind: SourceKind, parts: Sequence[tuple[float, int]]) -> Reading:
    count = sum(part[1] for part in parts)
    mean = sum(level * part_count for level, part_count in parts) / count
    # Rounding may carry the mean of equal levels past them by the last bit.
    return Reading(kind, min(max(mean, min(parts)[0]), max(parts)[0]), count)


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
