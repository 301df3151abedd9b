"""The teacher's room: my day, the questionnaire, my profile, my pairs, my notices; on a phone first.

Everything here is read and written through the public API with the teacher's own token.
"""

from fastapi import APIRouter

from chassis.doors import together
from gateway.portal.reader import Portal
from gateway.portal.teacher import (
    artefacts,
    availability,
    change,
    day,
    first_steps,
    lesson_notes,
    look_back,
    notices,
    pair,
    pairs,
    profile,
    questionnaire,
    reflection,
    surveys,
    tests_taken,
)
from gateway.portal.teacher.visit import Desk

# Fixed words of an address stand before the pages whose address has a gap there.
PAGES = (
    day,
    questionnaire,
    tests_taken,
    look_back,
    artefacts,
    availability,
    pairs,
    pair,
    reflection,
    change,
    lesson_notes,
    profile,
    surveys,
    first_steps,
    notices,
)


def router(portal: Portal) -> APIRouter:
    """The doors to the teacher's pages."""
    desk = Desk(portal)
    return together(*(module.doors(desk) for module in PAGES))
