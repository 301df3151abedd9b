"""The personal-data officer's office: of the city, a district or a school; its pages stand below different roots.

The officer of a district finds people of its schools, erases and keeps the ledger; the lines of the log are read by
the officers of the city and of the school, for only the registry knows which schools a district has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from contracts.registry import PlaceKind
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import segment

AUDITOR = "auditor"
# Below these every page of the office stands.
ROOTS = ("", "/schools/{school}", "/districts/{district}")


@dataclass(frozen=True, slots=True)
class Office:
    """An officer at work; `root` stands before the addresses of the pages."""

    reader: Reader
    root: str
    school: str | None
    district: str | None = None

    async def schools(self) -> list[tuple[str, str]]:
        """The schools that this officer may choose from: id and name."""
        if self.school is not None:
            return [(self.school, self.reader.frame.place_name)]
        places: Sequence[Any] = await self.reader.talk.all_of(
            "/api/registry/v1/places", kind=PlaceKind.SCHOOL.value, parent=self.district, limit=500
        )
        return sorted(((str(one["place_id"]), str(one["name"])) for one in places), key=lambda one: one[1])


async def office_of(portal: Portal, request: Request) -> Office:
    """The office in which a page is read; raises Forbidden for everybody else."""
    school, district = request.path_params.get("school"), request.path_params.get("district")
    if school:
        reader = await portal.reader(request, f"schools/{school}", AUDITOR)
        return Office(reader, f"/schools/{segment(school)}", school)
    if district:
        reader = await portal.reader(request, f"districts/{district}", AUDITOR)
        return Office(reader, f"/districts/{segment(district)}", None, district)
    return Office(await portal.reader(request, "city", AUDITOR), "", None)
