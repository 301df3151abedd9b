"""The switch of languages: it keeps the choice and comes back to the page."""

from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse

from chassis.refusals import Missing
from chassis.texts import LANGUAGES
from gateway.cookies import Cookies
from gateway.sign_in import own_path


def language_router(cookies: Cookies) -> APIRouter:
    """The door to the switch; a link, so that it works without script and asks no form's token."""
    router = APIRouter(include_in_schema=False)

    @router.get("/language/{language}")
    async def choose(language: str, return_to: Annotated[str, Query(max_length=2000)] = "/") -> RedirectResponse:
        if language not in LANGUAGES:
            raise Missing("http.not-found")
        answer = RedirectResponse(_without_wish(own_path(return_to)), 303, {"Cache-Control": "no-store"})
        cookies.choose(answer, language)
        return answer

    return router


def _without_wish(place: str) -> str:
    """The same page without a language in its address, which would win over the choice."""
    parts = urlsplit(place)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name != "lang"]
    return f"{parts.path}?{urlencode(kept)}" if kept else parts.path
