"""HTTP doors of matching: parse, act, answer."""

from fastapi import APIRouter

from services.matching.api import districts, fairness, left_out, pairings, review, runs, wishes

router = APIRouter()
for _doors in (wishes, runs, review, left_out, fairness, pairings, districts):
    router.include_router(_doors.router)
