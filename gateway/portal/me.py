"""The page of one's own sign-in: who one is here, at which places with which roles, where else one is signed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_datetime, get_timezone
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis.identity import Principal
from chassis.refusals import Unauthenticated
from chassis.texts import Texts
from gateway.portal.frame import ENTRIES, Hat
from gateway.portal.pages import language_of
from gateway.portal.reader import Portal
from gateway.portal.words import ZONE
from gateway.porter import guest_of
from gateway.sessions import Session, Sessions, mark_of
from gateway.store import Visit


@dataclass(frozen=True, slots=True)
class ShownRole:
    """A role in words, and its first page where it has pages."""

    name: str
    address: str | None


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """A place with the roles that one holds there; `school` is set where one may hand out slips."""

    name: str
    roles: Sequence[ShownRole]
    school: str | None


@dataclass(frozen=True, slots=True)
class ShownVisit:
    """One of one's sessions in words, with the mark by which it can be ended."""

    mark: str
    since: str
    seen: str
    is_this: bool


def me_router(portal: Portal, sessions: Sessions) -> APIRouter:
    """The door to the page; a bearer token has no session and therefore no such page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/me")
    async def show_me(request: Request) -> HTMLResponse:
        session = guest_of(request)
        if session is None:
            raise Unauthenticated("identity.no-token")
        principal: Principal = await request.app.state.verifier.verify(session.tokens.access)
        pages, language = portal.pages, language_of(request)
        names = await portal.names_for(request, principal, language)
        visits = [_shown(one, session, language) for one in await sessions.visits(session)]
        places = places_of(principal, names, pages.texts, language)
        return pages.show(request, "me.html", places=places, visits=visits)

    return router


def places_of(principal: Principal, names: Mapping[str, str], texts: Texts, language: str) -> Sequence[ShownPlace]:
    """Where one holds which roles, by place, each with the first page of each role."""
    roles: dict[str, list[str]] = {}
    for grant in sorted(principal.grants, key=lambda one: (one.place, one.role)):
        roles.setdefault(grant.place, []).append(grant.role)
    return [
        ShownPlace(
            name=names.get(place, place.rpartition("/")[2]),
            roles=[
                ShownRole(_role(role, texts, language), Hat(place, role).home if role in ENTRIES else None)
                for role in held
            ],
            school=place.removeprefix("schools/") if place.startswith("schools/") and "curator" in held else None,
        )
        for place, held in roles.items()
    ]


def _role(role: str, texts: Texts, language: str) -> str:
    slug = f"role.{role}"
    return texts.say(slug, language) if texts.knows(slug, language) else role


def _shown(visit: Visit, session: Session, language: str) -> ShownVisit:
    return ShownVisit(
        mark_of(visit.session_id),
        _moment(visit.created_at, language),
        _moment(visit.last_seen_at, language),
        is_this=visit.session_id == session.kept.session_id,
    )


def _moment(moment: datetime, language: str) -> str:
    return str(format_datetime(moment, "d MMMM, H:mm", tzinfo=get_timezone(ZONE), locale=language))
