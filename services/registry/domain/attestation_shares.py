"""The share of attested teachers: four definitions that differ, therefore each number names its own.

Nobody has said which of them a report means, so none is shown without its variant, its count and its denominator.
The staff is counted as form ОО-1 does: pedagogical posts, without external part-timers and civil-law contracts.
"""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from services.registry.domain.attestation import Standing, Status

VERSION = "1"
_Z = NormalDist().inv_cdf(0.975)


class Variant(StrEnum):
    """A: a category. B: a category or valid fitness. C: A among those who can be asked for it. D: highest only."""

    A_CAT = "A_CAT"
    B_CAT_SZD = "B_CAT_SZD"
    C_ELIGIBLE = "C_ELIGIBLE"
    D_HIGH = "D_HIGH"


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its counts; `low` and `high` are the 95 % score interval, 0…1; all none when nobody is counted."""

    variant: Variant
    numerator: int
    denominator: int
    share: float | None
    low: float | None
    high: float | None

    @property
    def definition(self) -> str:
        """The code of the definition with its version: a changed rule gets a new one."""
        return f"{self.variant}@{VERSION}"


def shares_of(standings: Collection[Standing]) -> list[Share]:
    """All variants over the same people."""
    eligible = [one for one in standings if not one.is_new and not one.is_long_absent]
    return [
        _share(Variant.A_CAT, standings, lambda one: one.has_category),
        _share(Variant.B_CAT_SZD, standings, lambda one: one.has_category or one.szd_until is not None),
        _share(Variant.C_ELIGIBLE, eligible, lambda one: one.has_category),
        _share(Variant.D_HIGH, standings, lambda one: one.status is Status.CATEGORY_HIGH),
    ]


def _share(variant: Variant, people: Collection[Standing], is_in: Callable[[Standing], bool]) -> Share:
    numerator, denominator = sum(map(is_in, people)), len(people)
    if not denominator:
        return Share(variant, 0, 0, None, None, None)
    low, high = _wilson(numerator, denominator)
    return Share(variant, numerator, denominator, numerator / denominator, low, high)


def _wilson(successes: int, trials: int) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927, JASA 22, 209-212)."""
    share, square = successes / trials, _Z**2
    spread = _Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    centre, scale = share + square / (2 * trials), 1 + square / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
