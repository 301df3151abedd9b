"""Papers in words: consents by purpose, what an assignment waits for, days. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.portal.words import day_of

# One consent per purpose (152-ФЗ ст. 9); in the order in which a teacher meets them.
PURPOSES = (
    "PD_PLATFORM",
    "PD_SHARE_CURATOR",
    "MENTORING_LOCAL_ACT",
    "MENTORING_351_8",
    "PD_SHARE_DISTRICT_PROFILE",
    "PD_AUTHORSHIP_PUBLICATION",
    "SURVEY_NAMED",
)
Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class ShownConsent:
    """One purpose: its slug, whether it is given, since when in words, whether a pair waits for it now."""

    purpose: str
    slug: str
    is_given: bool
    since: str
    is_awaited: bool


@dataclass(frozen=True, slots=True)
class ShownOrder:
    """The papers of one of my pairs: whom with, what about, on which ground, until when, what is missing."""

    title: str
    basis: str
    term: str
    state: str
    waits_for: Sequence[str]


def slug_of(purpose: str) -> str:
    """A purpose as the texts name it: `pd-platform`."""
    return purpose.lower().replace("_", "-")


def consents_of(given: Sequence[Mapping[str, Any]], awaited: frozenset[str], language: str) -> list[ShownConsent]:
    """All purposes; what a pair waits for stands first."""
    known = {str(one["purpose"]): one for one in given}
    shown = [_consent(purpose, known.get(purpose), purpose in awaited, language) for purpose in PURPOSES]
    return sorted(shown, key=lambda one: not (one.is_awaited and not one.is_given))


def _consent(purpose: str, known: Mapping[str, Any] | None, is_awaited: bool, language: str) -> ShownConsent:
    since = day_of(str(known["changed_at"]), language) if known else ""
    return ShownConsent(purpose, slug_of(purpose), bool(known and known["is_given"]), since, is_awaited)


def awaited_in(assignments: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The purposes that pairs of mine wait for: `consent.MENTORING_LOCAL_ACT.taker` names one."""
    waiting = (one.split(".") for assignment in assignments for one in assignment["waits_for"])
    return frozenset(parts[1] for parts in waiting if parts[0] == "consent")


def waits_in_words(waits_for: Sequence[str], say: Say) -> list[str]:
    """What an assignment waits for, each as a sentence."""
    found = []
    for one in waits_for:
        kind, name, *_ = [*one.split("."), ""]
        if kind == "consent":
            found.append(say("papers.waits-consent", consent=say(f"consent.{slug_of(name)}.name")))
        else:
            found.append(say("papers.waits-paper", paper=say(f"paper.{name.lower()}")))
    return found
