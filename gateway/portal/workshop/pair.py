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

# Each price is an optimum of its own; more than these are reckoned when somebody asks.
MOST_PRICED = 6


@dataclass(frozen=True, slots=True)
class Alternative:
    """Somebody else who could share the topic, with the price of choosing them, or why it cannot be."""

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
        found = await _alternatives(visit, run, pairs, pair)
        is_part = request.headers.get("hx-target") == "alternatives"
        template = "alternatives_part.html" if is_part else "alternatives.html"
        return shop.show(visit, template, run=run, pair=pair, alternatives=found)

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


async def _alternatives(visit: Visit, run: Mapping[str, Any], pairs: Sequence[Pair], pair: Pair) -> list[Alternative]:
    """Others who have released this topic as a strength, those with the fewest pairs first."""
    released = await visit.reader.talk.all_of(
        visit.api("diagnostics", "released"), cycle_id=run["cycle_id"], limit=MOST_AT_ONCE
    )
    strong = {
        one["person_id"]
        for one in released
        if one["competency"] == pair.code and one["competency_class"].startswith("STRENGTH")
    }
    loads = {person: sum(one.giver == person for one in pairs) for person in strong - {pair.giver, pair.taker}}
    nearest = sorted(loads, key=lambda person: (loads[person], person))[:MOST_PRICED]
    names = await visit.names(nearest)
    return [
        await _priced(visit, run, pair, Alternative(names.full(person), str(loads[person]), "", "", person))
        for person in nearest
    ]


async def _priced(visit: Visit, run: Mapping[str, Any], pair: Pair, other: Alternative) -> Alternative:
    pin = {"giver_id": other.address, "taker_id": pair.taker, "competency": pair.code}
    load = visit.say("workshop.carries", count=int(other.load))
    try:
        answer = await visit.reader.talk.post(visit.api("matching", f"runs/{run['run_id']}/prices"), {"pin": pin})
    except Refused as refused:
        if refused.status >= 500:
            raise
        return Alternative(other.name, load, visit.say("workshop.alternative-not"), "", "")
    sums = visit.say("workshop.sums", **{name: signed(answer[name]) for name in ("dual", "covered", "score")})
    wanted = urlencode({"kind": "pin", "giver": other.address, "taker": pair.taker, "topic": pair.code})
    return Alternative(other.name, load, answer["sentence"], sums, visit.of_run(run["run_id"], f"change?{wanted}"))
