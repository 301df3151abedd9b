"""The analyst's view of the instruments: order figures, see them being computed, read what was found and how surely."""

from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.live.progress import of_psychometrics
from gateway.portal.places.instruments import Telling
from gateway.portal.places.orders import ANALYST, Ordered, newest
from gateway.portal.places.reports import Json
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import Refused, segment
from gateway.portal.words import moment, number

PATH, API = "/city/psychometrics", "/api/diagnostics/v1/psychometrics"
CHIPS = {"DONE": "good", "FAILED": "bad", "CANCELLED": "plain"}
# What the columns mean, in the order in which they are met.
TERMS = ("alpha", "omega", "interval", "difficulty", "discrimination", "single", "joint", "verdict")


def router(portal: Portal) -> APIRouter:
    """The doors of the orders."""
    opened = APIRouter(include_in_schema=False)

    @opened.get(PATH)
    async def show(request: Request) -> HTMLResponse:
        return await _list(portal, await portal.reader(request, "city", ANALYST))

    @opened.post(PATH)
    async def order(request: Request) -> Response:
        reader, wanted = await portal.reader(request, "city", ANALYST), str(uuid4())
        try:
            await reader.talk.put(f"{API}/{wanted}")
        except Refused as refused:
            return await _list(portal, reader, refused)
        return portal.lead(f"{PATH}/{wanted}")

    @opened.get(f"{PATH}/{{order_id}}")
    async def show_one(request: Request, order_id: str) -> HTMLResponse:
        return await _one(portal, await portal.reader(request, "city", ANALYST), order_id)

    @opened.post(f"{PATH}/{{order_id}}/cancel")
    async def cancel(request: Request, order_id: str) -> Response:
        reader = await portal.reader(request, "city", ANALYST)
        try:
            await reader.talk.post(f"{API}/{segment(order_id)}/cancel")
        except Refused as refused:
            return await _one(portal, reader, order_id, refused)
        return portal.lead(f"{PATH}/{segment(order_id)}", said="psychometrics-cancelled")

    return opened


async def _list(portal: Portal, reader: Reader, wrong: Refused | None = None) -> HTMLResponse:
    return portal.show(
        reader,
        "places/psychometrics.html",
        status=wrong.status if wrong else 200,
        wrong=wrong,
        orders=[ordered_of(one, reader) for one in await newest(reader, API)],
        address=PATH,
    )


async def _one(portal: Portal, reader: Reader, order_id: str, wrong: Refused | None = None) -> HTMLResponse:
    found = await reader.talk.get(f"{API}/{segment(order_id)}")
    figures = found["figures"] or {"scales": (), "raters": (), "hidden": 0}
    telling = Telling(reader.say, reader.language, await portal.catalogue(reader))
    return portal.show(
        reader,
        "places/psychometrics_order.html",
        status=wrong.status if wrong else 200,
        wrong=wrong,
        order=ordered_of(found, reader),
        telling=of_psychometrics(found, reader.say),
        is_done=found["state"] == "DONE",
        own=telling.scales(figures["scales"], "SA"),
        tests=telling.scales(figures["scales"], "TST"),
        raters=telling.raters(figures["raters"]),
        hidden=int(figures["hidden"]),
        terms=TERMS,
        stream=f"/live/psychometrics/{segment(order_id)}",
        address=f"{PATH}/{segment(order_id)}",
        crumbs=[{"name": reader.say("psychometrics.title"), "address": PATH}],
    )


def ordered_of(one: Json, reader: Reader) -> Ordered:
    """An order in words."""
    state = str(one["state"])
    found = reader.say(
        "psychometrics.about",
        schools=number(one["schools_done"], reader.language),
        parts=number(one["parts_done"], reader.language),
    )
    return Ordered(
        order_id=str(one["order_id"]),
        title=reader.say("psychometrics.ordered", moment=moment(one["ordered_at"], reader.language)),
        state=reader.say(f"psychometrics.state.{state}"),
        chip=CHIPS.get(state, "watch"),
        about=reader.say("psychometrics.version", version=one["catalogue_version"]),
        found=found if state == "DONE" else "",
        trouble=_trouble(one["reason"], reader) if state == "FAILED" else "",
    )


def _trouble(told: str | None, reader: Reader) -> str:
    """Why an order failed: its worker died again and again, or the computation itself stopped."""
    is_lost = told == "psychometrics.worker-lost"
    return reader.say("psychometrics.trouble.lost" if is_lost else "psychometrics.trouble.failed")
