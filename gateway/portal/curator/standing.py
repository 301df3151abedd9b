"""Gathers how far a year has come: everything the funnel needs, asked for side by side."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.refusals import Unavailable
from gateway.portal.curator.funnel import Known, Waiting, first_of, still_to_answer, still_to_meet
from gateway.portal.curator.years import AT_ONCE, Told, at, campaigns_of
from gateway.portal.talk import Refused, Talk

# So many names stand under a step; the others stand on a page of their own.
MOST_NAMES = 5
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Wave:
    """One campaign with its turnout, those who have not answered, those who have not rated colleagues."""

    campaign: Told | None = None
    turnout: Any = ()
    to_answer: Told | None = None
    to_rate: Told | None = None


async def standing_of(talk: Talk, school: str, cycle_id: str) -> Known:
    """How far a cycle has come; parts that do not exist yet are empty."""
    away: list[Exception] = []
    (first, second), readiness, (pairs, to_answer), (meetings, to_meet), newcomers = await asyncio.gather(
        _waves(talk, school, cycle_id, away),
        _or_away(talk.find(at("matching", school, "/readiness"), cycle_id=cycle_id), away),
        _pairs(talk, school, cycle_id, away),
        _meetings(talk, school, cycle_id, away),
        talk.find(at("registry", school, "/newcomers"), limit=MOST_NAMES),
    )
    waiting = {
        "invited": _page(newcomers),
        "answered": _page(first.to_answer),
        "scored": _page(first.to_rate),
        "agreed": first_of(to_answer, MOST_NAMES),
        "met": first_of(to_meet, MOST_NAMES),
        "second": _page(second.to_answer),
    }
    return Known(first.campaign, first.turnout, readiness, pairs, meetings, second.campaign, waiting, is_whole=not away)


async def _waves(talk: Talk, school: str, cycle_id: str, away: list[Exception]) -> Sequence[Wave]:
    """Both campaigns of the cycle."""
    campaigns = await _or_away(campaigns_of(talk, school, cycle_id), away) or {}
    return await asyncio.gather(*(_wave(talk, school, campaigns.get(number)) for number in (1, 2)))


async def _pairs(talk: Talk, school: str, cycle_id: str, away: list[Exception]) -> tuple[Told | None, list[str]]:
    """How many were asked to pair, and whose answer is waited for."""
    pairs = await _or_away(talk.find(at("matching", school, "/turnout"), cycle_id=cycle_id), away)
    return pairs, await asked_people(talk, school, cycle_id, MOST_NAMES) if pairs and pairs["to_answer"] else []


async def _meetings(talk: Talk, school: str, cycle_id: str, away: list[Exception]) -> tuple[Told | None, list[str]]:
    """How many pairs have met, and who has not."""
    meetings = await _or_away(talk.find(at("tracking", school, "/turnout"), cycle_id=cycle_id), away)
    return meetings, await quiet_people(talk, school, cycle_id, MOST_NAMES) if meetings and meetings["to_meet"] else []


async def _or_away(asking: Awaitable[Any], away: list[Exception]) -> Any:
    """What was asked for; None from a service that is away, and that among what is `away`. Raises Refused."""
    try:
        return await asking
    except (Unavailable, Refused) as gone:
        if isinstance(gone, Refused) and gone.status < SERVER_ERROR:
            raise
        away.append(gone)
        return None


async def asked_people(talk: Talk, school: str, cycle_id: str, most: int) -> list[str]:
    """Whose answer to a proposal is waited for: a few more than `most` where there are more."""
    path, states = at("matching", school, "/pairings"), ["PROPOSED", "TAKER_AGREED"]
    found = await talk.get(path, cycle_id=cycle_id, state=states, limit=min(2 * most + 1, AT_ONCE))
    return still_to_answer(found["items"], school)


async def quiet_people(talk: Talk, school: str, cycle_id: str, most: int) -> list[str]:
    """The people of pairs at work that have not met: a few more than `most` where there are more."""
    path = at("tracking", school, "/assignments")
    found = await talk.get(path, cycle_id=cycle_id, state="ACTIVE", has_met=False, limit=most + 1)
    return still_to_meet(found["items"])


async def _wave(talk: Talk, school: str, line: Told | None) -> Wave:
    if line is None:
        return Wave()
    address = at("diagnostics", school, f"/campaigns/{line['campaign_id']}")
    instruments = ("SELF", "COLLEAGUES") if line["state"] == "OPEN" else ()
    campaign, *due = await asyncio.gather(
        talk.get(address), *(talk.get(f"{address}/due", instrument=one, limit=MOST_NAMES) for one in instruments)
    )
    # Everybody has one sheet of one's own, so that the final ones are the people who have finished.
    own = campaign["own"]
    turnout = [{"instrument": "SELF", "finished": own["done"]}] if own["asked"] else []
    return Wave(campaign, turnout, *due)


def _page(found: Mapping[str, Any] | None) -> Waiting:
    if not found:
        return Waiting()
    return Waiting([str(one["person_id"]) for one in found["items"]], is_more=bool(found.get("next")))
