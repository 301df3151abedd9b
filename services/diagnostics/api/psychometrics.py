"""Doors of the city's analyst: how good the instruments are, over many schools and never of one person."""

from datetime import datetime
from typing import cast
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from chassis.database import Row
from chassis.doors import doors
from chassis.identity import require
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from chassis.refusals import Missing
from services.diagnostics import actions, store
from services.diagnostics.api.doors import catalogue_of, db_of
from services.diagnostics.domain import OrderState
from services.diagnostics.scoring import SourceKind

router = doors()


class Coefficient(BaseModel):
    """A coefficient with its 95 % interval, the model by which it was found, and what it rests on."""

    value: float
    low: float
    high: float
    model: str
    n: int
    missing: int
    parts: float


class ItemFigure(BaseModel):
    """One item: the mean share of the score (a hard item has a low one), and how well it tells people apart."""

    item: str
    difficulty: float
    discrimination: float | None
    n: int


class ScaleFigure(BaseModel):
    """A scale of self-rating (`about` a domain) or a form of a test (`about` a competency), of thirty people on."""

    instrument: SourceKind
    about: str
    form: str | None
    alpha: Coefficient | None
    omega: Coefficient | None
    items: list[ItemFigure]


class RaterFigure(BaseModel):
    """How far colleagues see the same in one competency: one rating alone, and the mean of all of them."""

    competency: str
    single: Coefficient
    joint: Coefficient


class Figures(BaseModel):
    """What was found; `hidden` tables had fewer than thirty people, or no differences between them."""

    scales: list[ScaleFigure]
    raters: list[RaterFigure]
    hidden: int


class OrderLine(BaseModel):
    """An order and how far it has come: schools that were read, then parts that were computed."""

    order_id: UUID
    state: OrderState
    catalogue_version: str
    schools: int
    schools_done: int
    parts: int
    parts_done: int
    reason: str | None
    ordered_at: datetime
    finished_at: datetime | None


class Order(OrderLine):
    """An order with its figures, once it is DONE."""

    figures: Figures | None = Field(description="figures of the instruments, none of a school or a person")


@router.put("/psychometrics/{order_id}", dependencies=[require("analyst")], status_code=202)
async def order_psychometrics(request: Request, response: Response, order_id: UUID) -> Order:
    """Order figures on the instruments over all schools: their newest closed first diagnostics on this catalogue.

    Computed in the background: read it again until it is DONE. The id is yours to make, a repeat changes nothing (200).
    """
    if await actions.order_psychometrics(db_of(request), catalogue_of(request), order_id):
        cast(actions.PsychometricsWorker, request.app.state.psychometrics_worker).woken.set()
    else:
        response.status_code = 200
    return await _order(request, order_id)


@router.get("/psychometrics/{order_id}", dependencies=[require("analyst")])
async def get_psychometrics(request: Request, order_id: UUID) -> Order:
    """An order, how far it has come, and what was found."""
    return await _order(request, order_id)


@router.get("/psychometrics", dependencies=[require("analyst")])
async def list_psychometrics(request: Request, after: After = "", limit: Limit = DEFAULT) -> Page[OrderLine]:
    """All orders without their figures, in the order of their ids."""
    async with db_of(request).transaction() as tx:
        rows = await store.psychometrics.after(tx, after_id(after), limit)
    return page_of(rows, limit, key=lambda row: row["order_id"], item=lambda row: OrderLine.model_validate(dict(row)))


@router.post("/psychometrics/{order_id}/cancel", dependencies=[require("analyst")])
async def cancel_psychometrics(request: Request, order_id: UUID) -> Order:
    """End an order before its figures are found. A repeat changes nothing."""
    await actions.cancel_psychometrics(db_of(request), order_id)
    return await _order(request, order_id)


async def _order(request: Request, order_id: UUID) -> Order:
    async with db_of(request).transaction() as tx:
        found: Row | None = await store.psychometrics.one(tx, order_id)
    if found is None:
        raise Missing("psychometrics.unknown", field="order_id")
    return Order.model_validate(dict(found))
