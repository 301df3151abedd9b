"""The campaign: opened for whom and by what, watched by instrument, closed knowing what that brings about."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.responses import Response

from gateway.portal.curator.person import PROFILES
from gateway.portal.curator.sets import FEWEST, KEEP, MOST, Sets, fewest_of, groups_of, unasked_of
from gateway.portal.curator.years import Told, at, campaigns_of, chosen, cycles_of
from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import Refused, segment
from gateway.portal.words import day, number

AT_A_TIME = 50
INSTRUMENTS = ("SELF", "COLLEAGUES", "OBSERVATION", "TEST", "ARTEFACT")
LIMITS = {"fewest": FEWEST, "most": MOST}
STAGE_OF_WAVE = {1: "DIAGNOSTICS_OPEN", 2: "POST_DIAGNOSTICS"}


class Opened(BaseModel):
    """A campaign as it was typed; `sets` are lists of codes, one for each role profile in their order.

    `picking` is the profile whose set stands open to be ticked, `codes` what is ticked in it; `pick` names a button
    that changes the form and opens nothing yet.
    """

    campaign_id: str = ""
    cycle_id: str = ""
    wave: str = "1"
    opens_on: str = ""
    closes_on: str = ""
    role_profiles: list[str] = []
    people: list[str] = []
    instruments: list[str] = []
    sets: list[str] = []
    picking: str = ""
    codes: list[str] = []
    pick: str = ""

    @property
    def chosen(self) -> Sets:
        """The sets with what is ticked in the open picker."""
        return Sets.read(self.sets, self.picking, self.codes)


@dataclass(frozen=True, slots=True)
class Turnout:
    """One instrument in words; `filled` is the share of those who have finished, from 0 to 100."""

    instrument: str
    name: str
    invited: str
    begun: str
    finished: str
    filled: int
    definition: str
    is_due: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page is to show, and what was wrong with the last wish."""

    school: str
    wave: str = ""
    due: str = ""
    after: str = ""
    typed: Opened | None = None
    wrong: Refused | None = None


def router(portal: Portal) -> APIRouter:
    """The doors of the page."""
    doors = APIRouter(include_in_schema=False)

    @doors.get("/schools/{school}/campaign")
    async def show_campaign(
        request: Request, school: str, wave: str = "", due: str = "", after: str = ""
    ) -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await _page(portal, reader, Asked(school, wave, due, after))

    @doors.post("/schools/{school}/campaign")
    async def open_campaign(request: Request, school: str, form: Annotated[Opened, Form()]) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        if form.pick:
            return await _page(portal, reader, Asked(school, form.wave, typed=form))
        path = at("diagnostics", school, f"/campaigns/{segment(form.campaign_id)}")
        try:
            await reader.talk.put(path, wanted(form))
        except Refused as refused:
            return await _page(portal, reader, Asked(school, form.wave, typed=form, wrong=refused))
        return portal.lead(f"/schools/{segment(school)}/campaign", said="campaign-opened", wave=form.wave)

    @doors.post("/schools/{school}/campaign/{campaign_id}/close")
    async def close_campaign(request: Request, school: str, campaign_id: UUID) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        try:
            closed = await reader.talk.post(at("diagnostics", school, f"/campaigns/{campaign_id}/close"))
        except Refused as refused:
            return await _page(portal, reader, Asked(school, wrong=refused))
        page = f"/schools/{segment(school)}/campaign"
        return portal.lead(page, said="campaign-closed", wave=str(closed["wave"]))

    return doors


def wanted(form: Opened) -> dict[str, Any]:
    """The campaign as the API takes it; what was left open is left to the catalogue."""
    sets = {profile: list(codes) for profile, codes in form.chosen.by_profile.items() if codes}
    return {
        "cycle_id": form.cycle_id,
        "wave": int(form.wave) if form.wave in ("1", "2") else 0,
        "opens_on": form.opens_on or None,
        "closes_on": form.closes_on,
        "audience": {"role_profiles": form.role_profiles, "people": form.people},
        "instruments": form.instruments or list(INSTRUMENTS),
        "competencies": sets,
    }


def shown_wave(waves: Mapping[int, Told], asked: str, stage: str) -> int:
    """Which wave the page is about: the one asked for, the open one, the one whose stage it is, else the last."""
    if asked in ("1", "2"):
        return int(asked)
    is_open = next((wave for wave, one in waves.items() if one["state"] == "OPEN"), None)
    return is_open or next((wave for wave, one in STAGE_OF_WAVE.items() if one == stage), max(waves, default=1))


async def _page(portal: Portal, reader: Reader, asked: Asked) -> HTMLResponse:
    cycle = chosen(await cycles_of(reader.talk, asked.school), "")
    waves = await campaigns_of(reader.talk, asked.school, cycle["cycle_id"]) if cycle else {}
    wave = shown_wave(waves, asked.wave, cycle["state"] if cycle else "")
    found = waves.get(wave)
    may_open = cycle is not None and found is None and cycle["state"] == STAGE_OF_WAVE[wave]
    facts = await _running(reader, asked, found) if found else {"campaign": None}
    if cycle and may_open:
        facts |= await _form(portal, reader, asked, cycle, wave)
    return portal.show(
        reader,
        "curator/campaign.html",
        status=asked.wrong.status if asked.wrong else 200,
        school=asked.school,
        cycle=cycle,
        wave=wave,
        may_open=may_open,
        due=asked.due if asked.due in INSTRUMENTS else "",
        wrong=asked.wrong,
        **facts,
    )


async def _running(reader: Reader, asked: Asked, line: Told) -> dict[str, object]:
    path = at("diagnostics", asked.school, f"/campaigns/{line['campaign_id']}")
    campaign, turnout, (people, following) = await asyncio.gather(
        reader.talk.get(path), reader.talk.get(f"{path}/completion"), _due(reader, asked, path)
    )
    names = await names_of(reader.talk, asked.school, [one["person_id"] for one in people])
    is_open = campaign["state"] == "OPEN"
    return {
        "campaign": campaign,
        "opens": day(campaign["opens_on"], reader.language),
        "closes": day(campaign["closes_on"], reader.language),
        "turnout": [turnout_of(reader, one, is_open=is_open) for one in turnout],
        "people": sorted((names[one["person_id"]], one["state"]) for one in people if one["person_id"] in names),
        "following": following,
    }


async def _due(reader: Reader, asked: Asked, path: str) -> tuple[Sequence[Told], str | None]:
    if asked.due not in INSTRUMENTS:
        return [], None
    found = await reader.talk.get(f"{path}/due", instrument=asked.due, after=asked.after or None, limit=AT_A_TIME)
    return found["items"], found["next"]


def turnout_of(reader: Reader, one: Told, *, is_open: bool) -> Turnout:
    """One instrument in words."""
    invited, finished = one["invited"], one["finished"]
    definitions = one["definitions"]
    return Turnout(
        instrument=one["instrument"],
        name=reader.say(f"campaign.instrument.{one['instrument']}"),
        invited=number(invited, reader.language),
        begun=number(one["begun"], reader.language),
        finished=number(finished, reader.language),
        filled=round(100 * finished / invited) if invited else 0,
        definition=" ".join(str(definitions[name]) for name in ("invited", "begun", "finished")),
        is_due=is_open and finished < invited and one["instrument"] != "ARTEFACT",
    )


async def _form(portal: Portal, reader: Reader, asked: Asked, cycle: Told, wave: int) -> dict[str, object]:
    path = at("registry", asked.school, "/people")
    teachers = await reader.talk.get(path, order="name", role="teacher", has_left=False, limit=500)
    fresh = Opened(campaign_id=str(uuid4()), cycle_id=cycle["cycle_id"], wave=str(wave), instruments=list(INSTRUMENTS))
    typed = asked.typed or fresh
    catalogue = await portal.catalogue(reader)
    sets = typed.chosen.pressed(typed.pick, catalogue) if typed.pick else typed.chosen
    return {
        "typed": typed,
        "sets": sets,
        "set_lines": list(zip(PROFILES, sets.typed, strict=True)),
        "groups": groups_of(sets, catalogue) if sets.picking else [],
        "unasked": unasked_of(sets.picking, catalogue) if sets.picking else [],
        "limits": LIMITS,
        "unfit": {
            profile: reader.say("campaign.set-unfit", count=len(sets.of(profile)), fewest=fewest_of(profile), most=MOST)
            for profile in sets.unfit
            if profile != sets.picking or typed.pick == KEEP
        },
        "teachers": [
            (one["person_id"], f"{one['family_name']} {one['given_name']} {one['patronymic'] or ''}".strip())
            for one in teachers["items"]
        ],
        "all_instruments": INSTRUMENTS,
        "all_profiles": PROFILES[:-1],
    }
