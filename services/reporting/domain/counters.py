"""The counters of a school: from sums over its facts to the names that the passports use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.reporting.domain.passports import Catalogue

# Registration is not participation: a person with fewer meetings held is not engaged.
MEETINGS_TO_COUNT = 2
SATISFACTION = "satisfaction"
SATISFIED = ("4", "5")
# Counters that stand for each domain; where a domain has no tally, nobody was counted in it.
FAMILIES = ("gaps_", "strengths_", "assessments_", "gain_")


class Work(StrEnum):
    """Where an assignment stands. A pair that rests for a time counts as active."""

    OPENED = "OPENED"
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


class Meeting(StrEnum):
    """Where a meeting stands."""

    PLANNED = "PLANNED"
    HELD = "HELD"
    MISSED = "MISSED"


ENGAGING = (Work.ACTIVE, Work.COMPLETED)


@dataclass(frozen=True, slots=True)
class ProfileSum:
    """Assessments of one domain, and how many of them are confirmed gaps and strengths."""

    domain: str
    assessments: int
    gaps: int
    strengths: int


@dataclass(frozen=True, slots=True)
class GainSum:
    """Changes of one domain between two waves, in levels."""

    domain: str
    pairs: int
    total: float
    total_squares: float
    reliable: int
    missing: int


@dataclass(frozen=True, slots=True)
class Sums:
    """Everything that was counted in a school; `plain` has its counters by name already."""

    plain: Mapping[str, int]
    profiles: tuple[ProfileSum, ...] = ()
    gains: tuple[GainSum, ...] = ()


def satisfaction_of(counts: Mapping[str, Mapping[str, int]]) -> tuple[int, int]:
    """How many answered the question on satisfaction, and how many of them with 4 or 5."""
    answers = counts.get(SATISFACTION, {})
    return sum(answers.values()), sum(answers.get(mark, 0) for mark in SATISFIED)


def counters_of(catalogue: Catalogue, sums: Sums) -> dict[str, float]:
    """The counters by name; a passport that names a counter which no fact fills finds none here."""
    counted: dict[str, float] = {name: 0 for name in names_of(catalogue) if name.startswith(FAMILIES)}
    counted |= sums.plain
    for profile in sums.profiles:
        counted |= _of_profile(profile)
    for gain in sums.gains:
        counted |= _of_gain(gain)
    return dict(sorted(counted.items()))


def names_of(catalogue: Catalogue) -> frozenset[str]:
    """Every counter that the passports of a catalogue name."""
    return frozenset(name for name in _named(catalogue) if name is not None)


def _named(catalogue: Catalogue) -> Iterable[str | None]:
    for passport in catalogue.passports.values():
        yield from (passport.numerator, passport.denominator, passport.squares)
        for one in passport.beside:
            yield from (one.numerator, one.denominator)


def _of_profile(profile: ProfileSum) -> dict[str, float]:
    letter = profile.domain
    return {
        f"assessments_{letter}": profile.assessments,
        f"gaps_{letter}": profile.gaps,
        f"strengths_{letter}": profile.strengths,
    }


def _of_gain(gain: GainSum) -> dict[str, float]:
    letter = gain.domain
    return {
        f"gain_count_{letter}": gain.pairs,
        f"gain_sum_{letter}": gain.total,
        f"gain_squares_{letter}": gain.total_squares,
        f"gain_reliable_{letter}": gain.reliable,
        f"gain_missing_{letter}": gain.missing,
    }
