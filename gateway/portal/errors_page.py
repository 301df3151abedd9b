"""What the API says no with: every slug on one page, and each on a page of its own, where a problem's `help` leads."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis.problems import HELP
from chassis.refusals import Missing
from chassis.texts import LANGUAGES
from gateway.catalogue import Catalogue, MadeOnce
from gateway.description import operations_of
from gateway.everywhere import Document
from gateway.portal.pages import Pages, language_of


@dataclass(frozen=True, slots=True)
class Error:
    """One way of saying no: its slug, the status it comes with, what it says, and the operations that speak of it."""

    slug: str
    status: int
    says: str
    operations: tuple[str, ...] = ()

    @property
    def area(self) -> str:
        """The first word of the slug: what it is about."""
        return self.slug.partition(".")[0]


def errors_router(pages: Pages, catalogue: Catalogue) -> APIRouter:
    """The doors to the list and to each entry; nobody needs to sign in to read why something was refused."""
    router = APIRouter(include_in_schema=False)
    known = MadeOnce(lambda document: {language: errors_of(document, language) for language in LANGUAGES})

    @router.get(HELP)
    async def show_errors(request: Request) -> HTMLResponse:
        found = known.of(await catalogue.document())[language_of(request)]
        return pages.show(request, "errors.html", errors=found)

    @router.get(f"{HELP}/{{slug}}")
    async def show_error(request: Request, slug: str) -> HTMLResponse:
        found = known.of(await catalogue.document())[language_of(request)]
        error = next((one for one in found if one.slug == slug), None)
        if error is None:
            raise Missing("http.not-found")
        return pages.show(request, "error.html", error=error)

    return router


def errors_of(document: Document, language: str) -> list[Error]:
    """Every refusal that the document tells, in the order of the slugs."""
    told = document.get("x-problems")
    spoken: dict[str, list[str]] = {}
    for slug, operation in _spoken_of(document):
        spoken.setdefault(slug, []).append(operation)
    return [
        Error(slug, _status(entry), str(entry.get(language, "")), tuple(spoken.get(slug, ())))
        for slug, entry in (told if isinstance(told, dict) else {}).items()
        if isinstance(entry, dict)
    ]


def _status(entry: Document) -> int:
    status = entry.get("status")
    return status if isinstance(status, int) else 0


def _spoken_of(document: Document) -> Iterator[tuple[str, str]]:
    for method, path, operation in operations_of(document):
        slugs = operation.get("x-problems")
        for slug in slugs if isinstance(slugs, list) else []:
            yield str(slug), f"{method} {path}"
