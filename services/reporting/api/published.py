"""The published layer: ordered by the city, read by districts, the city, and anybody."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from chassis.database import Row, Tx
from chassis.days import PlainDay
from chassis.doors import doors
from chassis.identity import EVERYONE, require
from chassis.paging import DEFAULT, After, Limit, Page, after_id, after_number, page_of
from chassis.refusals import Missing
from services.reporting import actions
from services.reporting.api.doors import (
    Number,
    catalogue_of,
    db_of,
    language_of,
    published_of,
    said,
)
from services.reporting.domain.content import Figure, figures_of
from services.reporting.domain.tree import CITY, DISTRICT, OTHERS, SCHOOL
from services.reporting.store import published

router = doors()
OfPublication = Annotated[UUID | None, Query(description="the newest one if not given")]
CITY_READS = (CITY, DISTRICT, SCHOOL, OTHERS)
ANYBODY_READS = (CITY, DISTRICT)
MOST_OPEN = 5000


class Definition(BaseModel):
    """What an indicator counts, in both languages.

    `numerator` and `denominator` are the names of the counters; `direction` says whether more (`up`) or less (`down`)
    is wanted, and is null for a figure that stands beside an indicator.
    """

    code: str
    name: dict[str, str]
    definition: dict[str, str]
    unit: str
    version: str
    numerator: str
    denominator: str | None
    direction: str | None
    target: float | None
    valid_from: date


class NewPublication(BaseModel):
    """As of which day accepted reports are to be published, and under which title."""

    as_of: PlainDay
    title: str = Field(min_length=1, max_length=200)


class Publication(BaseModel):
    """A publication: COMPUTING, PUBLISHED or FAILED (`trouble` is the slug of the reason)."""

    publication_id: UUID
    as_of: date
    title: str
    state: str
    revision: int | None
    definition_version: str
    schools: int
    districts: int
    trouble: str | None
    ordered_at: datetime
    published_at: datetime | None


class OpenCell(BaseModel):
    """A published number without its words."""

    place: str
    place_name: str | None
    kind: str
    indicator: str
    n_num: float | None
    n_den: float | None
    value: float | None
    ci_low: float | None
    ci_high: float | None
    is_hidden: bool
    reason: str | None
    bound: float | None


class OpenCity(BaseModel):
    """The newest published totals of the city and its districts, open to anybody."""

    publication: Publication | None = None
    cells: list[OpenCell] = []
    definitions: list[Definition] = []


def definition_of(figure: Figure) -> Definition:
    """A figure's definition as the doors tell it."""
    told = {name: getattr(figure, name) for name in Definition.model_fields}
    return Definition.model_validate({**told, "name": dict(figure.name), "definition": dict(figure.definition)})


def _definitions(request: Request) -> list[Definition]:
    return [definition_of(figure) for figure in figures_of(catalogue_of(request)).values()]


@router.get("/indicators", dependencies=[require(*EVERYONE, anywhere=True)])
async def list_indicators(request: Request) -> list[Definition]:
    """Every indicator with its definition."""
    return _definitions(request)


@router.put("/publications/{publication_id}", dependencies=[require("analyst")], status_code=202)
async def order_publication(
    request: Request, response: Response, publication_id: UUID, wanted: NewPublication
) -> Publication:
    """Publish the newest accepted report of each school, protected jointly with everything published before.

    Computed in the background: read it again until it is PUBLISHED. A repeat changes nothing (200).
    """
    ordered = await actions.order_publication(
        db_of(request), catalogue_of(request), publication_id, as_of=wanted.as_of, title=wanted.title
    )
    if not ordered:
        response.status_code = 200
    return await _publication(request, publication_id)


async def _publication(request: Request, publication_id: UUID) -> Publication:
    async with published_of(request).transaction() as tx:
        row = await published.one(tx, publication_id)
    if row is None:
        raise Missing("publication.unknown", field="publication_id")
    return Publication.model_validate(dict(row))


@router.get("/publications", dependencies=[require("analyst", "coordinator", anywhere=True)])
async def list_publications(request: Request, after: After = "", limit: Limit = DEFAULT) -> Page[Publication]:
    """What was published of the city and its districts, in the order of the ids."""
    async with published_of(request).transaction() as tx:
        rows = await published.page(tx, after_id(after), limit)
    return page_of(
        rows, limit, key=lambda row: row["publication_id"], item=lambda row: Publication.model_validate(dict(row))
    )


@router.get("/publications/{publication_id}", dependencies=[require("analyst", "coordinator", anywhere=True)])
async def get_publication(request: Request, publication_id: UUID) -> Publication:
    """The day that a publication shows, how far it is, and why it failed if it did."""
    return await _publication(request, publication_id)


async def chosen(request: Request, publication_id: UUID | None) -> Publication:
    """The publication that is asked for, the newest one otherwise; Missing where there is none."""
    if publication_id is not None:
        return await _publication(request, publication_id)
    async with published_of(request).transaction() as tx:
        row = await published.newest(tx)
    if row is None:
        raise Missing("publication.none-yet")
    return Publication.model_validate(dict(row))


def _numbers(request: Request, rows: Sequence[Row], limit: int) -> Page[Number]:
    figures, language = figures_of(catalogue_of(request)), language_of(request)
    words: dict[str, Any] = {code: said(figure, language) for code, figure in figures.items()}

    def number(row: Row) -> Number:
        return Number.model_validate({**words[row["indicator"]], **row})

    return page_of(rows, limit, key=lambda row: row["position"], item=number)


@router.get("/city/published", dependencies=[require("analyst")])
async def read_city(
    request: Request, publication_id: OfPublication = None, after: After = "", limit: Limit = DEFAULT
) -> Page[Number]:
    """The published numbers of the city, its districts and its schools; the newest publication by default."""
    one = await chosen(request, publication_id)
    async with published_of(request).transaction() as tx:
        rows = await published.figures_of(tx, one.publication_id, CITY_READS, after=after_number(after), limit=limit)
    return _numbers(request, rows, limit)


@router.get("/districts/{district}/published", dependencies=[require("coordinator")])
async def read_district(
    request: Request, district: str, publication_id: OfPublication = None, after: After = "", limit: Limit = DEFAULT
) -> Page[Number]:
    """The published numbers of a district and its schools; the newest publication by default."""
    one = await chosen(request, publication_id)
    async with published_of(request).transaction() as tx:
        rows = await published.figures_in(tx, one.publication_id, district, after=after_number(after), limit=limit)
    return _numbers(request, rows, limit)


@router.get("/open/city", openapi_extra={"security": []}, response_model=OpenCity)
async def read_open_city(request: Request) -> Response:
    """The newest published totals of the city and its districts, with definitions; open to anybody."""
    state = request.app.state
    async with published_of(request).transaction() as tx:
        newest = await published.newest(tx)
        publication = newest["publication_id"] if newest else None
        # What was published never changes, and is the same for everybody.
        kept = getattr(state, "open_city", None)
        if publication is None or kept is None or kept[0] != publication:
            kept = state.open_city = publication, await _open_city(request, tx, newest)
    return Response(kept[1], media_type="application/json")


async def _open_city(request: Request, tx: Tx, newest: Row | None) -> bytes:
    definitions = _definitions(request)
    if newest is None:
        return OpenCity(definitions=definitions).model_dump_json().encode()
    rows = await published.figures_of(tx, newest["publication_id"], ANYBODY_READS, after=0, limit=MOST_OPEN)
    cells = [OpenCell.model_validate(dict(row)) for row in rows]
    told = OpenCity(publication=Publication.model_validate(dict(newest)), cells=cells, definitions=definitions)
    return told.model_dump_json().encode()
