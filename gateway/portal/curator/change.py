"""What changed for the school between the two waves: with the error of each number, and only of five people or more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.portal.curator.years import Told, at, campaigns_of, chosen, cycles_of
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import Refused
from gateway.portal.words import number


@dataclass(frozen=True, slots=True)
class Row:
    """One domain, or all of them together, in words."""

    name: str
    people: str
    before: str
    after: str
    difference: str
    words: str


def router(portal: Portal) -> APIRouter:
    """The door of the page."""
    doors = APIRouter(include_in_schema=False)

    @doors.get("/schools/{school}/campaign/change")
    async def show_change(request: Request, school: str) -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        found, why_not = await _found(reader, school)
        return portal.show(
            reader,
            "curator/change.html",
            school=school,
            rows=rows_of(reader, found) if found else [],
            hidden=[_domain(reader, one) for one in found["hidden"]] if found else [],
            yardstick=found["yardstick"]["words"] if found and found["yardstick"] else "",
            words=(found["words"] if found else "") or why_not,
        )

    return doors


async def _found(reader: Reader, school: str) -> tuple[Told | None, str]:
    """The change as the API tells it, or in words why there is none yet."""
    cycle = chosen(await cycles_of(reader.talk, school), "")
    second = (await campaigns_of(reader.talk, school, cycle["cycle_id"])).get(2) if cycle else None
    if second is None:
        return None, reader.say("waves.no-second-wave")
    try:
        return await reader.talk.get(at("diagnostics", school, f"/campaigns/{second['campaign_id']}/change")), ""
    except Refused as refused:
        # As long as the second wave is open nothing is compared.
        if refused.status != 409:
            raise
        return None, refused.detail


def rows_of(reader: Reader, found: Mapping[str, Sequence[Told]]) -> list[Row]:
    """All domains together first, then each."""
    movements = sorted(found["movements"], key=lambda one: one["domain"] or "")
    return [
        Row(
            name=_domain(reader, one["domain"]) if one["domain"] else reader.say("waves.together"),
            people=number(one["n"], reader.language),
            before=number(one["before"], reader.language, "0.0"),
            after=number(one["after"], reader.language, "0.0"),
            difference=_interval(reader, one["difference"]),
            words=one["words"],
        )
        for one in movements
    ]


def _domain(reader: Reader, letter: str) -> str:
    return reader.say(f"waves.domain.{letter}")


def _interval(reader: Reader, told: Told | None) -> str:
    if told is None:
        return "—"
    value, low, high = (number(told[name], reader.language, "+0.00;−0.00") for name in ("value", "low", "high"))
    return reader.say("waves.interval", value=value, low=low, high=high)
