"""Surveys of both sides: items, marks, and when counts may leave; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from uuid import UUID

from chassis.refusals import Conflict, Forbidden, Invalid

MENTOR = "mentor"
MENTEE = "mentee"
ROLES = (MENTOR, MENTEE)
# Fewer answers of a role are never shown, not even as counts.
FEWEST_ANSWERS = 5


@dataclass(frozen=True, slots=True)
class Scale:
    """The marks that an item takes, both ends included."""

    low: int
    high: int


AGREEMENT = Scale(1, 5)
# Each role has its own wording of the same code; `satisfaction` is CSAT, `recommend` NPS (Reichheld 2003).
ITEMS: Mapping[str, Scale] = MappingProxyType(
    {
        "useful": AGREEMENT,
        "understood": AGREEMENT,
        "safe": AGREEMENT,
        "feedback": AGREEMENT,
        "growth": AGREEMENT,
        "load": AGREEMENT,
        "organised": AGREEMENT,
        "privacy": AGREEMENT,
        "equal": AGREEMENT,
        "satisfaction": Scale(1, 5),
        "recommend": Scale(0, 10),
    }
)


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey of a cycle; `closes_on` is the last day for answers."""

    survey_id: UUID
    school_id: str
    cycle_id: UUID
    closes_on: date
    is_open: bool = True


def check_survey(survey: Survey, known: Survey | None, today: date) -> None:
    """Raise Conflict when an id stands for another survey already, Invalid for a last day that has passed."""
    if known is None:
        if survey.closes_on < today:
            raise Invalid("survey.closes-in-past", field="closes_on")
    elif (known.cycle_id, known.closes_on) != (survey.cycle_id, survey.closes_on):
        raise Conflict("survey.id-taken", field="survey_id")


def check_answer(survey: Survey, *, is_invited: bool, today: date) -> None:
    """Raise Conflict after the last day, Forbidden for somebody who was not asked in this role."""
    if not survey.is_open or today > survey.closes_on:
        raise Conflict("survey.closed", state="CLOSED", legal=[])
    if not is_invited:
        raise Forbidden("survey.not-invited", field="role")


def check_items(items: Mapping[str, int]) -> None:
    """Raise Invalid for no answer at all, an unknown item, or a mark outside of the item's scale."""
    if not items:
        raise Invalid("survey.empty", field="items")
    for code, mark in items.items():
        scale = ITEMS.get(code)
        if scale is None:
            raise Invalid("survey.unknown-item", field=f"items.{code}", legal=list(ITEMS))
        if not scale.low <= mark <= scale.high:
            raise Invalid("survey.bad-mark", field=f"items.{code}", low=scale.low, high=scale.high)


def may_tally(answered: int) -> bool:
    """May the counts of a role leave the service?"""
    return answered >= FEWEST_ANSWERS
