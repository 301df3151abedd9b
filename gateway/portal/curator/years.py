"""Which year of a school a page is about: its cycle and the cycle's two campaigns."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.clock import Clock
from gateway.portal.reader import Reader
from gateway.portal.talk import Talk, segment
from gateway.portal.words import ZONE

AT_ONCE = 500
OVER = ("REPORTED", "ARCHIVED")

Told = Mapping[str, Any]


def at(service: str, school: str, path: str) -> str:
    """An address of the API at a school."""
    return f"/api/{service}/v1/schools/{segment(school)}{path}"


async def cycles_of(talk: Talk, school: str) -> list[Told]:
    """The cycles of a school, the newest first."""
    found = await talk.all_of(at("registry", school, "/cycles"), limit=AT_ONCE)
    return sorted(found, key=lambda one: (one["starts_on"], one["cycle_id"]), reverse=True)


def chosen(cycles: Sequence[Told], wanted: str) -> Told | None:
    """The cycle that was asked for, else the newest one that is not over, else the newest."""
    named = next((one for one in cycles if one["cycle_id"] == wanted), None)
    running = next((one for one in cycles if one["state"] not in OVER), None)
    return named or running or next(iter(cycles), None)


async def campaigns_of(talk: Talk, school: str, cycle_id: str) -> dict[int, Told]:
    """The campaigns of a cycle by their wave."""
    found = await talk.all_of(at("diagnostics", school, "/campaigns"), limit=AT_ONCE)
    return {int(one["wave"]): one for one in found if one["cycle_id"] == cycle_id}


def today_at(reader: Reader) -> date:
    """Which day it is in the city now, in business time."""
    clock: Clock = reader.request.app.state.clock
    return clock.now().astimezone(ZoneInfo(ZONE)).date()


def is_id(written: str) -> bool:
    """Is this an id as we make them?"""
    try:
        return str(UUID(written)) == written.lower()
    except ValueError:
        return False
