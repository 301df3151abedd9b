"""The clock that a demo moves: one time for all services of this process, and forward only."""

from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chassis.clock import LocalClock
from chassis.problems import RESPONSES
from chassis.refusals import Conflict


class Moment(BaseModel):
    """A moment of business time, with its offset from UTC."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"now": "2026-10-12T09:00:00+03:00"}]})

    now: AwareDatetime = Field(lt=datetime(2100, 1, 1, tzinfo=UTC))


def clock_router(clock: LocalClock) -> APIRouter:
    """The doors to the clock; to be included in local mode only."""
    router = APIRouter(prefix="/api/dev", tags=["gateway"], responses=RESPONSES)

    @router.get("/clock")
    async def read_clock() -> Moment:
        """What time it is in the life of the schools. Local mode only, no token."""
        return Moment(now=clock.now())

    @router.put("/clock")
    async def move_clock(moment: Moment) -> Moment:
        """Let business time go on from a later moment. Local mode only, no token."""
        if moment.now < clock.now():
            raise Conflict("clock.only-forward", field="now", now=clock.now().isoformat(timespec="seconds"))
        clock.move_to(moment.now)
        return Moment(now=clock.now())

    return router
