"""Places: the dated tree city → district → school, the groups of its roles, and what day it is there.

What is said of a place holds from a day on until the next thing that is said of a later day; what was said before is
kept. The spans that come of it are half open, meet without a gap and never overlap; only a closed place leaves one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chassis.refusals import Conflict, Invalid

CITY, DISTRICT, SCHOOL = "city", "district", "school"
PARENT_OF = {CITY: None, DISTRICT: CITY, SCHOOL: DISTRICT}
# Where a question about "today" is asked from when it names no place.
HOME_ZONE = "Europe/Moscow"
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """A place as it stands from `valid_from` on, up to and with `valid_to`."""

    place_id: str
    kind: str
    parent: str | None
    name: str
    zone: str
    valid_from: date
    valid_to: date | None = None

    def day_of(self, moment: datetime) -> date:
        """The date at this place."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def is_over(self, day: date) -> bool:
        """Was the last day of this before that day?"""
        return self.valid_to is not None and self.valid_to < day


def check_place(place: Place, *, known: Place | None, parent: Sequence[Place]) -> None:
    """Refuse a place that has no place in the tree: a wrong parent, an unknown zone, reversed dates, another kind.

    `parent` is all that was ever said of the parent; it must stand when the place begins to be there.
    """
    if known is not None and known.kind != place.kind:
        raise Conflict("place.kind-fixed", field="kind", kind=known.kind)
    wanted = PARENT_OF[place.kind]
    found = parent[-1].kind if parent else None
    if found != wanted or (place.parent is None) != (wanted is None):
        raise Invalid("place.wrong-parent", field="parent", kind=place.kind, wanted=wanted)
    if place.valid_to is not None and place.valid_to < place.valid_from:
        raise Invalid("place.dates-reversed", field="valid_to")
    if parent and on_day(parent, place.valid_from) is None:
        raise Invalid("place.parent-absent", field="parent", day=place.valid_from.isoformat())
    try:
        ZoneInfo(place.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid("place.unknown-zone", field="zone") from error


def check_closing(left_behind: Sequence[str]) -> None:
    """Refuse to close a place in which others would still stand."""
    if left_behind:
        raise Conflict("place.has-places", field="valid_to", places=list(left_behind), legal=[])


def day_at_home(moment: datetime) -> date:
    """The date where the city is."""
    return moment.astimezone(ZoneInfo(HOME_ZONE)).date()


@dataclass(frozen=True, slots=True)
class Span:
    """What a place was from one day on until the day before `ends_before`, or for good."""

    place: Place
    begins: date
    ends_before: date | None

    def covers(self, day: date) -> bool:
        """Did this hold on the day?"""
        return self.begins <= day and (self.ends_before is None or day < self.ends_before)

    @property
    def is_ended(self) -> bool:
        """Does this end because it was said so, and not because something else follows?"""
        return self.last_day is not None and self.last_day == self.place.valid_to

    @property
    def last_day(self) -> date | None:
        """The last day on which this held, as people write it."""
        return self.ends_before - A_DAY if self.ends_before else None


def said_last(statements: Sequence[Place]) -> list[Place]:
    """Of all that was ever said of a place, in its order, what still holds for some day: by the first day."""
    holding: list[Place] = []
    for said in statements:
        holding = [*(earlier for earlier in holding if earlier.valid_from < said.valid_from), said]
    return holding


def history_of(statements: Sequence[Place]) -> list[Span]:
    """The spans of a place in the order of time."""
    holding = said_last(statements)
    following = (said.valid_from for said in holding[1:])
    return [_span(said, follower) for said, follower in zip_longest(holding, following)]


def _span(said: Place, follower: date | None) -> Span:
    ends = [end for end in (follower, said.valid_to + A_DAY if said.valid_to else None) if end is not None]
    return Span(said, said.valid_from, min(ends, default=None))


def on_day(statements: Sequence[Place], day: date) -> Place | None:
    """What a place was on a day; none when it did not stand."""
    return next((span.place for span in history_of(statements) if span.covers(day)), None)


def to_be_said(wanted: Place, known: Sequence[Place]) -> list[Place]:
    """What has to be said so that `wanted` holds until the next day of which something is known; empty if it does.

    With an end of its own `wanted` is the last word: what was planned for later falls. Raises Conflict when it would
    pass over a planned end without a word; only what is said of the same first day takes an end back.
    """
    holding = said_last(known)
    later = [said for said in holding if said.valid_from > wanted.valid_from] if wanted.valid_to is None else []
    within = next((span for span in history_of(known) if span.covers(wanted.valid_from)), None)
    if wanted.valid_to is None and within is not None and within.begins < wanted.valid_from and within.is_ended:
        raise Conflict("place.end-planned", field="valid_to", day=str(within.last_day), legal=[])
    is_said = wanted in holding and holding[holding.index(wanted) + 1 :] == later
    return [] if is_said else [wanted, *later]


def branch_of(place: Place) -> str:
    """Where the realm keeps the groups of a place; there is one city, therefore its branch bears no id."""
    return "/city/" if place.kind == CITY else f"/{place.kind}s/{place.place_id}/"


def groups_of(place: Place, roles: tuple[str, ...]) -> list[str]:
    """The realm's groups of these roles at a place."""
    return [f"{branch_of(place)}{role}" for role in sorted(roles)]
