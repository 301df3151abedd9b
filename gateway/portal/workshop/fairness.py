"""How evenly a result treats people, and what the wishes for it cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.portal.workshop.changes import signed
from gateway.portal.workshop.visit import Shop, Visit

KEYS = frozenset(
    {
        "reached",
        "both-roles",
        "alone",
        "islands",
        "largest-island",
        "hub",
        "most-given",
        "most-taken",
        "only-gave",
        "only-took",
        "gave-and-took",
        "repeats",
    }
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One count with its definition."""

    name: str
    count: str
    definition: str


def fairness_router(shop: Shop) -> APIRouter:
    """The door to it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/workshop/runs/{run_id}/fairness")
    async def show_fairness(request: Request, school: str, run_id: UUID) -> HTMLResponse:
        visit = await shop.open(request, school)
        found = await visit.reader.talk.get(visit.api("matching", f"runs/{run_id}/fairness"))
        return shop.show(
            visit,
            "fairness.html",
            run_id=run_id,
            asked=found["asked"],
            measures=measures_of(found["measures"], visit),
            loads=loads_of(found, visit),
            price=price_of(found["price"], visit) if found["price"] else (),
        )

    return router


def measures_of(measures: Sequence[Mapping[str, Any]], visit: Visit) -> list[Measure]:
    """The counts by name; one of tomorrow, for which there is no name yet, is left away."""
    return [
        Measure(
            visit.say(f"workshop.fair.{one['key']}"),
            visit.say("workshop.of", count=visit.number(one["count"]), whole=visit.number(one["of"])),
            one["definition"],
        )
        for one in measures
        if one["key"] in KEYS
    ]


def loads_of(found: Mapping[str, Any], visit: Visit) -> list[tuple[str, str, str]]:
    """How many people carry how many pairs: the number of pairs, givers, takers."""
    sides = [{one["pairings"]: one["people"] for one in found[side]} for side in ("gives", "takes")]
    most = max([0, *sides[0], *sides[1]])
    return [
        (str(count), visit.number(sides[0].get(count, 0)), visit.number(sides[1].get(count, 0)))
        for count in range(1, most + 1)
    ]


def price_of(price: Mapping[str, Mapping[str, int]], visit: Visit) -> list[tuple[str, str, str, str]]:
    """What was asked for beside the best without it: the sum, with it, without it, the difference."""
    with_it, without_it = price["with_it"], price["without_it"]
    return [
        (
            visit.say(f"workshop.sum.{name}"),
            visit.number(without_it[name]),
            visit.number(with_it[name]),
            signed(with_it[name] - without_it[name]),
        )
        for name in ("dual", "covered", "score")
    ]
