"""When a teacher is free in a week and how many pairs they can carry."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.talk import Refused
from gateway.portal.teacher.visit import Desk, Visit

PAGE = "/schools/{school}/my-pairs/availability"
DAYS = ("mon", "tue", "wed", "thu", "fri")
PERIODS = (1, 2, 3, 4, 5, 6, 7, 8)
MOST_PAIRS = 8


def doors(desk: Desk) -> APIRouter:
    """The page of free times."""
    router = APIRouter(include_in_schema=False)

    @router.get(PAGE)
    async def show_times(request: Request, school: str) -> HTMLResponse:
        visit = await desk.open(request, school)
        return _show(desk, visit, await visit.get("matching", "availability"))

    @router.post(PAGE)
    async def enter_times(
        request: Request,
        school: str,
        slots: Annotated[tuple[str, ...], Form()] = (),
        give: Annotated[int, Form()] = 0,
        take: Annotated[int, Form()] = 0,
    ) -> Response:
        visit, wanted = await desk.open(request, school), {"slots": list(slots), "give": give, "take": take}
        try:
            await visit.reader.talk.put(visit.mine("matching", "availability"), wanted)
        except Refused as refused:
            return _show(desk, visit, {**wanted, "is_entered": True}, refused)
        return desk.portal.lead(visit.page("my-pairs"), "pairs-times")

    return router


def _show(desk: Desk, visit: Visit, times: Mapping[str, Any], wrong: Refused | None = None) -> HTMLResponse:
    return desk.show(
        visit,
        "teacher/availability.html",
        wrong=wrong,
        times=times,
        days=_days(visit, times["slots"]),
        periods=PERIODS,
        counts=[(str(count), str(count)) for count in range(MOST_PAIRS + 1)],
    )


def _days(visit: Visit, chosen: Sequence[str]) -> Sequence[tuple[str, str, Sequence[tuple[str, int, bool]]]]:
    """The days of the week by code and name, each with its lessons and whether one is free then."""
    return [
        (
            day,
            visit.reader.say(f"times.day.{day}"),
            [(f"{day}-{period}", period, f"{day}-{period}" in chosen) for period in PERIODS],
        )
        for day in DAYS
    ]
