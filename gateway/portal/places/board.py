"""The coordinator's board: what is wanted at one school stands across what can be shared at another.

It is made of published totals and of offers whose owners agreed to be shown outside their school. Pairs themselves
are looked for by a run, and people are asked only after both curators have agreed.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.city import CellWords, Shown
from gateway.portal.live.progress import of_district_run
from gateway.portal.places.names import schools_of
from gateway.portal.places.queue import COORDINATOR
from gateway.portal.places.reports import Json, words_of
from gateway.portal.places.table import cell_of
from gateway.portal.places.view import definitions_of
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import Refused, as_seen, segment
from gateway.portal.words import moment

DOMAINS = "DMSPIN"
MOST_NAMED = 5
AT_ONCE = 500
LATEST = 10
SAID = {"propose": "crossing-proposed", "cancel": "crossing-cancelled"}


@dataclass(frozen=True, slots=True)
class Named:
    """A school with its published share in a domain, and how many offer something there."""

    name: str
    shown: Shown
    offers: int = 0


@dataclass(frozen=True, slots=True)
class Across:
    """One domain: where it is wanted, the most first, and where it can be shared."""

    letter: str
    gaps_name: str
    gaps_means: str
    strengths_name: str
    strengths_means: str
    wanted: Sequence[Named]
    shared: Sequence[Named]
    only_offers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Making:
    """What the board is made of: rows of the matrix, offers by school and domain, names, definitions."""

    rows: Sequence[Json]
    offers: Mapping[tuple[str, str], int]
    names: Mapping[str, str]
    definitions: Mapping[str, Json]


def router(portal: Portal) -> APIRouter:
    """The doors of the board and of the runs across schools."""
    opened = APIRouter(include_in_schema=False)

    @opened.get("/districts/{district}/board")
    async def show(request: Request, district: str) -> HTMLResponse:
        reader = await portal.reader(request, f"districts/{district}", COORDINATOR)
        return await _board(portal, reader, district)

    @opened.post("/districts/{district}/board/runs")
    async def begin(request: Request, district: str) -> Response:
        reader = await portal.reader(request, f"districts/{district}", COORDINATOR)
        run = str(uuid4())
        try:
            await reader.talk.put(f"{_runs(district)}/{run}", {})
        except Refused as refused:
            return await _board(portal, reader, district, refused)
        return portal.lead(_page(district, run))

    @opened.get("/districts/{district}/board/runs/{run}")
    async def show_run(request: Request, district: str, run: str) -> HTMLResponse:
        reader = await portal.reader(request, f"districts/{district}", COORDINATOR)
        return await _run(portal, reader, (district, run))

    @opened.post("/districts/{district}/board/runs/{run}")
    async def step_run(
        request: Request,
        district: str,
        run: str,
        step: Annotated[str, Form()] = "",
        seen: Annotated[str, Form()] = "",
    ) -> Response:
        reader = await portal.reader(request, f"districts/{district}", COORDINATOR)
        if step not in SAID:
            return portal.lead(_page(district, run))
        try:
            await reader.talk.post(f"{_runs(district)}/{segment(run)}/{step}", **as_seen(seen))
        except Refused as refused:
            return await _run(portal, reader, (district, run), refused)
        return portal.lead(_page(district, run), said=SAID[step])

    return opened


def _runs(district: str) -> str:
    return f"/api/matching/v1/districts/{segment(district)}/runs"


def _page(district: str, run: str) -> str:
    return f"/districts/{segment(district)}/board/runs/{segment(run)}"


def _codes() -> list[str]:
    return [f"{family}_{letter}" for family in ("GAPS", "STRENGTHS") for letter in DOMAINS]


async def _board(portal: Portal, reader: Reader, district: str, wrong: Refused | None = None) -> HTMLResponse:
    talk = reader.talk
    codes = _codes()
    definitions, rows, offers, names, runs = await asyncio.gather(
        definitions_of(reader),
        _rows(reader, district, codes),
        _offers(reader, district),
        schools_of(talk, district),
        talk.find(_runs(district), limit=LATEST),
    )
    counted = Counter((str(one["school"]), str(one["competency"])[:1]) for one in offers)
    making = Making(rows, counted, names, definitions)
    return portal.show(
        reader,
        "places/board.html",
        status=wrong.status if wrong else 200,
        wrong=wrong,
        domains=[across_of(letter, making, reader) for letter in DOMAINS],
        is_published=bool(rows),
        offers=len(offers),
        people=len({one["person_id"] for one in offers}),
        runs=[_listed(one, reader, district) for one in (runs["items"] if runs else [])],
        address=f"/districts/{segment(district)}/board",
        crumbs=[{"name": reader.frame.place_name, "address": f"/districts/{segment(district)}/matrix"}],
    )


async def _offers(reader: Reader, district: str) -> Sequence[Json]:
    """What people offer outside their schools; nothing in a district of which the matching has not heard yet."""
    try:
        return await reader.talk.all_of(f"/api/matching/v1/districts/{segment(district)}/offers", limit=AT_ONCE)
    except Refused as refused:
        if refused.status == 404:
            return []
        raise


async def _rows(reader: Reader, district: str, codes: Sequence[str]) -> Sequence[Json]:
    """The schools of a district by what is wanted and shared there; none before anything was published."""
    door = f"/api/reporting/v1/districts/{segment(district)}/matrix"
    found = await reader.talk.find(door, indicator=codes, limit=AT_ONCE)
    return found["items"] if found else []


def across_of(letter: str, making: Making, reader: Reader) -> Across:
    """One domain: the schools where it is wanted most, and where it can be shared."""
    words, language = words_of(reader), reader.language
    gaps, strengths = making.definitions[f"GAPS_{letter}"], making.definitions[f"STRENGTHS_{letter}"]
    shared = _named(f"STRENGTHS_{letter}", making, words, letter)
    named = {one.name for one in shared}
    others = [
        making.names.get(school, school)
        for (school, domain), count in making.offers.items()
        if domain == letter and count and making.names.get(school, school) not in named
    ]
    return Across(
        letter=letter,
        gaps_name=gaps["name"][language],
        gaps_means=gaps["definition"][language],
        strengths_name=strengths["name"][language],
        strengths_means=strengths["definition"][language],
        wanted=_named(f"GAPS_{letter}", making, words, letter),
        shared=shared,
        only_offers=sorted(others),
    )


def _named(code: str, making: Making, words: CellWords, letter: str) -> list[Named]:
    """The schools with the largest published shares; a hidden share puts a school nowhere."""
    told = [(row, row["cells"].get(code)) for row in making.rows if row["kind"] == "school"]
    known = sorted(
        ((row, cell) for row, cell in told if cell and cell["value"]), key=lambda pair: pair[1]["value"], reverse=True
    )
    found = []
    for row, cell in known[:MOST_NAMED]:
        shown = words.cell(cell_of(row, cell, code), "share")
        name = making.names.get(row["place"]) or row["place_name"] or row["place"]
        if shown is not None:
            found.append(Named(str(name), shown, making.offers.get((row["place"], letter), 0)))
    return found


def _listed(run: Json, reader: Reader, district: str) -> dict[str, str]:
    return {
        "begun": moment(run["created_at"], reader.language),
        "state": reader.say(f"board.state.{run['state']}"),
        "address": _page(district, str(run["run_id"])),
    }


async def _run(portal: Portal, reader: Reader, which: tuple[str, str], wrong: Refused | None = None) -> HTMLResponse:
    district, run_id = which
    told = await reader.talk.send("GET", f"{_runs(district)}/{segment(run_id)}")
    run = told.content
    board = f"/districts/{segment(district)}/board"
    return portal.show(
        reader,
        "places/crossing.html",
        status=wrong.status if wrong else 200,
        wrong=wrong,
        run=run,
        seen=told.etag,
        begun=moment(run["created_at"], reader.language),
        telling=of_district_run(run, reader.say),
        found=run["exchange"]["dual_first"] if run["exchange"] else None,
        stream=f"/live/districts/{segment(district)}/runs/{segment(run_id)}",
        address=_page(district, run_id),
        board=board,
        crumbs=[
            {"name": reader.frame.place_name, "address": f"/districts/{segment(district)}/matrix"},
            {"name": reader.say("board.title"), "address": board},
        ],
    )
