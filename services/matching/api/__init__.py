"""HTTP doors of matching: parse, act, answer."""

from fastapi import APIRouter

from services.matching.api import pairings, runs, wishes

router = APIRouter()
for _doors in (wishes, runs, pairings):
    router.include_router(_doors.router)
