"""The design system on one page: every part in every state, in the theme that the reader's system asks for."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.portal.pages import Pages


def styleguide_router(pages: Pages) -> APIRouter:
    """The door to the style guide; it shows nobody's things, so anybody may look."""
    router = APIRouter(include_in_schema=False)

    @router.get("/styleguide")
    async def show_styleguide(request: Request) -> HTMLResponse:
        return pages.show(request, "styleguide.html")

    return router
