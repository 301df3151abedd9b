"""HTTP doors of diagnostics: parse, act, answer."""

from chassis.doors import together
from chassis.look_doors import look_doors
from services.diagnostics.api import (
    appeals,
    artefacts,
    campaigns,
    catalogue,
    change,
    completion,
    lesson_notes,
    mine,
    observations,
    observers,
    profile,
    psychometrics,
    tests,
    wishes,
)
from services.diagnostics.api.catalogue import catalogue_page
from services.diagnostics.domain.looks import What

__all__ = ["catalogue_page", "router"]

_rooms = (
    catalogue,
    campaigns,
    completion,
    observers,
    mine,
    tests,
    observations,
    lesson_notes,
    artefacts,
    wishes,
    profile,
    appeals,
    change,
    psychometrics,
)
router = together(*(room.router for room in _rooms), look_doors(What.LOOKS))
