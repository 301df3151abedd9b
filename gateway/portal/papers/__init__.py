"""The room of papers: a teacher's consents and orders, and the school's register of signed papers with their scans."""

from fastapi import APIRouter

from gateway.portal.papers import mine, register
from gateway.portal.reader import Portal


def router(portal: Portal) -> APIRouter:
    """The doors to papers."""
    room = APIRouter(include_in_schema=False)
    for module in (mine, register):
        room.include_router(module.doors(portal))
    return room
