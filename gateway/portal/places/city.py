"""The analyst's roll-up: districts, or schools, of the whole city by indicators, as they were published."""

from collections.abc import Callable
from urllib.parse import quote_plus, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from chassis.refusals import Missing
from contracts.registry import PlaceKind
from gateway.portal.places.asking import KINDS, Asking
from gateway.portal.places.table import Json, Making
from gateway.portal.places.view import (
    Choice,
    Crumb,
    Place,
    definitions_of,
    hand_out_matrix,
    picture_matrix,
    show_matrix,
)
from gateway.portal.reader import Portal, Reader

ANALYST = "analyst"
PATH = "/city"


def router(portal: Portal) -> APIRouter:
    """The doors of the city's matrix, and of its file."""
    opened = APIRouter(include_in_schema=False)

    @opened.get(PATH)
    async def show(request: Request) -> HTMLResponse:
        reader = await portal.reader(request, "city", ANALYST)
        place, making = await _view(reader)
        return await show_matrix(portal, place, making)

    @opened.get(f"{PATH}.csv")
    async def hand_out(request: Request) -> Response:
        reader = await portal.reader(request, "city", ANALYST)
        place, making = await _view(reader)
        return await hand_out_matrix(place, making)

    @opened.get(f"{PATH}/picture")
    async def show_picture(request: Request) -> HTMLResponse:
        reader = await portal.reader(request, "city", ANALYST)
        place, making = await _view(reader)
        return await picture_matrix(portal, place, making)

    return opened


async def _view(reader: Reader) -> tuple[Place, Making]:
    definitions = await definitions_of(reader)
    asking = Asking.read(reader.request.query_params, list(definitions))
    heading = reader.say("matrix.of-city")
    crumbs = [Crumb(reader.say("frame.city"), PATH)]
    if asking.district:
        crumbs.append(Crumb(await _name_of_district(reader, asking.district)))
        heading = reader.say("matrix.of-schools-in", district=crumbs[-1].name)
    elif asking.kind == "school":
        crumbs.append(Crumb(reader.say("matrix.all-schools")))
        heading = reader.say("matrix.of-schools")
    place = Place(
        path=PATH,
        door="/api/reporting/v1/city/matrix",
        heading=heading,
        crumbs=crumbs if len(crumbs) > 1 else [],
        rows=reader.say("matrix.school" if asking.kind == "school" else "matrix.district"),
        more={"kind": asking.kind, "district": asking.district or None},
        kinds=_kinds(reader, asking),
    )
    return place, Making(reader, asking, definitions, PATH, _ways_on(asking))


async def _name_of_district(reader: Reader, district: str) -> str:
    """What a district is called; raises Missing for what is none."""
    portal: Portal = reader.request.app.state.portal
    found = await portal.known_place(reader, district)
    if found and found["kind"] != PlaceKind.DISTRICT:
        raise Missing("http.not-found")
    return str(found["name"]) if found else district


def _kinds(reader: Reader, asking: Asking) -> list[Choice]:
    return [
        Choice(
            reader.say(f"matrix.rows-{kind}"),
            asking.address(PATH, kind=kind, district=""),
            is_chosen=kind == asking.kind and not asking.district,
        )
        for kind in KINDS
    ]


def _ways_on(asking: Asking) -> Callable[[Json], str]:
    """From a district to its schools, from a school and from the city to their ways through the publications."""
    schools = f"{asking.address(PATH, kind='school', district='')}&district="
    trend = f"{PATH}/trend?{urlencode({'indicator': asking.by or asking.indicators[0]})}"

    def way_on(row: Json) -> str:
        if row["kind"] == "others":
            return ""
        if row["kind"] == "city":
            return trend
        return f"{schools if row['kind'] == 'district' else f'{trend}&place='}{quote_plus(row['place'])}"

    return way_on
