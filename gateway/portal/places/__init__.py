"""Pages of those who look at a whole place: the head of a school, the coordinator of a district, the city's analyst.

They read totals, never people. District and city read what was published; only a school sees its own live numbers.
"""

from fastapi import APIRouter

from chassis.doors import together
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
    rooms = (board, city, definitions, desk, district, psychometrics, publications, queue, roadmap, totals, trend)
    return together(*(room.router(portal) for room in rooms))
