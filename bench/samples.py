"""Measurements and ratios as values: rounds, medians, spread, and what was wanted of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from math import isfinite
from statistics import median
from typing import Any

from bench.machine import Surroundings

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Sample:
    """One measured thing: one value per round, how many operations a round had, Python's own µs per operation."""

    code: str
    unit: str
    values: tuple[float, ...]
    operations: int = 0
    cpu_us: tuple[float, ...] = ()

    @property
    def middle(self) -> float:
        """The median of the rounds."""
        return median(self.values)

    @property
    def cpu(self) -> float | None:
        """The median of the processor time per operation."""
        return median(self.cpu_us) if self.cpu_us else None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "code": self.code,
            "unit": self.unit,
            "median": _rounded(self.middle),
            "low": _rounded(min(self.values)),
            "high": _rounded(max(self.values)),
            "rounds": len(self.values),
            "operations": self.operations,
            "cpu_us": None if self.cpu is None else _rounded(self.cpu),
        }


class Verdict(StrEnum):
    """How a ratio stands to what was wanted of it."""

    GOAL = "goal"
    FIRST = "first"
    SHORT = "short"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row of the table of ratios: seen in prototypes, the first target, the goal; some have no target."""

    code: str
    seen: str = "-"
    first: float | None = None
    goal: float | None = None
    unit: str = "ratio"
    is_less_better: bool = False

    def verdict(self, value: float) -> Verdict:
        """Reached the goal, the first target, or neither."""
        if self.first is None or self.goal is None:
            return Verdict.UNJUDGED
        for target, verdict in ((self.goal, Verdict.GOAL), (self.first, Verdict.FIRST)):
            if value <= target if self.is_less_better else value >= target:
                return verdict
        return Verdict.SHORT


# The ratios to reach, measured once on two cores before the house was built; start and memory have one target each.
WANTED = (
    Wanted("hop-to-bare-post", "0.16-0.43", 0.20, 0.45),
    Wanted("cpu-of-bare-post-to-hop"),
    Wanted("hop-to-slowest-raw"),
    Wanted("hop-p99-at-500", "5-20", 50.0, 15.0, unit="ms", is_less_better=True),
    Wanted("hop-rate-within-50-ms", unit="per-second"),
    Wanted("relay-to-sequential", "4.6-9.9", 4.0, 8.0),
    Wanted("fold-to-single", "31", 10.0, 25.0),
    Wanted("guarded-to-bare-get", "0.89", 0.80, 0.88),
    Wanted("mount-to-direct", "0.79", 0.70, 0.80),
    Wanted("proxy-to-direct", "0.37", 0.30, 0.40),
    Wanted("gateway-to-bare-query"),
    Wanted("proxy-to-bare-query"),
    Wanted("session-to-bearer"),
    Wanted("city-totals-to-raw", "54", 20.0, 50.0),
    Wanted("held-open-loss", "35", 15.0, 5.0, unit="percent", is_less_better=True),
    Wanted("start-warm", "1.7", 4.0, 4.0, unit="s", is_less_better=True),
    Wanted("memory-in-all", "-", 700.0, 700.0, unit="MiB", is_less_better=True),
)


@dataclass(frozen=True, slots=True)
class Ratio:
    """One of the ratios that are judged, one value per round."""

    wanted: Wanted
    values: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The median of the rounds."""
        return median(self.values)

    @property
    def verdict(self) -> Verdict:
        """What the median reaches."""
        return self.wanted.verdict(self.middle)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "code": self.wanted.code,
            "unit": self.wanted.unit,
            "seen": self.wanted.seen,
            "first": self.wanted.first,
            "goal": self.wanted.goal,
            "ours": _rounded(self.middle),
            "low": _rounded(min(self.values)),
            "high": _rounded(max(self.values)),
            "rounds": len(self.values),
            "verdict": self.verdict.value,
        }


def wanted(code: str) -> Wanted:
    """The row of the table with this code."""
    return next(row for row in WANTED if row.code == code)


def ratio(code: str, upper: Sequence[float], lower: Sequence[float]) -> Ratio:
    """A ratio of what was measured alternately: round by round, so that a noisy moment meets both sides."""
    return Ratio(wanted(code), tuple(one / other for one, other in zip(upper, lower, strict=True)))


@dataclass(slots=True)
class Report:
    """Everything that one run found out."""

    surroundings: Surroundings
    kind: str = "all"
    is_quick: bool = False
    samples: list[Sample] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    cpu_per_event: dict[str, float] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    seconds_of_parts: dict[str, float] = field(default_factory=dict)

    def add(self, samples: Sequence[Sample], ratios: Sequence[Ratio]) -> None:
        """Take in what one part of the run found."""
        self.samples += samples
        self.ratios += ratios

    def value(self, code: str) -> float:
        """The median of a measured thing."""
        return next(sample.middle for sample in self.samples if sample.code == code)

    def as_dict(self) -> Mapping[str, Any]:
        """For JSON: one schema for all kinds of runs."""
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "is_quick": self.is_quick,
            "seconds": _rounded(self.seconds),
            "seconds_of_parts": {name: _rounded(value) for name, value in self.seconds_of_parts.items()},
            "surroundings": asdict(self.surroundings),
            "ratios": [one.as_dict() for one in self.ratios],
            "samples": [one.as_dict() for one in self.samples],
            "cpu_us_per_event": {name: _rounded(value) for name, value in self.cpu_per_event.items()},
            "profile": self.profile,
        }


def _rounded(value: float) -> float | None:
    """Three significant places at least: what is beyond them is noise. Endless is null: JSON has no word for it."""
    if not isfinite(value):
        return None
    return round(value, 1) if abs(value) >= 100 else round(value, 4)
