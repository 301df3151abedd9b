"""The published layer as people compare it: places by indicators, and an indicator through all publications."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from chassis.database import Row, Tx
from chassis.doors import doors
from chassis.identity import require
from chassis.paging import DEFAULT, After, Limit, after_number
from chassis.refusals import Missing
from services.reporting.api.doors import catalogue_of, kept_of, published_of
from services.reporting.api.published import Definition, OfPublication, Publication, chosen, definition_of
from services.reporting.domain.content import figures_of
from services.reporting.domain.tree import DISTRICT, OTHERS, SCHOOL
from services.reporting.domain.trend import Point, changes
from services.reporting.store import matrix

router = doors()
MOST_INDICATORS = 50
PUBLISHED = "PUBLISHED"
Order = Literal["name", "up", "down"]


class PlainCell(BaseModel):
    """A published number at a place; `bound` is the end of a share that is shown as a bound only."""

    n_num: float | None
    n_den: float | None
    value: float | None
    ci_low: float | None
    ci_high: float | None
    is_hidden: bool
    reason: str | None
    bound: float | None


class MatrixRow(BaseModel):
    """A place with its numbers by indicator."""

    place: str
    place_name: str | None
    kind: str
    district: str | None
    cells: dict[str, PlainCell]


class Median(BaseModel):
    """The middle over the places whose value is shown; `places` of them."""

    indicator: str
    median: float | None
    places: int


class Matrix(BaseModel):
    """Places by indicators; `above` are the city and the district that the rows are parts of.

    `total` counts all rows, whatever the page; `medians` go over all places of this kind, whatever their names.
    """

    publication: Publication
    indicators: list[str]
    above: list[MatrixRow]
    medians: list[Median]
    items: list[MatrixRow]
    total: int
    next: str | None


class Step(BaseModel):
    """What changed since the publication before: `is_distinguishable` is false where chance explains it."""

    difference: float
    is_distinguishable: bool


class TrendPoint(PlainCell):
    """An indicator at a place in one publication; `change` is null where the two numbers cannot be compared."""

    publication_id: UUID
    title: str
    as_of: date
    change: Step | None


class Trend(BaseModel):
    """An indicator at a place through all publications, each in its last revision, the oldest first."""

    place: str | None
    place_name: str | None
    definition: Definition
    points: list[TrendPoint]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a matrix is wanted."""

    publication_id: UUID | None
    indicators: tuple[str, ...]
    reading: matrix.Reading


def asked(
    request: Request,
    publication_id: OfPublication = None,
    indicator: Annotated[list[str] | None, Query(max_length=MOST_INDICATORS, description="all when empty")] = None,
    by: Annotated[str, Query(description="the indicator that sorts; the first one otherwise")] = "",
    order: Annotated[Order, Query(description="by name, or by `by`, the smallest or the largest first")] = "name",
    wanted: Annotated[str, Query(max_length=100, description="a part of the place's name")] = "",
    after: After = "",
    limit: Limit = DEFAULT,
) -> Asked:
    """The query of a matrix; Missing for an indicator that the catalogue does not have."""
    catalogue = catalogue_of(request)
    known = figures_of(catalogue)
    for code in {*(indicator or ()), by} - {*known, ""}:
        raise Missing("report.unknown-indicator", code=code, version=catalogue.version)
    # Every place has a figure of each indicator: by any of them all places are found.
    named = tuple(dict.fromkeys(indicator or known))
    reading = matrix.Reading(by or named[0], order, wanted, after_number(after), limit)
    return Asked(publication_id, named, reading)


Wanted = Annotated[Asked, Depends(asked)]


@router.get("/city/matrix", dependencies=[require("analyst")], response_model=Matrix)
async def read_city_matrix(
    request: Request,
    wanted: Wanted,
    kind: Annotated[Literal["district", "school"], Query(description="what a row is")] = "district",
    district: Annotated[str | None, Query(description="the schools of one district only")] = None,
) -> Response:
    """Published numbers of the city as a matrix: districts, or schools, by indicators."""
    kinds = (DISTRICT,) if kind == DISTRICT else (SCHOOL, OTHERS)
    return await _matrix(request, wanted, kinds, district if kind == SCHOOL else None)


@router.get("/districts/{district}/matrix", dependencies=[require("coordinator")], response_model=Matrix)
async def read_district_matrix(request: Request, district: str, wanted: Wanted) -> Response:
    """Published numbers of a district as a matrix: its schools by indicators."""
    return await _matrix(request, wanted, (SCHOOL, OTHERS), district)


async def _matrix(request: Request, wanted: Asked, kinds: tuple[str, ...], district: str | None) -> Response:
    publication = await chosen(request, wanted.publication_id)
    scope = matrix.Scope(publication.publication_id, kinds, district)
    kept, asked = kept_of(request), (scope, wanted.indicators, wanted.reading)
    body = kept.find(asked)
    if body is None:
        body = (await _laid_out(request, publication, scope, wanted)).model_dump_json().encode()
        if publication.state == PUBLISHED:
            kept.keep(asked, body)
    return Response(body, media_type="application/json")


async def _laid_out(request: Request, publication: Publication, scope: matrix.Scope, wanted: Asked) -> Matrix:
    async with published_of(request).transaction() as tx:
        above = await matrix.above(tx, scope, wanted.reading.by)
        rows = await matrix.places(tx, scope, wanted.reading)
        medians = await matrix.medians(tx, scope, wanted.indicators)
        shown = rows[: wanted.reading.limit]
        cells = await _cells(tx, scope, wanted.indicators, [*above, *shown])
    is_more = len(rows) > len(shown)
    return Matrix(
        publication=publication,
        indicators=list(wanted.indicators),
        above=[_row(row, cells) for row in sorted(above, key=lambda row: str(row["kind"]))],
        medians=[Median.model_validate(dict(row)) for row in medians],
        items=[_row(row, cells) for row in shown],
        total=int(rows[0]["total"]) if rows else 0,
        next=str(wanted.reading.after + len(shown)) if is_more else None,
    )


async def _cells(
    tx: Tx, scope: matrix.Scope, indicators: Sequence[str], of_rows: Sequence[Row]
) -> dict[str, dict[str, Any]]:
    places = list(dict.fromkeys(row["place"] for row in of_rows))
    found: dict[str, dict[str, Any]] = {}
    for row in await matrix.cells(tx, scope.publication, indicators, places):
        found.setdefault(row["place"], {})[row["indicator"]] = row
    return found


def _row(row: Row, cells: Mapping[str, dict[str, Any]]) -> MatrixRow:
    return MatrixRow.model_validate({**row, "cells": cells.get(row["place"], {})})


Place = Annotated[str, Query(max_length=120, description="the city, or the district itself, when empty")]


@router.get("/city/trend", dependencies=[require("analyst")])
async def read_city_trend(request: Request, indicator: str, place: Place = "") -> Trend:
    """An indicator of the city, of a district or of a school through all publications."""
    return await _trend(request, indicator, place, None)


@router.get("/districts/{district}/trend", dependencies=[require("coordinator")])
async def read_district_trend(request: Request, district: str, indicator: str, place: Place = "") -> Trend:
    """An indicator of the district or of one of its schools through all publications."""
    return await _trend(request, indicator, place or district, district)


async def _trend(request: Request, indicator: str, place: str, district: str | None) -> Trend:
    catalogue = catalogue_of(request)
    figure = figures_of(catalogue).get(indicator)
    if figure is None:
        raise Missing("report.unknown-indicator", code=indicator, version=catalogue.version)
    async with published_of(request).transaction() as tx:
        rows = await matrix.trend(tx, indicator, place, district)
    steps = changes(figure.unit, [Point.of(row) for row in rows])
    told = [
        {**row, "change": {"difference": step.difference, "is_distinguishable": step.is_distinguishable}}
        if step
        else {**row, "change": None}
        for row, step in zip(rows, steps, strict=True)
    ]
    return Trend(
        place=rows[-1]["place"] if rows else None,
        place_name=rows[-1]["place_name"] if rows else None,
        definition=definition_of(figure),
        points=[TrendPoint.model_validate(one) for one in told],
    )
