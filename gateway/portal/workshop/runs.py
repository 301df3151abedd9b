"""The page of one run, whatever state it is in: progress, the proved network in three views, or how it ended."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from gateway.portal.live.progress import of_run
from gateway.portal.talk import Refused
from gateway.portal.workshop.answers import answers_of
from gateway.portal.workshop.edits import edits_of, last_hand, steps_of
from gateway.portal.workshop.network import (
    PAGE,
    Chosen,
    left_out_of,
    pairs_of,
    picture_of,
    rest_of_address,
    selected,
    topics_of,
)
from gateway.portal.workshop.result import exchange_of, proof_of, shown_end
from gateway.portal.workshop.visit import Shop, Visit

SOLVING = frozenset({"DRAFT", "SOLVING"})
VIEWS = ("map", "table", "left-out")
ASKED = ("PUBLISHED", "CONFIRMED")


class Seen(BaseModel):
    """A step of a run, made by somebody who saw this version of it."""

    version: int | None = None


class Choice(Seen):
    """An end of the exchange, or how many people with both roles."""

    variant: str
    dual: str = ""


class Asked(BaseModel):
    """What the address asks of a run's page."""

    view: str = ""
    end: str = ""
    topic: str = ""
    who: str = ""
    sort: str = "giver"
    after: str = ""
    state: str = ""


def runs_router(shop: Shop) -> APIRouter:
    """The doors to it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/workshop/runs/{run_id}")
    async def show_run(request: Request, school: str, run_id: UUID, asked: Annotated[Asked, Query()]) -> HTMLResponse:
        visit = await shop.open(request, school)
        return await run_page(shop, visit, run_id, asked)

    @router.post("/schools/{school}/workshop/runs/{run_id}/cancel")
    async def cancel_run(request: Request, school: str, run_id: UUID, seen: Annotated[Seen, Form()]) -> Response:
        visit = await shop.open(request, school)
        return await _step(shop, visit, run_id, "cancel", {"version": seen.version})

    @router.post("/schools/{school}/workshop/runs/{run_id}/choose")
    async def choose(request: Request, school: str, run_id: UUID, choice: Annotated[Choice, Form()]) -> Response:
        visit = await shop.open(request, school)
        dual = int(choice.dual) if choice.variant == "between" and choice.dual.strip().isdecimal() else None
        wanted = {"variant": choice.variant, "dual": dual, "version": choice.version}
        return await _step(shop, visit, run_id, "choose", wanted)

    return router


async def _step(shop: Shop, visit: Visit, run_id: UUID, step: str, content: dict[str, Any]) -> Response:
    try:
        await visit.reader.talk.post(visit.api("matching", f"runs/{run_id}/{step}"), content)
    except Refused as refused:
        return await run_page(shop, visit, run_id, Asked(), wrong=refused)
    said = {"cancel": "workshop-cancelled", "choose": "workshop-chosen"}[step]
    return shop.portal.lead(visit.of_run(run_id), said)


async def run_page(
    shop: Shop, visit: Visit, run_id: UUID, asked: Asked, *, wrong: Refused | None = None
) -> HTMLResponse:
    """A run as it stands, with what was refused on it, if anything was."""
    run = await visit.run(run_id)
    telling = of_run(run, visit.say)
    if not telling.is_over or run["certificate"] is None:
        return shop.show(visit, "waiting.html", wrong=wrong, run=run, telling=telling, is_solving=not telling.is_over)
    end = shown_end(run, asked.end)
    view = asked.view if asked.view in (*VIEWS, "answers") else ("answers" if run["state"] in ASKED else "map")
    shown = {"map": _network, "table": _network, "left-out": _left_out, "answers": _answers}[view]
    facts, made, last = await asyncio.gather(
        shown(visit, run, end, asked), visit.found(run_id, "edits"), last_hand(visit, run_id)
    )
    return shop.show(
        visit,
        "run.html",
        wrong=wrong,
        run=run,
        end=end,
        view=view,
        views=[*VIEWS, *(["answers"] if run["state"] in ASKED else [])],
        proof=proof_of(run, visit),
        exchange=exchange_of(run, end, visit),
        edits=await edits_of(visit, made),
        steps=steps_of(made),
        last_step=last,
        **facts,
    )


async def _network(visit: Visit, run: Mapping[str, Any], end: str, asked: Asked) -> dict[str, Any]:
    found = await visit.found(run["run_id"], "proposals", end)
    names = await visit.names(one[side] for one in found for side in ("giver_id", "taker_id"))
    pairs = pairs_of(found, run["run_id"], names, visit)
    begin = int(asked.after) if asked.after.isdecimal() else 0
    chosen = Chosen(asked.topic, asked.who, asked.sort, begin)
    kept = selected(pairs, chosen)
    rest = rest_of_address(chosen, view=asked.view, end=asked.end)
    is_more = len(kept) > begin + PAGE
    return {
        "pairs": kept if asked.view != "table" else kept[begin : begin + PAGE],
        "count": len(kept),
        "chosen": chosen,
        "topics": topics_of(pairs),
        "picture": picture_of(kept, names, visit),
        "rest": rest,
        "next": str(begin + PAGE) if is_more else "",
    }


async def _left_out(visit: Visit, run: Mapping[str, Any], end: str, asked: Asked) -> dict[str, Any]:
    page = await visit.reader.talk.get(
        visit.api("matching", f"runs/{run['run_id']}/left-out"), variant=end, after=asked.after, limit=PAGE
    )
    people = page["items"]
    helping = [step["giver_id"] for one in people for step in one["help"]]
    names = await visit.names([*(one["person_id"] for one in people), *helping])
    return {"left_out": left_out_of(people, names, visit), "next": page["next"] or ""}


async def _answers(visit: Visit, run: Mapping[str, Any], end: str, asked: Asked) -> dict[str, Any]:
    del end
    return {"answers": await answers_of(visit, run, asked.state, asked.after)}
