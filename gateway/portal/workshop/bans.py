"""Pairs that a curator never wants to see proposed, in every cycle: the list, one more, one less."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.talk import Refused, segment
from gateway.portal.words import moment
from gateway.portal.workshop.visit import MOST_AT_ONCE, Shop, Visit

PAGE = 50


def bans_router(shop: Shop) -> APIRouter:
    """The doors to it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/workshop/bans")
    async def show_bans(request: Request, school: str, after: str = "") -> HTMLResponse:
        return await _page(shop, await shop.open(request, school), after=after)

    @router.post("/schools/{school}/workshop/bans")
    async def ban(
        request: Request, school: str, giver_id: Annotated[str, Form()] = "", taker_id: Annotated[str, Form()] = ""
    ) -> Response:
        visit = await shop.open(request, school)
        if wrong := _missing(visit, giver_id=giver_id, taker_id=taker_id):
            return await _page(shop, visit, wrong=wrong, two=(giver_id, taker_id))
        try:
            await visit.reader.talk.put(visit.api("matching", f"bans/{segment(giver_id)}/{segment(taker_id)}"))
        except Refused as refused:
            return await _page(shop, visit, wrong=refused, two=(giver_id, taker_id))
        return shop.portal.lead(visit.page("bans"), "workshop-banned")

    @router.post("/schools/{school}/workshop/bans/{giver}/{taker}/lift")
    async def lift(request: Request, school: str, giver: UUID, taker: UUID) -> Response:
        visit = await shop.open(request, school)
        await visit.reader.talk.delete(visit.api("matching", f"bans/{giver}/{taker}"))
        return shop.portal.lead(visit.page("bans"), "workshop-lifted")

    return router


def _missing(visit: Visit, **people: str) -> Refused | None:
    """What is wrong where somebody was not chosen; an address with a hole in it would be another address."""
    detail = visit.say("workshop.choose-both")
    errors = [{"field": name, "detail": detail} for name, person in people.items() if not person]
    return Refused(422, {"detail": detail, "errors": errors}) if errors else None


async def _page(
    shop: Shop, visit: Visit, *, after: str = "", wrong: Refused | None = None, two: tuple[str, str] = ("", "")
) -> HTMLResponse:
    talk = visit.reader.talk
    page = await talk.get(visit.api("matching", "bans"), after=after, limit=PAGE)
    people = await talk.all_of(visit.api("registry", "people"), limit=MOST_AT_ONCE)
    names = await visit.names(one[side] for one in page["items"] for side in ("giver_id", "taker_id"))
    staff = sorted(
        (f"{one['family_name']} {one['given_name']} {one['patronymic'] or ''}".strip(), one["person_id"])
        for one in people
        if one["left_on"] is None
    )
    bans = [
        {
            "giver": names.full(one["giver_id"]),
            "taker": names.full(one["taker_id"]),
            "at": moment(one["banned_at"], visit.reader.language),
            "lift": visit.page(f"bans/{one['giver_id']}/{one['taker_id']}/lift"),
        }
        for one in page["items"]
    ]
    options = [("", visit.say("workshop.choose-person")), *((person, name) for name, person in staff)]
    return shop.show(visit, "bans.html", wrong=wrong, bans=bans, next=page["next"] or "", options=options, two=two)
