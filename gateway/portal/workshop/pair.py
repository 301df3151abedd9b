"""One pair of a result: why it is there, what else could be, and what each of these would cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis.refusals import Missing
from gateway.portal.talk import Refused
from gateway.portal.workshop.changes import signed
from gateway.portal.workshop.network import Pair, pairs_of
from gateway.portal.workshop.result import shown_end
from gateway.portal.workshop.visit import MOST_AT_ONCE, Shop, Visit

# Each price is an optimum of its own; more than these are reckoned on neither side.
MOST_PRICED = 6
# What somebody released of the topic, so that they could stand on a side of the pair.
CLASSES = {"giver": "STRENGTH", "taker": "DEFICIT"}


@dataclass(frozen=True, slots=True)
class Alternative:
    """Somebody else who could stand on one side of the pair, with the price of choosing them, or why it cannot be."""

    name: str
    load: str
    price: str
    sums: str
    address: str


def pair_router(shop: Shop) -> APIRouter:
    """The doors to it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/workshop/runs/{run_id}/pairs/{giver}/{taker}/{topic}")
    async def show_pair(
        request: Request, school: str, run_id: UUID, giver: UUID, taker: UUID, topic: str
    ) -> HTMLResponse:
        visit = await shop.open(request, school)
        run, pairs, pair = await _found(visit, run_id, (str(giver), str(taker), topic))
        others = [one for one in pairs if one.giver != pair.giver and one.taker != pair.taker]
        return shop.show(
            visit,
            "pair.html",
            run=run,
            pair=pair,
            others=[(f"{one.giver}/{one.taker}/{one.code}", _swap_name(one)) for one in others],
            about=_behaviour(visit, topic),
            gives=[one for one in pairs if one.giver == pair.giver and one != pair],
            takes=[one for one in pairs if one.taker == pair.taker and one != pair],
            can_edit="edit" in run["can"],
        )

    @router.get("/schools/{school}/workshop/runs/{run_id}/pairs/{giver}/{taker}/{topic}/alternatives")
    async def show_alternatives(
        request: Request, school: str, run_id: UUID, giver: UUID, taker: UUID, topic: str
    ) -> HTMLResponse:
        visit = await shop.open(request, school)
        run, pairs, pair = await _found(visit, run_id, (str(giver), str(taker), topic))
        released = await visit.reader.talk.all_of(
            visit.api("diagnostics", "released"), cycle_id=run["cycle_id"], limit=MOST_AT_ONCE
        )
        sides = [(side, await _alternatives(visit, run, candidates(released, pairs, pair, side))) for side in CLASSES]
        is_part = request.headers.get("hx-target") == "alternatives"
        template = "alternatives_part.html" if is_part else "alternatives.html"
        return shop.show(visit, template, run=run, pair=pair, sides=sides)

    return router


def _swap_name(pair: Pair) -> str:
    return f"{pair.giver_name} → {pair.taker_name} ({pair.code})"


def _behaviour(visit: Visit, topic: str) -> Sequence[tuple[int, str, str]]:
    return visit.topics.sentences(topic)


async def _found(visit: Visit, run_id: UUID, key: tuple[str, str, str]) -> tuple[Mapping[str, Any], list[Pair], Pair]:
    """The run, all its pairs, and the one that is meant; Missing when it is not in the result any more."""
    run = await visit.run(run_id)
    found = await visit.found(run_id, "proposals", shown_end(run, None))
    names = await visit.names(one[side] for one in found for side in ("giver_id", "taker_id"))
    pairs = pairs_of(found, str(run_id), names, visit)
    pair = next((one for one in pairs if (one.giver, one.taker, one.code) == key), None)
    if pair is None:
        raise Missing("http.not-found")
    return run, pairs, pair


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody for a side of a pair: how many pairs they have on that side already, and the pair that it would be."""

    person: str
    side: str
    load: int
    pin: Mapping[str, str]


def candidates(released: Sequence[Mapping[str, Any]], pairs: Sequence[Pair], pair: Pair, side: str) -> list[Candidate]:
    """Who else could stand on a side, by what they have released of the topic; those with the fewest pairs first."""
    able = {
        one["person_id"]
        for one in released
        if one["competency"] == pair.code and one["competency_class"].startswith(CLASSES[side])
    }
    loads = {person: sum(getattr(one, side) == person for one in pairs) for person in able - {pair.giver, pair.taker}}
    pin = {"giver_id": pair.giver, "taker_id": pair.taker, "competency": pair.code}
    nearest = sorted(loads, key=lambda person: (loads[person], person))[:MOST_PRICED]
    return [Candidate(person, side, loads[person], {**pin, f"{side}_id": person}) for person in nearest]


async def _alternatives(visit: Visit, run: Mapping[str, Any], found: Sequence[Candidate]) -> list[Alternative]:
    names = await visit.names(one.person for one in found)
    return [await _priced(visit, run, one, names.full(one.person)) for one in found]


async def _priced(visit: Visit, run: Mapping[str, Any], other: Candidate, name: str) -> Alternative:
    load = visit.say("workshop.carries" if other.side == "giver" else "workshop.takes", count=other.load)
    path = visit.api("matching", f"runs/{run['run_id']}/prices")
    try:
        answer = await visit.reader.talk.post(path, {"pin": other.pin})
    except Refused as refused:
        if refused.status >= 500:
            raise
        return Alternative(name, load, visit.say("workshop.alternative-not"), "", "")
    sums = visit.say("workshop.sums", **{total: signed(answer[total]) for total in ("dual", "covered", "score")})
    pin = other.pin
    wanted = {"kind": "pin", "giver": pin["giver_id"], "taker": pin["taker_id"], "topic": pin["competency"]}
    return Alternative(name, load, answer["sentence"], sums, visit.of_run(run["run_id"], f"change?{urlencode(wanted)}"))
