"""Pages of those who look at a whole place: the head of a school, the coordinator of a district, the city's analyst.

They read totals, never people. District and city read what was published; only a school sees its own live numbers.
"""

from fastapi import APIRouter

from gateway.portal.places import (
    board,
    city,
    definitions,
    desk,
    district,
    psychometrics,
    publications,
    queue,
    roadmap,
    totals,
    trend,
)
from gateway.portal.reader import Portal


def router(portal: Portal) -> APIRouter:
    """The doors of all these pages."""
    opened = APIRouter(include_in_schema=False)
    rooms = (board, city, definitions, desk, district, psychometrics, publications, queue, roadmap, totals, trend)
    for room in rooms:
        opened.include_router(room.router(portal))
    return opened
