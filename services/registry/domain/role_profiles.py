"""Role profiles: what a person is assessed on, from a day on; the targets of each are kept by diagnostics.

A staff file gives the first guess by post, subjects and years of teaching. What a curator says counts more and stays
through later files until the curator hands the person back to the file. Of several things said, the last one that has
begun counts: a word about an earlier day takes back what was planned for later ones.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusals import Invalid

CLASS_TEACHER = "CLASS_TEACHER"
# An overlay comes on top of another profile: the target is the highest of all.
OVERLAYS = frozenset({CLASS_TEACHER})
PROFILES = (
    "YOUNG_TEACHER",
    "SUBJECT_TEACHER",
    "PRIMARY_TEACHER",
    "EXTRA_EDUCATION",
    "SUPPORT_SPECIALIST",
    "METHODIST",
    "DEPUTY_HEAD",
    CLASS_TEACHER,
)
FARTHEST = timedelta(days=400)


class Source(StrEnum):
    """Who said it."""

    FILE = "FILE"
    CURATOR = "CURATOR"


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a person from a day on; without `profiles` it is as the staff file tells."""

    profiles: tuple[str, ...] | None
    valid_from: date
    source: Source
    assigned_by: UUID | None = None
    revision: int = 0


def in_order(profiles: Collection[str]) -> tuple[str, ...]:
    """Each profile once, overlays at the end."""
    return tuple(profile for profile in PROFILES if profile in profiles)


def check_assignment(said: Said, *, joined_on: date, today: date) -> None:
    """Refuse an overlay without anything below it, and a day before the person came or too far ahead."""
    if said.profiles is not None and said.profiles and set(said.profiles) <= OVERLAYS:
        legal = [profile for profile in PROFILES if profile not in OVERLAYS]
        raise Invalid("role-profile.overlay-alone", field="profiles", legal=legal)
    if not joined_on <= said.valid_from <= today + FARTHEST:
        raise Invalid(
            "role-profile.day-unclear",
            field="valid_from",
            earliest=joined_on.isoformat(),
            latest=(today + FARTHEST).isoformat(),
        )


def on_day(said: Sequence[Said], day: date) -> Said | None:
    """What counts on a day; none when nothing that was said had begun."""
    begun = [one for one in said if one.valid_from <= day]
    return begun[-1] if begun else None


def is_held(last: Said | None, *, today: date) -> bool:
    """Does a curator's word stand, now or for a day to come, so that a staff file changes nothing?"""
    if last is None or last.source is not Source.CURATOR:
        return False
    return last.profiles is not None or last.valid_from > today


def is_said_already(said: Sequence[Said], wanted: Said) -> bool:
    """Is this the last word already?"""
    last = said[-1] if said else None
    return last is not None and (last.profiles, last.valid_from, last.source) == (
        wanted.profiles,
        wanted.valid_from,
        wanted.source,
    )
