"""The health of a pair; pure."""

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


def colour_of(signs: Signs, today: date) -> Colour:
    """Red: six weeks without a meeting, a call for help, or a consent taken back. Amber: more than three weeks, a
    last reflection of 2 or less, or a goal past its day. Else green. School holidays do not count.
    """
    quiet = quiet_days(signs.since, today)
    if quiet >= RED_DAYS or signs.asks_for_help or signs.is_consent_withdrawn:
        return Colour.RED
    is_poor = signs.last_usefulness is not None and signs.last_usefulness <= POOR_MARK
    if quiet > GREEN_DAYS or is_poor or signs.has_overdue_goal:
        return Colour.AMBER
    return Colour.GREEN
