"""My day: what waits for a teacher, each thing with its minutes, and what is done right there with one tap."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.catalogue import Catalogue
from gateway.portal.talk import Refused, segment
from gateway.portal.teacher.card import Card, Morning, Table
from gateway.portal.teacher.cards import cards_of, coming_of, is_newcomer, open_campaigns
from gateway.portal.teacher.visit import Desk, Visit, or_away


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card with its minutes in words."""

    card: Card
    minutes: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """One small thing to enjoy when nothing waits: a strength that could be shared."""

    competency: str
    address: str


def doors(desk: Desk) -> APIRouter:
    """The page, and the answer to "did the meeting take place?"."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/my-day")
    async def show_my_day(request: Request, school: str) -> HTMLResponse:
        return await _show(desk, await desk.open(request, school))

    @router.post("/schools/{school}/my-day/meetings/{meeting_id}")
    async def confirm_meeting(
        request: Request, school: str, meeting_id: UUID, answer: Annotated[str, Form()]
    ) -> Response:
        visit = await desk.open(request, school)
        address = visit.mine("tracking", f"meetings/{meeting_id}/confirm")
        try:
            await visit.reader.talk.post(address, {"took_place": answer == "yes"})
        except Refused as refused:
            return await _show(desk, visit, wrong=refused)
        return desk.portal.lead(visit.page("my-day"), "day-confirmed" if answer == "yes" else "day-did-not")

    return router


async def _show(desk: Desk, visit: Visit, wrong: Refused | None = None) -> HTMLResponse:
    morning, catalogue = await asyncio.gather(morning_of(visit), or_away(desk.catalogue(visit)))
    is_short = morning.forms is None or morning.proposals is None or morning.assignments is None
    morning = replace(morning, names=await visit.names(morning.people))
    table = Table(visit.words, catalogue, visit.page("")[:-1], str(visit.me))
    cards = [ShownCard(card, visit.words.length(card.seconds)) for card in cards_of(morning, table)]
    return desk.show(
        visit,
        "teacher/my_day.html",
        wrong=wrong,
        cards=cards,
        coming=coming_of(morning, table),
        is_newcomer=is_newcomer(morning),
        is_short=is_short,
        artefacts=open_campaigns(morning, table),
        enjoy=None if cards or is_short else await or_away(_invitation(visit, catalogue)),
    )


async def morning_of(visit: Visit) -> Morning:
    """What all services tell of today, asked at the same time; what is away is missing."""
    asked, matched, tracked = await asyncio.gather(
        or_away(_asked(visit)), or_away(visit.get("matching", "proposals")), or_away(_tracked(visit))
    )
    pairs, forms = tracked or Morning(assignments=None), asked or Morning(forms=None)
    return replace(
        pairs,
        proposals=matched,
        forms=forms.forms,
        tests=forms.tests,
        looks_back=forms.looks_back,
        appeals=forms.appeals,
    )


async def _asked(visit: Visit) -> Morning:
    """What diagnostics asks: forms, and of each open campaign its tests and the look back."""
    forms, appeals = await asyncio.gather(visit.get("diagnostics", "forms"), visit.get("diagnostics", "appeals"))
    campaigns = [str(form["campaign_id"]) for form in forms if form.get("self")]
    second = [
        str(form["campaign_id"]) for form in forms if form["wave"] > 1 and (form.get("self") or {}).get("is_final")
    ]
    tests = await asyncio.gather(*(visit.find("diagnostics", f"tests/{one}") for one in campaigns))
    looks = await asyncio.gather(*(_look_back(visit, one) for one in second))
    return Morning(
        forms=forms,
        appeals=appeals,
        tests={one: found or () for one, found in zip(campaigns, tests, strict=True)},
        looks_back={one: found for one, found in zip(second, looks, strict=True) if found},
    )


async def _look_back(visit: Visit, campaign: str) -> Any | None:
    """The then-test, where it is asked already."""
    try:
        return await visit.find("diagnostics", f"forms/{campaign}/then")
    except Refused as refused:
        if refused.status == 409:
            return None
        raise


async def _tracked(visit: Visit) -> Morning:
    """What tracking tells: pairs, meetings, surveys, notices."""
    assignments, meetings, surveys, notices = await asyncio.gather(
        visit.all_of("tracking", "assignments"),
        visit.all_of("tracking", "meetings"),
        visit.get("tracking", "surveys"),
        visit.get("tracking", "notifications"),
    )
    return Morning(assignments=assignments, meetings=meetings, surveys=surveys, notices=notices["items"])


async def _invitation(visit: Visit, catalogue: Catalogue | None) -> Invitation | None:
    """A confirmed strength of the reader's own, as an invitation to share it."""
    profile: Sequence[dict[str, Any]] = await visit.get("diagnostics", "profile")
    strong = sorted(
        (one for one in profile if one["competency_class"] == "STRENGTH_CONFIRMED"), key=lambda one: -one["level10"]
    )
    if not strong or catalogue is None:
        return None
    code = strong[0]["competency"]
    return Invitation(catalogue.name(code), visit.page(f"my-profile/competencies/{segment(code)}#offer"))
