"""What a check can come to."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What became of a check."""

    PROVED = "proved"
    FOUND_BEST = "found-best"
    UNPROVED = "unproved"
    WRONG_FORM = "wrong-form"
    NOT_ALLOWED = "not-allowed"
    NEED_TWICE = "need-twice"
    PAIR_TWICE = "pair-twice"
    OVER_CAPACITY = "over-capacity"
    PIN_MISSING = "pin-missing"
    WRONG_SUMS = "wrong-sums"
    FORGED = "forged"
    GROUP_BROKEN = "group-broken"
    SUBOPTIMAL = "suboptimal"


@dataclass(frozen=True, slots=True)
class Checked:
    """A verdict with what it rests on: numbers, and positions of people in the file; never a name."""

    verdict: Verdict
    facts: dict[str, str | int]
