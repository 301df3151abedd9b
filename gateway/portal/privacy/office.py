"""The personal-data officer's office: of the whole city, or of one school; its pages stand below different roots."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from contracts.registry import PlaceKind
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import segment

AUDITOR = "auditor"
# Below these every page of the office stands.
ROOTS = ("", "/schools/{school}")


@dataclass(frozen=True, slots=True)
class Office:
    """An officer at work; `root` stands before the addresses of the pages."""

    reader: Reader
    root: str
    school: str | None

    async def schools(self) -> list[tuple[str, str]]:
        """The schools that this officer may choose from: id and name."""
        if self.school is not None:
            return [(self.school, self.reader.frame.place_name)]
        places: Sequence[Any] = await self.reader.talk.all_of("/api/registry/v1/places", limit=500)
        return [(str(one["place_id"]), str(one["name"])) for one in places if one["kind"] == PlaceKind.SCHOOL]


async def office_of(portal: Portal, request: Request) -> Office:
    """The office in which a page is read; raises Forbidden for everybody else."""
    school = request.path_params.get("school")
    reader = await portal.reader(request, f"schools/{school}" if school else "city", AUDITOR)
    return Office(reader, f"/schools/{segment(school)}" if school else "", school)
