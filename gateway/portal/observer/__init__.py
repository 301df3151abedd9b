"""The observer's room: the visits that were asked for, a lesson by rubric in two taps a sign, artefacts to rate."""

from fastapi import APIRouter

from gateway.portal.observer import lessons, reviews, visits
from gateway.portal.observer.post import Post
from gateway.portal.reader import Portal


def router(portal: Portal) -> APIRouter:
    """The doors to the observer's pages."""
    room, post = APIRouter(include_in_schema=False), Post(portal)
    # Artefacts before lessons: their path would also be that of a person.
    for module in (visits, reviews, lessons):
        room.include_router(module.doors(post))
    return room
