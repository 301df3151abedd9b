"""Places: the dated tree city → district → school, the groups of its roles, and what day it is there."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chassis.refusals import Conflict, Invalid

CITY, DISTRICT, SCHOOL = "city", "district", "school"
PARENT_OF = {CITY: None, DISTRICT: CITY, SCHOOL: DISTRICT}


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


def check_place(place: Place, *, known: Place | None, parent: Place | None) -> None:
    """Refuse a place that has no place in the tree: a wrong parent, an unknown zone, reversed dates, another kind."""
    if known is not None and known.kind != place.kind:
        raise Conflict("place.kind-fixed", field="kind", kind=known.kind)
    wanted = PARENT_OF[place.kind]
    found = parent.kind if parent else None
    if found != wanted or (place.parent is None) != (wanted is None):
        raise Invalid("place.wrong-parent", field="parent", kind=place.kind, wanted=wanted)
    if place.valid_to is not None and place.valid_to < place.valid_from:
        raise Invalid("place.dates-reversed", field="valid_to")
    try:
        ZoneInfo(place.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid("place.unknown-zone", field="zone") from error


def branch_of(place: Place) -> str:
    """Where the realm keeps the groups of a place; there is one city, therefore its branch bears no id."""
    return "/city/" if place.kind == CITY else f"/{place.kind}s/{place.place_id}/"


def groups_of(place: Place, roles: tuple[str, ...]) -> list[str]:
    """The realm's groups of these roles at a place."""
    return [f"{branch_of(place)}{role}" for role in sorted(roles)]
