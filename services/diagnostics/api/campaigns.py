"""Doors of the curator: campaigns, and what people released."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from chassis.days import PlainDay
from chassis.doors import doors
from chassis.identity import Me, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from chassis.refusals import Missing
from contracts.diagnostics import CompetencyClass
from services.diagnostics import actions, domain, store
from services.diagnostics.api.doors import catalogue_of, db_of
from services.diagnostics.domain import AudienceKind, CampaignState, Instrument, Scope
from services.diagnostics.domain.looks import What
from services.diagnostics.scoring import SourceKind

router = doors()

Code = Annotated[str, Field(min_length=1, max_length=12, examples=["M03"])]


class Audience(BaseModel):
    """Whom to ask: teachers of some role profiles, or listed people; with neither all teachers."""

    role_profiles: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(default=[], max_length=20)
    people: list[UUID] = Field(default=[], max_length=store.campaigns.MOST_PEOPLE)


class NewCampaign(BaseModel):
    """A campaign to open; answers are taken from `opens_on` until the end of `closes_on` at the school.

    Without `opens_on` they are taken at once. `competencies` are sets by role profile that differ from the
    catalogue's; who took part in the first wave is asked the same again in the second.
    """

    cycle_id: UUID
    wave: int = Field(strict=True, ge=1, le=2)
    closes_on: PlainDay
    opens_on: PlainDay | None = None
    audience: Audience = Audience()
    instruments: list[Instrument] = Field(default=list(Instrument), max_length=len(Instrument))
    competencies: dict[str, Annotated[list[Code], Field(max_length=60)]] = Field(default={}, max_length=20)

    @property
    def scope(self) -> Scope:
        """What the curator chose."""
        return Scope(
            opens_on=self.opens_on,
            role_profiles=frozenset(self.audience.role_profiles),
            people=frozenset(self.audience.people),
            instruments=frozenset(self.instruments),
            competencies=self.competencies,
        )


class Completion(BaseModel):
    """How many sheets were laid out, and how many of them are final."""

    asked: int
    done: int


class CampaignLine(BaseModel):
    """A campaign in the list."""

    campaign_id: UUID
    cycle_id: UUID
    wave: int
    state: CampaignState
    opens_on: date | None
    closes_on: date
    audience: AudienceKind
    role_profiles: list[str]
    instruments: list[Instrument]
    invited: int


class Campaign(CampaignLine):
    """A campaign and how far it has come: counts, never answers."""

    scored: int
    own: Completion
    colleagues: Completion
    observations: Completion


class Released(BaseModel):
    """What a person lets the curator know of one competency."""

    person_id: UUID
    competency: str
    competency_class: CompetencyClass


@router.put("/schools/{school}/campaigns/{campaign_id}", dependencies=[require("curator")], status_code=201)
async def open_campaign(
    request: Request, response: Response, school: str, campaign_id: UUID, new: NewCampaign, me: Me
) -> Campaign:
    """Open a campaign for teachers of the school. The id is yours to make; a repeat changes nothing (200)."""
    plan = actions.Plan(campaign_id, new.cycle_id, new.wave, new.closes_on, new.scope)
    if not await actions.open_campaign(db_of(request), catalogue_of(request), school, plan=plan, by=me.me):
        response.status_code = 200
    return await _campaign(request, school, campaign_id)


@router.get("/schools/{school}/campaigns", dependencies=[require("curator")])
async def list_campaigns(
    request: Request, school: str, after: After = "", limit: Limit = DEFAULT
) -> Page[CampaignLine]:
    """The campaigns of the school, in the order of their ids."""
    async with db_of(request).transaction(school) as tx:
        found = await store.campaigns.after(tx, school, after_id(after), limit)
    return page_of(found, limit, key=lambda each: each.campaign_id, item=_line)


@router.get("/schools/{school}/campaigns/{campaign_id}", dependencies=[require("curator")])
async def get_campaign(request: Request, school: str, campaign_id: UUID) -> Campaign:
    """A campaign and how far it has come."""
    return await _campaign(request, school, campaign_id)


@router.post("/schools/{school}/campaigns/{campaign_id}/close", dependencies=[require("curator")])
async def close_campaign(request: Request, school: str, campaign_id: UUID) -> Campaign:
    """End a campaign: no more answers are taken, sums over at least five people go to the reports."""
    await actions.close_campaign(db_of(request), catalogue_of(request), school, campaign_id=campaign_id)
    return await _campaign(request, school, campaign_id)


@router.get("/schools/{school}/released", dependencies=[require("curator")])
async def list_released(
    request: Request, looks: Looks, school: str, cycle_id: UUID, after: After = "", limit: Limit = DEFAULT
) -> Page[Released]:
    """What people released in a cycle: person, competency and class, nothing else."""
    person_id, competency = _released_after(after)
    db = db_of(request)
    window = store.Window(person_id, competency, limit, domain.day_at_place(db.clock.now()))
    async with db.transaction(school) as tx:
        rows = await store.releases.for_curator(tx, school, cycle_id, window)
    page = page_of(
        rows,
        limit,
        key=lambda row: f"{row['person_id']}/{row['competency']}",
        item=lambda row: Released.model_validate(dict(row)),
    )
    await looks.saw(What.RELEASED, [one.person_id for one in page.items])
    return page


async def _campaign(request: Request, school: str, campaign_id: UUID) -> Campaign:
    async with db_of(request).transaction(school) as tx:
        found = await store.campaigns.one(tx, campaign_id)
        if found is None:
            raise Missing("campaign.unknown", field="campaign_id")
        done = await store.campaigns.done(tx, campaign_id)
        scored = await store.campaigns.scored(tx, campaign_id)
    own, colleagues, observations = (
        Completion(asked=asked, done=final)
        for asked, final in (done.get(source, (0, 0)) for source in (SourceKind.SA, SourceKind.P360, SourceKind.OBS))
    )
    return Campaign(
        **_line(found).model_dump(), scored=scored, own=own, colleagues=colleagues, observations=observations
    )


def _line(campaign: store.Campaign) -> CampaignLine:
    return CampaignLine(
        campaign_id=campaign.campaign_id,
        cycle_id=campaign.cycle_id,
        wave=campaign.wave,
        state=campaign.state,
        opens_on=campaign.opens_on,
        closes_on=campaign.closes_on,
        audience=campaign.audience,
        role_profiles=sorted(campaign.role_profiles),
        instruments=[each for each in Instrument if each in campaign.instruments],
        invited=campaign.invited,
    )


def _released_after(after: str) -> tuple[UUID, str]:
    person_id, _, competency = after.partition("/")
    return after_id(person_id), competency
