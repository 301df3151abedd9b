"""The health of a pair; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.tracking.domain.calendar import quiet_days

# Working meetings take place every two or three weeks; after six weeks without one a pair counts as stalled.
GREEN_DAYS = 21
RED_DAYS = 42
POOR_MARK = 2


class Colour(StrEnum):
    """How a pair is doing."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Signs:
    """What the health of a pair is told by; `since` is the last meeting held, or the start of the work."""

    since: date
    asks_for_help: bool = False
    is_consent_withdrawn: bool = False
    last_usefulness: int | None = None
    has_overdue_goal: bool = False


class Cause(StrEnum):
    """Why a pair is not green, the most urgent first; ASK says that it is worth asking how it goes, and not why."""

    HELP = "HELP"
    CONSENT = "CONSENT"
    SILENT = "SILENT"
    QUIET = "QUIET"
    GOAL = "GOAL"
    ASK = "ASK"


_RED = frozenset({Cause.HELP, Cause.CONSENT, Cause.SILENT})


def quiet_days_of(signs: Signs, today: date) -> int:
    """Days without a meeting; school holidays do not count."""
    return quiet_days(signs.since, today)


def causes_of(signs: Signs, today: date) -> list[Cause]:
    """Why a pair is not green; none for a green one.

    A mark of a reflection is nobody's but its author's: a poor one only says that it is worth asking (ASK).
    """
    quiet = quiet_days_of(signs, today)
    found = {
        Cause.HELP: signs.asks_for_help,
        Cause.CONSENT: signs.is_consent_withdrawn,
        Cause.SILENT: quiet >= RED_DAYS,
        Cause.QUIET: GREEN_DAYS < quiet < RED_DAYS,
        Cause.GOAL: signs.has_overdue_goal,
        Cause.ASK: signs.last_usefulness is not None and signs.last_usefulness <= POOR_MARK,
    }
    return [cause for cause, is_so in found.items() if is_so]


def colour_of(signs: Signs, today: date) -> Colour:
    """Red: six weeks without a meeting, a call for help, or a consent taken back. Amber: more than three weeks, a
    last reflection of 2 or less, or a goal past its day. Else green. School holidays do not count.
    """
    causes = causes_of(signs, today)
    if _RED.intersection(causes):
        return Colour.RED
    return Colour.AMBER if causes else Colour.GREEN


def urgency(causes: Sequence[Cause], quiet: int) -> tuple[int, int]:
    """Where a pair stands among those who need a call: the most urgent cause first, then the longest silence."""
    return (list(Cause).index(causes[0]) if causes else len(Cause), -quiet)
