"""Before and after: what the second diagnosis says next to the first, "within the error" said in words."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.portal.talk import segment
from gateway.portal.teacher.profile_in_words import changes_of, picture_of
from gateway.portal.teacher.visit import Desk, Visit, or_away

# The newest cycle and two before it: a change of longer ago says little about now.
CYCLES = 3
NOTHING: Mapping[str, Any] = {"competencies": [], "words": ""}


def doors(desk: Desk) -> APIRouter:
    """The page of what changed for the reader in the newest cycle that measured twice."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/my-profile/change")
    async def show_change(request: Request, school: str) -> HTMLResponse:
        visit = await desk.open(request, school)
        (found, cycle), catalogue = await asyncio.gather(_newest(visit), desk.catalogue(visit))
        changes = changes_of(found, visit.words, catalogue)
        return desk.show(
            visit,
            "teacher/change.html",
            changes=changes,
            cycle=cycle,
            words=found["words"] or "",
            picture=picture_of(changes, visit.words),
            reliable=sum(one.is_reliable for one in changes),
        )

    return router


async def _newest(visit: Visit) -> tuple[Mapping[str, Any], str]:
    cycles = await _cycles(visit)
    told = await asyncio.gather(*(visit.get("diagnostics", "change", cycle_id=cycle) for cycle in cycles))
    compared = compared_of(told)
    return compared, cycles.get(compared.get("cycle_id", ""), "")


def compared_of(told: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Of what the cycles tell, the newest first, the one to show: a new year begins long before its second diagnosis.

    Where no cycle measured twice, it is the newest one's reason that is told.
    """
    return next((one for one in told if one["competencies"]), next(iter(told), NOTHING))


async def _cycles(visit: Visit) -> Mapping[str, str]:
    """Names of the last cycles by id, the newest first; without the registry the nameless one of the profile."""
    found = await or_away(visit.reader.talk.all_of(f"/api/registry/v1/schools/{segment(visit.school)}/cycles"))
    if found is None:
        return {one["cycle_id"]: "" for one in (await visit.get("diagnostics", "profile"))[:1]}
    newest = sorted(found, key=lambda one: str(one["starts_on"]), reverse=True)[:CYCLES]
    return {str(one["cycle_id"]): str(one["title"]) for one in newest}
