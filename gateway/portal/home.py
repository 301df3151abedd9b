"""The first page after signing in: each reader's own, in the hat that is asked to do things first."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from chassis.identity import caller
from gateway.portal.frame import hats_of
from gateway.portal.reader import Portal


def home_router(portal: Portal) -> APIRouter:
    """The door to one's own first page; who has no role with pages sees who they are here."""
    router = APIRouter(include_in_schema=False)

    @router.get("/home")
    async def go_home(request: Request) -> RedirectResponse:
        hats = hats_of(await caller(request))
        return portal.lead(hats[0].home if hats else "/me")

    return router
