"""The analyst's publications: order one, see it being computed, read what was published."""

from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.live.progress import of_publication
from gateway.portal.places.orders import ANALYST, Ordered, newest
from gateway.portal.places.reports import Json
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import Refused, segment
from gateway.portal.words import day, moment

PATH, API = "/city/publications", "/api/reporting/v1/publications"
CHIPS = {"COMPUTING": "watch", "PUBLISHED": "good", "FAILED": "bad"}


@dataclass(frozen=True, slots=True)
class Published(Ordered):
    """A publication in words, and when it was published or, until then, ordered."""

    moment: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """What the API refused, and what was typed."""

    refused: Refused
    title: str
    as_of: str


def router(portal: Portal) -> APIRouter:
    """The doors of the publications."""
    opened = APIRouter(include_in_schema=False)

    @opened.get(PATH)
    async def show(request: Request) -> HTMLResponse:
        return await _list(portal, await portal.reader(request, "city", ANALYST))

    @opened.post(PATH)
    async def order(
        request: Request, title: Annotated[str, Form()] = "", as_of: Annotated[str, Form()] = ""
    ) -> Response:
        reader = await portal.reader(request, "city", ANALYST)
        publication = str(uuid4())
        try:
            await reader.talk.put(f"{API}/{publication}", {"title": title.strip(), "as_of": as_of})
        except Refused as refused:
            return await _list(portal, reader, Wrong(refused, title, as_of))
        return portal.lead(f"{PATH}/{publication}")

    @opened.get(f"{PATH}/{{publication}}")
    async def show_one(request: Request, publication: str) -> HTMLResponse:
        reader = await portal.reader(request, "city", ANALYST)
        found = await reader.talk.get(f"{API}/{segment(publication)}")
        return portal.show(
            reader,
            "places/publication.html",
            publication=_published(found, reader, portal),
            telling=of_publication(found, reader.say),
            is_published=found["state"] == "PUBLISHED",
            stream=f"/live/publications/{segment(publication)}",
            address=f"{PATH}/{segment(publication)}",
            crumbs=[{"name": reader.say("publications.title"), "address": PATH}],
        )

    return opened


async def _list(portal: Portal, reader: Reader, wrong: Wrong | None = None) -> HTMLResponse:
    return portal.show(
        reader,
        "places/publications.html",
        status=wrong.refused.status if wrong else 200,
        wrong=wrong,
        publications=[_published(one, reader, portal) for one in await newest(reader, API)],
        address=PATH,
    )


def _published(one: Json, reader: Reader, portal: Portal) -> Published:
    revision = int(one["revision"] or 1)
    found = reader.say("publications.about", schools=one["schools"], districts=one["districts"])
    return Published(
        order_id=str(one["publication_id"]),
        title=str(one["title"]),
        about=reader.say("publications.as-of", day=day(one["as_of"], reader.language), revision=revision),
        state=reader.say(f"publications.state.{one['state']}"),
        chip=CHIPS.get(str(one["state"]), "plain"),
        found=found if one["state"] == "PUBLISHED" else "",
        trouble=_trouble(one["trouble"], reader, portal),
        moment=moment(one["published_at"] or one["ordered_at"], reader.language),
    )


def _trouble(told: str | None, reader: Reader, portal: Portal) -> str:
    """Why a publication failed, in words; what we have no words for is called by its slug."""
    if not told:
        return ""
    slug = f"publications.trouble.{told.replace('.', '-')}"
    if portal.pages.texts.knows(slug, reader.language):
        return reader.say(slug)
    return reader.say("publications.trouble.other", what=told)
