"""Whom to remind of attestation, and from which day on.

A category with a term is spoken of 180, 90 and 30 days before its last day, fitness for the post 180 days before it is
due. Nobody is told of a category without a term.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.registry.domain.attestation import Colleague, Decision, Kind, Standing, Status, standing_on

CATEGORY_STEPS = (30, 90, 180)
SZD_STEP = 180


class Cause(StrEnum):
    """What an alert is about."""

    CATEGORY_ENDS = "CATEGORY_ENDS"
    SZD_DUE = "SZD_DUE"
    SZD_OVERDUE = "SZD_OVERDUE"
    TERM_TO_CHECK = "TERM_TO_CHECK"


TOLD = {
    Cause.CATEGORY_ENDS: ("teacher", "curator"),
    Cause.SZD_DUE: ("teacher", "curator"),
    Cause.SZD_OVERDUE: ("curator", "head"),
    Cause.TERM_TO_CHECK: ("curator",),
}


@dataclass(frozen=True, slots=True)
class Alert:
    """What is to be said of a person: what about, from which day on, and which day it is about."""

    cause: Cause
    kind: Kind
    since: date
    due_on: date

    @property
    def told(self) -> tuple[str, ...]:
        """Who is to be told: the person, the curator, the head."""
        return TOLD[self.cause]


def alerts_on(person: Colleague, day: date) -> list[Alert]:
    """What is to be said of the person on the day, the most urgent first."""
    found = [*_of_categories(person, day), *_of_fitness(standing_on(person, day), day), *_to_check(person, day)]
    return sorted(found, key=lambda alert: (alert.due_on, alert.cause))


def _of_categories(person: Colleague, day: date) -> list[Alert]:
    ending = []
    for kind in (Kind.CATH, Kind.CAT1):
        valid = [one for one in person.decisions if one.kind is kind and one.holds_on(day)]
        last = max((one.term.valid_until or date.max for one in valid), default=date.max)
        step = next((step for step in CATEGORY_STEPS if last - day <= timedelta(days=step)), None)
        if step is not None:
            ending.append(Alert(Cause.CATEGORY_ENDS, kind, last - timedelta(days=step), last))
    return ending


def _of_fitness(standing: Standing, day: date) -> list[Alert]:
    due = standing.due_on
    if due is None:
        return []
    if standing.status is Status.SZD_OVERDUE:
        return [Alert(Cause.SZD_OVERDUE, Kind.SZD, due, due)]
    begins = due - timedelta(days=SZD_STEP)
    return [Alert(Cause.SZD_DUE, Kind.SZD, begins, due)] if day >= begins else []


def _to_check(person: Colleague, day: date) -> list[Alert]:
    return [
        Alert(Cause.TERM_TO_CHECK, one.kind, one.decided_on, _last_of(one))
        for one in person.decisions
        if one.term.is_guessed and one.holds_on(day)
    ]


def _last_of(decision: Decision) -> date:
    return decision.term.valid_until or date.max
