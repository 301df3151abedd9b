"""The tree of places as it was on a day, cut down to the schools that sent a report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chassis.refusals import Conflict

CITY, DISTRICT, SCHOOL, OTHERS = "city", "district", "school", "others"


@dataclass(frozen=True, slots=True)
class Place:
    """A place as it was on a day; `name` is none while nobody told it."""

    place_id: str
    kind: str
    parent: str | None
    name: str | None = None


def tree_of(places: Iterable[Place], schools: Iterable[str]) -> dict[str, str | None]:
    """Each school, its district and its city with what they belong to; Conflict names the schools that stand nowhere.

    Districts without a report are left out: a place without children would pass for a school.
    """
    known = {place.place_id: place for place in places}
    parents: dict[str, str | None] = {}
    homeless: list[str] = []
    for school in sorted(schools):
        way = _way_up(known, school)
        if way is None:
            homeless.append(school)
            continue
        parents |= way
    if homeless:
        raise Conflict("publication.place-unknown", schools=homeless)
    return parents


def _way_up(known: Mapping[str, Place], school: str) -> dict[str, str | None] | None:
    way: dict[str, str | None] = {}
    place = known.get(school)
    for kind in (SCHOOL, DISTRICT, CITY):
        if place is None or place.kind != kind:
            return None
        way[place.place_id] = None if kind == CITY else place.parent
        place = known.get(place.parent or "")
    return way
