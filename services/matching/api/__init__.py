"""HTTP doors of matching: parse, act, answer."""

from chassis.doors import together
from chassis.look_doors import look_doors
from services.matching.api import (
    changes,
    districts,
    fairness,
    found,
    left_out,
    pairings,
    review,
    runs,
    turnout,
    wishes,
)
from services.matching.domain import What

_rooms = (wishes, runs, found, review, changes, left_out, fairness, pairings, turnout, districts)
router = together(*(room.router for room in _rooms), look_doors(What.LOOKS))
