"""The curator's workshop of matching: what a run could build on, its proof, its pairs with their prices, publishing.

The room also keeps the page on which every kind of picture stands. Everything is read and changed through the public
API with the curator's own token.
"""

from fastapi import APIRouter

from chassis.doors import together
from gateway.portal.reader import Portal
from gateway.portal.workshop.answers import answers_router
from gateway.portal.workshop.bans import bans_router
from gateway.portal.workshop.changes import changes_router
from gateway.portal.workshop.desk import desk_router
from gateway.portal.workshop.fairness import fairness_router
from gateway.portal.workshop.gaps import gaps_router
from gateway.portal.workshop.hands import hands_router
from gateway.portal.workshop.pair import pair_router
from gateway.portal.workshop.pictures import pictures_router
from gateway.portal.workshop.publishing import publishing_router
from gateway.portal.workshop.runs import runs_router
from gateway.portal.workshop.visit import Shop

PAGES = (
    desk_router,
    runs_router,
    pair_router,
    changes_router,
    publishing_router,
    answers_router,
    fairness_router,
    bans_router,
    gaps_router,
    hands_router,
)


def router(portal: Portal) -> APIRouter:
    """All doors of the room."""
    shop = Shop(portal)
    return together(*(page(shop) for page in PAGES), pictures_router(portal.pages))
