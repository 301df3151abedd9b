"""The API for people: the same document that machines read, grouped by service, on one page."""

import json
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from chassis.texts import LANGUAGES, Texts
from gateway.catalogue import Catalogue, MadeOnce
from gateway.description import operations_of
from gateway.everywhere import Document
from gateway.portal.pages import Pages, language_of

VERSION = "1"


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the page."""

    method: str
    path: str
    summary: str
    roles: tuple[str, ...]
    is_anywhere: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A service with its operations."""

    name: str
    about: str
    operations: tuple[Operation, ...]


def head_of(texts: Texts, services: tuple[str, ...]) -> Document:
    """Title, description and tags of the joined document; it speaks English, as the operations do."""
    names = ("gateway", *services)
    return {
        "info": {
            "title": texts.say("api.title", "en"),
            "version": VERSION,
            "description": texts.say("api.about", "en"),
        },
        "tags": [{"name": name, "description": _about(texts, name, "en")} for name in names],
    }


def api_router(pages: Pages, catalogue: Catalogue) -> APIRouter:
    """The doors to the description: as a document, and as a page."""
    router = APIRouter(include_in_schema=False)
    written = MadeOnce(_written)
    known = MadeOnce(lambda document: {one: sections_of(document, pages.texts, one) for one in LANGUAGES})

    @router.get("/api/openapi.json")
    async def get_description() -> Response:
        return Response(written.of(await catalogue.document()), media_type="application/json")

    @router.api_route("/api", methods=["GET", "HEAD"])
    async def show_description(request: Request) -> HTMLResponse:
        document = await catalogue.document()
        away = document.get("x-services-away")
        sections = known.of(document)[language_of(request)]
        return pages.show(request, "api.html", sections=sections, away=away if isinstance(away, list) else [])

    return router


def _written(document: Document) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def sections_of(document: Document, texts: Texts, language: str) -> list[Section]:
    """The operations by their tag, in the order of the document."""
    found: dict[str, list[Operation]] = {}
    for method, path, operation in operations_of(document):
        tags = operation.get("tags")
        service = str(tags[0]) if isinstance(tags, list) and tags else "gateway"
        found.setdefault(service, []).append(_operation(method, path, operation))
    return [Section(name, _about(texts, name, language), tuple(operations)) for name, operations in found.items()]


def _about(texts: Texts, service: str, language: str) -> str:
    slug = f"service.{service}"
    return texts.say(slug, language) if texts.knows(slug, language) else ""


def _operation(method: str, path: str, operation: Document) -> Operation:
    roles = operation.get("x-roles")
    # The first paragraph of a door's docstring says what it is for; its generated summary only repeats its name.
    about = str(operation.get("description") or operation.get("summary") or "").split("\n\n")[0]
    return Operation(
        method=method,
        path=path,
        summary=about,
        roles=tuple(str(role) for role in roles) if isinstance(roles, list) else (),
        is_anywhere=operation.get("x-roles-anywhere") is True,
        is_open=operation.get("security") == [],
    )
