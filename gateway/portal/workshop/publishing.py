"""Publishing a result: what it will cause, what has been lost since its input was frozen, and the step itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from gateway.portal.talk import Refused
from gateway.portal.workshop.changes import hands_of
from gateway.portal.workshop.result import proof_of
from gateway.portal.workshop.visit import Shop, Visit


class Publication(BaseModel):
    """How to publish; `answer_days` are working days for each answer."""

    version: int | None = None
    answer_days: str = "3"
    without_lost: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """A pair of the result that is allowed no longer, and why."""

    pair: str
    why: str


def publishing_router(shop: Shop) -> APIRouter:
    """The doors to it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/workshop/runs/{run_id}/publish")
    async def show_publication(request: Request, school: str, run_id: UUID) -> HTMLResponse:
        visit = await shop.open(request, school)
        return await _page(shop, visit, run_id, Publication())

    @router.post("/schools/{school}/workshop/runs/{run_id}/publish")
    async def publish(request: Request, school: str, run_id: UUID, wish: Annotated[Publication, Form()]) -> Response:
        visit = await shop.open(request, school)
        days: int | str = int(wish.answer_days) if wish.answer_days.strip().isdecimal() else wish.answer_days
        wanted = {"version": wish.version, "answer_days": days, "without_lost": wish.without_lost}
        try:
            await visit.reader.talk.post(visit.api("matching", f"runs/{run_id}/publish"), wanted)
        except Refused as refused:
            return await _page(shop, visit, run_id, wish, wrong=refused)
        return shop.portal.lead(visit.of_run(run_id), "workshop-published")

    return router


async def _page(
    shop: Shop, visit: Visit, run_id: UUID, wish: Publication, *, wrong: Refused | None = None
) -> HTMLResponse:
    run = await visit.run(run_id)
    lost = await visit.reader.talk.get(visit.api("matching", f"runs/{run_id}/stale"))
    hands = await hands_of(wrong, visit) if wrong else []
    return shop.show(
        visit,
        "publish.html",
        wrong=wrong,
        run=run,
        proof=proof_of(run, visit) if run["certificate"] else None,
        causes=await _causes(visit, run),
        lost=await _lost(visit, lost),
        wish=wish,
        hands=hands,
        can_publish="publish" in run["can"] and run["chosen"] is not None,
    )


async def _causes(visit: Visit, run: Mapping[str, Any]) -> Sequence[str]:
    """What happens next, in the order in which it happens."""
    if run["certificate"] is None or run["chosen"] is None:
        return ()
    pairs = await visit.found(run["run_id"], "proposals", str(run["chosen"]))
    takers = len({one["taker_id"] for one in pairs})
    return (
        visit.say("workshop.cause.letters", count=len(pairs)),
        visit.say("workshop.cause.takers", count=takers),
        visit.say("workshop.cause.givers"),
        visit.say("workshop.cause.no"),
        visit.say("workshop.cause.you"),
        visit.say("workshop.cause.closed"),
    )


async def _lost(visit: Visit, lost: Sequence[Mapping[str, Any]]) -> list[Lost]:
    names = await visit.names(one[side] for one in lost for side in ("giver_id", "taker_id"))
    return [
        Lost(
            f"{names.full(one['giver_id'])} → {names.full(one['taker_id'])}: {visit.topic(one['competency'])}",
            one["text"],
        )
        for one in lost
    ]
