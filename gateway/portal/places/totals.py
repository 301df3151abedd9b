"""The head's totals: the school's own numbers as they are now; they never leave the school."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.portal.curator.years import chosen, cycles_of
from gateway.portal.places.desk import HEAD
from gateway.portal.places.reports import groups_of
from gateway.portal.reader import Portal
from gateway.portal.talk import segment


def router(portal: Portal) -> APIRouter:
    """The door of the totals."""
    opened = APIRouter(include_in_schema=False)

    @opened.get("/schools/{school}/totals")
    async def show(request: Request, school: str, cycle: str = "") -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", HEAD)
        cycles = await cycles_of(reader.talk, school)
        worn = chosen([one for one in cycles if one["state"] != "DRAFT"], cycle)
        path = f"/schools/{segment(school)}/totals"
        numbers: list[Any] = []
        if worn is not None:
            door = f"/api/reporting/v1/schools/{segment(school)}/cells"
            numbers = await reader.talk.find(door, cycle_id=worn["cycle_id"]) or []
        choices = [
            {
                "name": one["title"],
                "address": f"{path}?cycle={one['cycle_id']}",
                "is_chosen": worn is not None and one["cycle_id"] == worn["cycle_id"],
            }
            for one in cycles
            if one["state"] != "DRAFT"
        ]
        groups = groups_of(numbers, reader)
        return portal.show(reader, "places/totals.html", cycle=worn, groups=groups, cycles=choices)

    return opened
