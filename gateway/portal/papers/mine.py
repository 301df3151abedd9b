"""A teacher's own papers: what waits for a consent, each consent in plain words above the legal text, orders."""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from chassis.refusals import Missing
from gateway.portal.papers.wording import PURPOSES, ShownOrder, awaited_in, consents_of, slug_of, waits_in_words
from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import Refused, segment
from gateway.portal.words import day

PATH = "/schools/{school}/my-papers"
EVERYONE = ("teacher", "curator", "head", "observer")


def doors(portal: Portal) -> APIRouter:
    """The doors to my papers."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    async def show_my_papers(request: Request, school: str) -> HTMLResponse:
        return await _show(portal, await portal.reader(request, f"schools/{school}", *EVERYONE), school)

    @router.post(PATH + "/consents/{purpose}/give")
    async def give(request: Request, school: str, purpose: str) -> Response:
        return await _set(portal, request, school, purpose, is_given=True)

    @router.post(PATH + "/consents/{purpose}/withdraw")
    async def withdraw(request: Request, school: str, purpose: str) -> Response:
        return await _set(portal, request, school, purpose, is_given=False)

    return router


async def _set(portal: Portal, request: Request, school: str, purpose: str, *, is_given: bool) -> Response:
    reader = await portal.reader(request, f"schools/{school}", *EVERYONE)
    if purpose not in PURPOSES:
        raise Missing("http.not-found")
    address = f"/api/documents/v1/schools/{segment(school)}/my/consents/{purpose}"
    try:
        await (reader.talk.put(address) if is_given else reader.talk.delete(address))
    except Refused as refused:
        return await _show(portal, reader, school, wrong=refused)
    said = "consent-given" if is_given else "consent-withdrawn"
    return portal.lead(f"/schools/{segment(school)}/my-papers", said, to=slug_of(purpose))


async def _show(portal: Portal, reader: Reader, school: str, *, wrong: Refused | None = None) -> HTMLResponse:
    talk, at = reader.talk, segment(school)
    given, assignments, catalogue = await asyncio.gather(
        talk.get(f"/api/documents/v1/schools/{at}/my/consents"),
        talk.all_of(f"/api/tracking/v1/schools/{at}/my/assignments", limit=200),
        portal.catalogue(reader),
    )
    partners = [str(one["partner_id"]) for one in assignments]
    names = await names_of(talk, school, partners) if partners else {}
    orders = [order_of(one, names, catalogue.name(str(one["competency"])), reader) for one in assignments]
    return portal.show(
        reader,
        "papers/mine.html",
        status=wrong.status if wrong else 200,
        wrong=wrong,
        school=school,
        consents=consents_of(given, awaited_in(assignments), reader.language),
        orders=orders,
    )


def order_of(one: Mapping[str, Any], names: Mapping[str, str], competency: str, reader: Reader) -> ShownOrder:
    """One pair's papers in words."""
    partner = names.get(str(one["partner_id"]), reader.say("papers.colleague"))
    return ShownOrder(
        title=reader.say(f"papers.pair-{one['side']}", name=partner, competency=competency),
        basis=reader.say(f"basis.{str(one['basis']).lower().replace('_', '-')}"),
        term=reader.say(
            "papers.term",
            begin=day(str(one["term_from"]), reader.language),
            end=day(str(one["ends_on"] or one["term_to"]), reader.language),
        ),
        state=str(one["state"]).lower(),
        waits_for=waits_in_words(one["waits_for"], reader.say),
    )
