"""An indicator of a place through all publications: a picture, a table, and in words whether it has really changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis.refusals import Missing
from gateway.portal.city import Cell, CellWords, Shown
from gateway.portal.places.asking import SETS
from gateway.portal.places.reports import Json, words_of
from gateway.portal.places.view import definitions_of
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import segment
from gateway.portal.words import day, short_day


@dataclass(frozen=True, slots=True)
class Point:
    """One publication: its day and title, the number in words, and what it says about the one before."""

    as_of: str
    title: str
    shown: Shown | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Where:
    """Whose trend: the page, its door in the API, and the way back; a district tells of its own places alone."""

    path: str
    door: str
    back: str
    back_name: str
    district: str = ""


def router(portal: Portal) -> APIRouter:
    """The doors of the trends of the city and of a district."""
    opened = APIRouter(include_in_schema=False)

    @opened.get("/city/trend")
    async def show_city(request: Request, indicator: str = "", place: str = "") -> HTMLResponse:
        reader = await portal.reader(request, "city", "analyst")
        where = Where("/city/trend", "/api/reporting/v1/city/trend", "/city", reader.say("frame.city"))
        return await _show(portal, reader, where, (indicator, place))

    @opened.get("/districts/{district}/trend")
    async def show_district(request: Request, district: str, indicator: str = "", place: str = "") -> HTMLResponse:
        reader = await portal.reader(request, f"districts/{district}", "coordinator")
        root = f"/districts/{segment(district)}"
        door, name = f"/api/reporting/v1{root}/trend", reader.frame.place_name
        where = Where(f"{root}/trend", door, f"{root}/matrix", name, district)
        return await _show(portal, reader, where, (indicator, place))

    return opened


async def _show(portal: Portal, reader: Reader, where: Where, asked: tuple[str, str]) -> HTMLResponse:
    definitions = await definitions_of(reader)
    wanted, place = asked
    code = wanted if wanted in definitions else SETS[0].of(list(definitions))[0]
    trend = await reader.talk.get(where.door, indicator=code, place=place or None)
    unit, language = str(trend["definition"]["unit"]), reader.language
    points = points_of(trend["points"], unit, reader)
    return portal.show(
        reader,
        "places/trend.html",
        where=where,
        name=trend["place_name"] if place and trend["place_name"] else await _name_of(portal, reader, where, place),
        place=place,
        indicator=trend["definition"]["name"][language],
        definition=trend["definition"]["definition"][language],
        points=points,
        facts={
            **picture_of(trend["points"], points, unit, str(trend["definition"]["name"][language])),
            "times": [short_day(one["as_of"], language) for one in trend["points"]],
            "unit": reader.say("city.percent", value="") if unit == "share" else "",
        },
        choices=[(one, told["name"][language]) for one, told in definitions.items()],
        code=code,
    )


async def _name_of(portal: Portal, reader: Reader, where: Where, place: str) -> str:
    """What a place is called of which nothing was published; raises Missing for what is no place of this page."""
    if not place:
        return reader.frame.place_name if where.district else reader.say("matrix.city")
    found = await portal.known_place(reader, place)
    if found and where.district not in ("", place, found["parent"]):
        raise Missing("http.not-found")
    return str(found["name"]) if found else place


def points_of(told: Sequence[Json], unit: str, reader: Reader) -> list[Point]:
    """Each publication in words, the oldest first."""
    words = words_of(reader)
    return [
        Point(
            day(one["as_of"], reader.language),
            str(one["title"]),
            _shown(one, unit, words),
            reader.say(f"trend.{verdict_of(one, is_first=number == 0)}"),
        )
        for number, one in enumerate(told)
    ]


def _shown(one: Json, unit: str, words: CellWords) -> Shown | None:
    return words.cell(Cell.read(one), unit)


def verdict_of(point: Json, *, is_first: bool) -> str:
    """What a point says about the one before it; a difference that chance explains is called so."""
    if is_first:
        return "first"
    change = point["change"]
    if change is None:
        return "not-comparable"
    if not change["difference"]:
        return "same"
    way = "grown" if change["difference"] > 0 else "fallen"
    return way if change["is_distinguishable"] else f"{way}-by-chance"


def picture_of(told: Sequence[Json], points: Sequence[Point], unit: str, name: str) -> dict[str, Any]:
    """The line of the picture: shares as per cent; a hidden number leaves a gap."""
    times = 100.0 if unit == "share" else 1.0
    values, low, high = ([_scaled(one[side], times) for one in told] for side in ("value", "ci_low", "ci_high"))
    known = [value for value in (*values, *low, *high) if value is not None]
    labels = [f"{one.as_of}: {_label(one.shown)}" for one in points]
    line = {"name": name, "values": values, "low": low, "high": high, "labels": labels}
    least, most = (0.0, 100.0) if unit == "share" else (min(known, default=0.0), max(known, default=1.0))
    return {"lines": [line], "min": min(least, 0.0), "max": most}


def _scaled(value: float | None, times: float) -> float | None:
    return None if value is None else round(value * times, 2)


def _label(shown: Shown | None) -> str:
    if shown is None:
        return "—"
    return shown.hidden_because or " · ".join(part for part in (shown.number, shown.counted, shown.interval) if part)
