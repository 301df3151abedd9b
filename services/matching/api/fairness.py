"""The door to the fairness of a result: counts with their definitions, and the price of what was asked for."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel

from chassis.database import Row
from chassis.doors import doors
from chassis.identity import require
from chassis.refusals import Missing
from services.matching.actions import insight
from services.matching.api.asked import db_of, say
from services.matching.api.found import OfVariant
from services.matching.api.runs import Fairness

router = doors()


class Measure(BaseModel):
    """One count of a whole, with its definition in the caller's language."""

    key: str
    count: int
    of: int
    definition: str


class Load(BaseModel):
    """So many people carry so many pairings in one role."""

    pairings: int
    people: int


class Value(BaseModel):
    """People with both roles, people reached, total worth, cost of the loads, promised places left empty."""

    dual: int
    covered: int
    score: int
    load: int
    short: int


class Price(BaseModel):
    """The result with what was asked for, and the best one without it."""

    with_it: Value
    without_it: Value


class FairnessReport(BaseModel):
    """How evenly a result treats people: counts of people and pairings, never a list of them.

    `price` is null where nothing was asked for, or where the same point cannot be had without it.
    """

    asked: Fairness
    measures: list[Measure]
    gives: list[Load]
    takes: list[Load]
    price: Price | None


@router.get("/schools/{school}/runs/{run_id}/fairness", dependencies=[require("curator")])
async def get_fairness(request: Request, school: str, run_id: UUID, variant: OfVariant = None) -> FairnessReport:
    """Load, hubs, isolation, balance over the cycles, repeated pairs; and what the wishes for it cost."""
    found = await insight.fairness_of(db_of(request), school, run_id, variant)
    if found is None:
        raise Missing("fairness.not-solved", field="run_id")
    return FairnessReport(
        asked=Fairness.model_validate(found.asked),
        measures=[
            Measure(key=one.key, count=one.count, of=one.of, definition=say(request, f"fairness.{one.key}"))
            for one in found.measured.measures
        ],
        gives=_loads(found.measured.gives),
        takes=_loads(found.measured.takes),
        price=_price(found.with_it, found.without_it),
    )


def _loads(spread: Mapping[int, int]) -> list[Load]:
    return [Load(pairings=pairings, people=people) for pairings, people in spread.items()]


def _price(with_it: Row, without_it: Row | None) -> Price | None:
    if without_it is None:
        return None
    return Price(with_it=Value.model_validate(with_it), without_it=Value.model_validate(without_it))
