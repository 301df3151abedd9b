"""The coordinator's matrix: the schools of a district by indicators, as they were published."""

from collections.abc import Callable
from urllib.parse import quote_plus, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.places.asking import Asking
from gateway.portal.places.table import Json, Making
from gateway.portal.places.view import Crumb, Place, definitions_of, hand_out_matrix, picture_matrix, show_matrix
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import segment

COORDINATOR = "coordinator"


def router(portal: Portal) -> APIRouter:
    """The doors of the matrix of a district, and of its file."""
    opened = APIRouter(include_in_schema=False)

    @opened.get("/districts/{district}/matrix")
    async def show(request: Request, district: str) -> HTMLResponse:
        reader = await portal.reader(request, f"districts/{district}", COORDINATOR)
        place, making = await _view(reader, district)
        return await show_matrix(portal, place, making)

    @opened.get("/districts/{district}/matrix.csv")
    async def hand_out(request: Request, district: str) -> Response:
        reader = await portal.reader(request, f"districts/{district}", COORDINATOR)
        place, making = await _view(reader, district)
        return await hand_out_matrix(place, making)

    @opened.get("/districts/{district}/matrix/picture")
    async def show_picture(request: Request, district: str) -> HTMLResponse:
        reader = await portal.reader(request, f"districts/{district}", COORDINATOR)
        place, making = await _view(reader, district)
        return await picture_matrix(portal, place, making)

    return opened


async def _view(reader: Reader, district: str) -> tuple[Place, Making]:
    path, definitions = f"/districts/{segment(district)}/matrix", await definitions_of(reader)
    asking = Asking.read(reader.request.query_params, list(definitions))
    place = Place(
        path=path,
        door=f"/api/reporting/v1/districts/{segment(district)}/matrix",
        heading=reader.say("matrix.of-district"),
        crumbs=[Crumb(reader.frame.place_name, path), Crumb(reader.say("matrix.of-district"))],
        rows=reader.say("matrix.school"),
        more={},
    )
    return place, Making(reader, asking, definitions, path, _ways_on(asking, district))


def _ways_on(asking: Asking, district: str) -> Callable[[Json], str]:
    """From the district and its schools to their ways through the publications."""
    asked = urlencode({"indicator": asking.by or asking.indicators[0]})
    page = f"/districts/{segment(district)}/trend?{asked}&place="
    return lambda row: f"{page}{quote_plus(row['place'])}" if row["kind"] in ("district", "school") else ""
