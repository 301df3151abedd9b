"""Where people of the school want to grow and where they can share: a map of topics, as far as they released it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.portal.workshop.visit import MOST_AT_ONCE, Shop, Visit

# The classes of a released competency, by what they mean for the matching.
COLUMNS: Mapping[str, frozenset[str]] = {
    "needs-confirmed": frozenset({"DEFICIT_CONFIRMED"}),
    "needs-own": frozenset({"DEFICIT_SELF_DECLARED"}),
    "strengths": frozenset({"STRENGTH_CONFIRMED", "STRENGTH_OFFERED"}),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One topic: how many people in each column, and whether more want to learn it than can share it."""

    topic: str
    domain: str
    counts: Sequence[int]

    @property
    def is_short(self) -> bool:
        """Do more people want it than can share it?"""
        return self.counts[0] + self.counts[1] > self.counts[2]


def gaps_router(shop: Shop) -> APIRouter:
    """The door to it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/workshop/gaps")
    async def show_gaps(request: Request, school: str, cycle: UUID) -> HTMLResponse:
        visit = await shop.open(request, school)
        released = await visit.reader.talk.all_of(
            visit.api("diagnostics", "released"), cycle_id=str(cycle), limit=MOST_AT_ONCE
        )
        rows = rows_of(released, visit)
        columns = [visit.say(f"workshop.gaps.{name}") for name in COLUMNS]
        return shop.show(
            visit, "gaps.html", rows=rows, columns=columns, facts=picture_of(rows, columns), size=size_of(len(rows))
        )

    return router


def size_of(rows: int) -> str:
    """How tall a picture must be for each row to stay readable."""
    return next((size for most, size in ((7, "low"), (14, ""), (24, "tall")) if rows <= most), "rows")


def rows_of(released: Sequence[Mapping[str, Any]], visit: Visit) -> list[Row]:
    """The topics that anybody released, in the order of the catalogue."""
    counted: dict[str, Counter[str]] = {}
    for one in released:
        for name, classes in COLUMNS.items():
            if one["competency_class"] in classes:
                counted.setdefault(one["competency"], Counter())[name] += 1
    order = {domain.letter: place for place, domain in enumerate(visit.topics.domains)}
    codes = sorted(counted, key=lambda code: (order.get(code[:1], len(order)), code))
    return [Row(visit.topic(code), code[:1].lower(), [counted[code][name] for name in COLUMNS]) for code in codes]


def picture_of(rows: Sequence[Row], columns: Sequence[str]) -> dict[str, Any]:
    """The same as a heat map."""
    most = max((count for row in rows for count in row.counts), default=0) or 1
    return {
        "rows": [row.topic for row in rows],
        "columns": list(columns),
        "cells": [
            {
                "row": place,
                "column": column,
                "share": count / most,
                "text": str(count) if count else "",
                "label": f"{row.topic}\n{columns[column]}: {count}",
                "hidden": False,
                "is_warm": column == len(columns) - 1,
            }
            for place, row in enumerate(rows)
            for column, count in enumerate(row.counts)
        ],
    }
