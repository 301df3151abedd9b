"""HTTP doors of matching: parse, act, answer."""

from chassis.doors import together
from services.matching.api import districts, fairness, found, left_out, pairings, review, runs, wishes

_rooms = (wishes, runs, found, review, left_out, fairness, pairings, districts)
router = together(*(room.router for room in _rooms))
