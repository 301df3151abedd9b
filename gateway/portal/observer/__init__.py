"""The observer's room: the visits that were asked for, a lesson by rubric in two taps a sign, artefacts to rate."""

from fastapi import APIRouter

from chassis.doors import together
from gateway.portal.observer import lessons, reviews, visits
from gateway.portal.observer.post import Post
from gateway.portal.reader import Portal


def router(portal: Portal) -> APIRouter:
    """The doors to the observer's pages."""
    post = Post(portal)
    # Artefacts before lessons: their path would also be that of a person.
    return together(*(module.doors(post) for module in (visits, reviews, lessons)))
