"""The curator's room: the year and its funnel, people and the staff file, campaigns, the health of pairs, the report.

Everything here is read and changed through the public API with the curator's own token. A curator never sees a raw
answer or a reflection; who has not released a profile is not told either, for a release is each teacher's own will.
"""

from fastapi import APIRouter

from chassis.doors import together
from gateway.portal.curator import (
    appeals,
    campaign,
    change,
    crossings,
    cycle,
    health,
    imports,
    observers,
    pair,
    people,
    person,
    report,
    surveys,
    waiting,
)
from gateway.portal.reader import Portal


def router(portal: Portal) -> APIRouter:
    """All doors of the room."""
    pages = (cycle, waiting, people, imports, person, campaign, observers, change, surveys, report, appeals, health)
    # The crossings stand before the one pair: their address looks like a pair's.
    return together(*(page.router(portal) for page in (*pages, crossings, pair)))
