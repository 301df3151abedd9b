"""What the matrices of a district and of the city have in common: read, lay out, show, and hand out as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from babel.numbers import format_decimal
from fastapi.responses import HTMLResponse, Response

from gateway.portal.places.asking import SETS, Asking
from gateway.portal.places.sheet import sheet_of
from gateway.portal.places.table import Json, Line, Making, Table, picture_of, shares_of, table_of
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import Refused
from gateway.portal.words import day
from gateway.portal.workshop.gaps import size_of

# So many cells make a page that is quick to make and to read; narrow tables have more rows.
MOST_CELLS, FEWEST_ROWS, USUAL_ROWS = 200, 15, 40
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way from the city down; the last one has no address."""

    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a matrix stands: its page, its door in the API and what more that is asked, its heading and the way.

    `kinds` are the other things that its rows could be.
    """

    path: str
    door: str
    heading: str
    crumbs: Sequence[Crumb]
    rows: str
    more: Mapping[str, str | None]
    kinds: Sequence["Choice"] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A set of indicators, or a single one, that can be chosen."""

    name: str
    address: str
    is_chosen: bool
    code: str = ""


async def definitions_of(reader: Reader) -> dict[str, Json]:
    """All definitions by code, in the order of the catalogue."""
    portal: Portal = reader.request.app.state.portal
    return named_apart(await portal.definitions(reader))


def named_apart(told: Sequence[Json]) -> dict[str, Json]:
    """Definitions by code; what stands beside an indicator is called with the indicator's name in front."""
    by_code = {str(one["code"]): one for one in told}
    return {code: _with_its_indicator(one, by_code.get(code.partition(".")[0], one)) for code, one in by_code.items()}


def _with_its_indicator(one: Json, indicator: Json) -> Json:
    if one is indicator:
        return one
    return {
        **one,
        "name": {language: f"{indicator['name'][language]} · {name}" for language, name in one["name"].items()},
    }


async def show_matrix(portal: Portal, place: Place, making: Making) -> HTMLResponse:
    """The page of a matrix; before anything was published it says so."""
    reader, asking = making.reader, making.asking
    matrix = await _read(reader, place, asking)
    if matrix is None:
        return portal.show(reader, "places/nothing_yet.html", place=place)
    table = table_of(matrix, making)
    publication = matrix["publication"]
    return portal.show(
        reader,
        "places/matrix.html",
        place=place,
        table=table,
        asking=asking,
        sets=_sets(making),
        choices=_choices(making),
        kinds=place.kinds,
        shown_of=_shown_of(reader, asking, table),
        publication=publication["title"],
        as_of=day(publication["as_of"], reader.language),
        sheet=asking.address(f"{place.path}.csv"),
        picture=asking.address(f"{place.path}/picture", after=asking.after),
        next=asking.address(place.path, after=table.next) if table.next else "",
    )


async def picture_matrix(portal: Portal, place: Place, making: Making) -> HTMLResponse:
    """The same as a picture of shares, with the table as the text behind it."""
    reader, asking = making.reader, making.asking
    matrix = await _read(reader, place, asking)
    if matrix is None:
        return portal.show(reader, "places/nothing_yet.html", place=place)
    table = shares_of(table_of(matrix, making))
    return portal.show(
        reader,
        "places/picture.html",
        place=place,
        table=table,
        facts=picture_of(table),
        size=size_of(len(table.lines)),
        back=asking.address(place.path, after=asking.after),
        publication=matrix["publication"]["title"],
        as_of=day(matrix["publication"]["as_of"], reader.language),
    )


async def hand_out_matrix(place: Place, making: Making) -> Response:
    """The same as a file; all rows of the view, page by page."""
    reader, asking, lines = making.reader, making.asking, list[Line]()
    while True:
        matrix = await reader.talk.get(place.door, **{**asking.query(MOST_ROWS), **place.more})
        table = table_of(matrix, making)
        lines += table.lines
        if not table.next:
            break
        asking = replace(asking, after=table.next)
    headers = {
        "Content-Disposition": f'attachment; filename="{_file_name(matrix["publication"])}"',
        "Cache-Control": "no-store",
    }
    return Response(sheet_of(table, reader, lines), media_type="text/csv; charset=utf-8", headers=headers)


def rows_for(asking: Asking) -> int:
    """How many rows a page has: fewer where there are many indicators."""
    return min(USUAL_ROWS, max(FEWEST_ROWS, MOST_CELLS // len(asking.indicators)))


async def _read(reader: Reader, place: Place, asking: Asking) -> Json | None:
    try:
        found: Json = await reader.talk.get(place.door, **{**asking.query(rows_for(asking)), **place.more})
    except Refused as refused:
        if refused.slug == "publication.none-yet":
            return None
        raise
    return found


def _file_name(publication: Json) -> str:
    return f"neo-{publication['as_of']}-{publication['revision'] or 1}.csv"


def _sets(making: Making) -> list[Choice]:
    known, asking = list(making.definitions), making.asking
    return [
        Choice(
            making.reader.say(f"matrix.set-{one.name}"),
            asking.address(making.path, indicators=one.of(known), by="", order="name"),
            is_chosen=one.of(known) == asking.indicators,
        )
        for one in SETS
        if one.of(known)
    ]


def _choices(making: Making) -> list[Choice]:
    language, chosen = making.reader.language, set(making.asking.indicators)
    return [
        Choice(str(one["name"][language]), "", is_chosen=code in chosen, code=code)
        for code, one in making.definitions.items()
        if "." not in code
    ]


def _shown_of(reader: Reader, asking: Asking, table: Table) -> str:
    first = int(asking.after or 0)
    if not table.lines or (not first and not table.next):
        return ""
    numbers = [first + 1, first + len(table.lines), table.total]
    told = [str(format_decimal(one, locale=reader.language)) for one in numbers]
    return reader.say("matrix.shown-of", first=told[0], last=told[1], total=told[2])
