"""Doors of the curator: how far a campaign has come, and who is due; participation, never an answer."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel

from chassis.doors import doors
from chassis.identity import require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from services.diagnostics import actions, domain
from services.diagnostics.api.doors import db_of, instruments_of
from services.diagnostics.api.language import Language, language_of
from services.diagnostics.domain import Instrument, Participation
from services.diagnostics.domain.looks import What

router = doors()

STATES = ("invited", "begun", "finished")


class Definitions(BaseModel):
    """What each of the numbers counts, in the caller's language."""

    invited: str
    begun: str
    finished: str


class Turnout(BaseModel):
    """People by how far they have come with one instrument; `begun` counts those who have finished too."""

    instrument: Instrument
    invited: int
    begun: int
    finished: int
    definitions: Definitions


class Due(BaseModel):
    """A person who has not finished."""

    person_id: UUID
    state: Participation


@router.get("/schools/{school}/campaigns/{campaign_id}/completion", dependencies=[require("curator")])
async def get_completion(
    request: Request,
    school: str,
    campaign_id: UUID,
    instrument: Annotated[
        list[Instrument] | None,
        Query(max_length=len(Instrument), description="only these; all of the campaign when empty"),
    ] = None,
) -> list[Turnout]:
    """How far a campaign has come, instrument by instrument, every number with its definition."""
    only = instrument or tuple(Instrument)
    found = await actions.participation(db_of(request), instruments_of(request), school, campaign_id, only=only)
    language = language_of(request)
    return [_turnout(each, people, language) for each, people in found.items()]


@router.get("/schools/{school}/campaigns/{campaign_id}/due", dependencies=[require("curator")])
async def list_due(
    request: Request,
    looks: Looks,
    school: str,
    campaign_id: UUID,
    instrument: Annotated[Instrument, Query(description="by which of the campaign's instruments")] = Instrument.SELF,
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[Due]:
    """Who has not begun or not finished by an instrument and may be reminded, in the order of ids."""
    last = after_id(after)
    found = await actions.due(
        db_of(request), instruments_of(request), school, campaign_id=campaign_id, instrument=instrument
    )
    rows = [(person, state) for person, state in found.items() if person > last][: limit + 1]
    page = page_of(rows, limit, key=lambda row: row[0], item=lambda row: Due(person_id=row[0], state=row[1]))
    await looks.saw(What.DUE, [one.person_id for one in page.items])
    return page


def _turnout(instrument: Instrument, people: dict[UUID, Participation], language: Language) -> Turnout:
    counts = domain.turnout_of(people.values())
    said = {state: language.say(f"completion.{instrument.value.lower()}-{state}") for state in STATES}
    return Turnout(
        instrument=instrument,
        invited=counts.invited,
        begun=counts.begun,
        finished=counts.finished,
        definitions=Definitions(**said),
    )
