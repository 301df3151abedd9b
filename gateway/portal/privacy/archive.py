"""The restricted archive: signed papers by or about people who were erased, which the law still keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from gateway.portal.privacy.office import ROOTS, office_of
from gateway.portal.privacy.words import day_in_words, day_of
from gateway.portal.reader import Portal

PAGE = "privacy/archive.html"
_API = "/api/documents/v1/archive"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of the archive in words; without a scan there is nothing to open."""

    paper_id: str
    name: str
    signed: str
    archived: str
    until: str
    has_scan: bool


def doors(portal: Portal) -> APIRouter:
    """The doors to the archive of a school and to its scans."""
    router = APIRouter(include_in_schema=False)

    async def show_archive(request: Request, at: str = "", after: str = "") -> HTMLResponse:
        office = await office_of(portal, request)
        reader, chosen = office.reader, office.school or at
        place = await portal.known_place(reader, chosen) if chosen else None
        page: Mapping[str, Any] = {"items": [], "next": None}
        if chosen:
            page = await reader.talk.get(_API, school=chosen, after=after or None, limit=50)
        papers = [_paper(one, reader.language, reader.say("archive.for-ever")) for one in page["items"]]
        return portal.show(
            reader,
            PAGE,
            office=office,
            at=chosen,
            place_name=str(place["name"]) if place else chosen,
            papers=papers,
            next=page["next"],
            schools=await office.schools(),
        )

    async def open_scan(request: Request, at: str, paper: UUID) -> Response:
        office = await office_of(portal, request)
        reply = await office.reader.talk.send("GET", f"{_API}/{paper}/scan", query={"school": at})
        headers = {"Content-Disposition": f'attachment; filename="{paper}"', "X-Content-Type-Options": "nosniff"}
        return Response(
            reply.body,
            media_type=reply.headers.get("content-type"),
            headers={**headers, "Cache-Control": "no-store"},
        )

    for root in ROOTS:
        router.get(f"{root}/erasures/archive")(show_archive)
        router.get(f"{root}/erasures/archive/{{at}}/{{paper}}")(open_scan)
    return router


def _paper(row: Mapping[str, Any], language: str, for_ever: str) -> Paper:
    return Paper(
        paper_id=str(row["paper_id"]),
        name=f"{row['kind']} № {row['number']}",
        signed=day_in_words(row["signed_on"], language),
        archived=day_of(row["archived_at"], language),
        until=day_in_words(row["retain_until"], language) if row["retain_until"] else for_ever,
        has_scan=row["sha256"] is not None,
    )
