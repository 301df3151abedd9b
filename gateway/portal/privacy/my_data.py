"""«Мои данные»: who looked, consents, everything in one file, how to correct it, and what leaving would mean."""

import asyncio
import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from chassis.identity import EVERYONE_AT_SCHOOL
from contracts.documents import ConsentPurpose
from gateway.portal.privacy.export import all_my_data
from gateway.portal.privacy.looked import days_of, lookers_in, looks
from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import segment

PAGE = "privacy/my_data.html"
LEAVING = ("names", "texts", "pairs", "papers", "totals")


def doors(portal: Portal) -> APIRouter:
    """The doors to the page and to the file."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/my-data")
    async def show_my_data(request: Request, school: str, after: str = "") -> HTMLResponse:
        reader = await _reader(portal, request, school)
        return portal.show(reader, PAGE, **await _facts(reader, school, after))

    @router.get("/schools/{school}/my-data/file")
    async def take_my_data(request: Request, school: str) -> Response:
        reader = await _reader(portal, request, school)
        content = {"school": school, **await all_my_data(reader.talk, school)}
        return Response(
            json.dumps(content, ensure_ascii=False, indent=2).encode(),
            media_type="application/json",
            headers={
                "Content-Disposition": 'attachment; filename="my-data.json"',
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )

    return router


async def _reader(portal: Portal, request: Request, school: str) -> Reader:
    return await portal.reader(request, f"schools/{school}", *EVERYONE_AT_SCHOOL)


async def _facts(reader: Reader, school: str, after: str) -> dict[str, Any]:
    talk, at = reader.talk, segment(school)
    found, consents = await asyncio.gather(
        looks(talk, f"/schools/{at}/my/looks", **({"after": after} if after else {})),
        talk.get(f"/api/documents/v1/schools/{at}/my/consents"),
    )
    lookers = lookers_in(found.rows)
    names = await names_of(talk, school, lookers) if lookers else {}
    return {
        "page": f"/schools/{at}/my-data",
        "days": days_of(found.rows, names, language=reader.language, say=reader.say),
        "next": found.next,
        "after": after,
        "away": [reader.say(f"look.service.{service}") for service in found.away],
        "given": sum(1 for consent in consents if consent["is_given"]),
        "purposes": len(ConsentPurpose),
        "papers": f"/schools/{at}/my-papers",
        "leaving": LEAVING,
        "has_profile": reader.principal.at_school(school, "teacher"),
    }
