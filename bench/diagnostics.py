"""Scoring in one process: how many profiles a second, and how long a city of a hundred thousand takes.

A profile is eighteen competencies with two to four kinds of sources each, as readings; what comes out are
assessments, made as for the store and dropped. Five hundred profiles at a time, about a city's schools one by
one. Beside it one person at a time from filled sheets, which is what a single submission costs.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.rounds import Scale
from bench.samples import Ratio, Sample, Wanted
from services import diagnostics
from services.diagnostics.domain import AnswerSheet, load_catalogue, score
from services.diagnostics.scoring import (
    Case,
    Parameters,
    Reading,
    SourceKind,
    assess_all,
    reading_of_colleagues,
    reading_of_test,
)

CITY = 100_000
QUICK_CITY = 5_000
COMPETENCIES = 18
AT_ONCE = 500
# Different profiles; a round goes over them again and again, for a city of readings would not fit into memory.
DIFFERENT = 2_000
PEOPLE = 1_000
CITY_SECONDS = Wanted("scoring-city", "-", 20.0, 20.0, unit="s", is_less_better=True)

Profile = tuple[Case, ...]


@dataclass(slots=True)
class _Rounds:
    """Rates and Python's own µs of the rounds of one thing."""

    operations: int
    rates: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)

    def once(self, work: Callable[[int], None]) -> None:
        """One round."""
        began, cpu = time.perf_counter(), time.process_time()
        work(self.operations)
        self.rates.append(self.operations / (time.perf_counter() - began))
        self.cpu_us.append((time.process_time() - cpu) / self.operations * 1e6)

    def sample(self, code: str) -> Sample:
        """Operations per second of each round."""
        return Sample(code, "per-second", tuple(self.rates), self.operations, tuple(self.cpu_us))


def measure_scoring(scale: Scale) -> tuple[list[Sample], list[Ratio]]:
    """Profiles per second at once and one by one, and the seconds that a city takes (goal: under 20)."""
    parameters = load_catalogue(Path(str(diagnostics.__file__)).parent / "catalogue" / "2026.1").parameters
    chance = random.Random(20260901)
    profiles = [_profile(chance) for _ in range(DIFFERENT)]
    sheets = [_sheets(chance) for _ in range(PEOPLE)]
    city, people = _Rounds(QUICK_CITY if scale.is_quick else CITY), _Rounds(PEOPLE)
    for _ in range(scale.rounds):
        city.once(lambda count: _score_city(profiles, count, parameters))
        people.once(lambda count: _score_people(sheets[:count], parameters))
    seconds = tuple(CITY / rate for rate in city.rates)
    return [city.sample("scoring-profiles"), people.sample("scoring-people")], [Ratio(CITY_SECONDS, seconds)]


def _score_city(profiles: Sequence[Profile], count: int, parameters: Parameters) -> None:
    for first in range(0, count, AT_ONCE):
        start = first % len(profiles)
        assess_all([case for profile in profiles[start : start + AT_ONCE] for case in profile], parameters)


def _score_people(sheets: Sequence[Sequence[AnswerSheet]], parameters: Parameters) -> None:
    targets = {str(number): 3 for number in range(COMPETENCIES)}
    for own in sheets:
        score(targets, own, wishes={}, parameters=parameters)


def _profile(chance: random.Random) -> Profile:
    return tuple(Case(_readings(chance), chance.choice((2, 3, 4))) for _ in range(COMPETENCIES))


def _readings(chance: random.Random) -> tuple[Reading, ...]:
    kinds = chance.sample(list(SourceKind), chance.randint(2, 4))
    return tuple(reading for kind in kinds if (reading := _reading(kind, chance)) is not None)


def _reading(kind: SourceKind, chance: random.Random) -> Reading | None:
    if kind is SourceKind.P360:
        return reading_of_colleagues([chance.randint(1, 5) for _ in range(chance.randint(3, 5))])
    if kind is SourceKind.TST:
        return reading_of_test(chance.randint(0, 6), 6)
    return Reading(kind, chance.randint(1, 5), 2 if kind is SourceKind.OBS else 1)


def _sheets(chance: random.Random) -> tuple[AnswerSheet, ...]:
    """A self-assessment, three colleagues and an observation of two lessons."""
    sources = (SourceKind.SA, SourceKind.P360, SourceKind.P360, SourceKind.P360, SourceKind.OBS)
    return tuple(
        AnswerSheet(source, {str(number): chance.randint(1, 5) for number in range(COMPETENCIES)}, lessons=2)
        for source in sources
    )
