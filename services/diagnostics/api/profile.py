"""Doors of everyone at the school: my profile in words, and what I say of it myself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Row
from chassis.doors import doors
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from contracts.diagnostics import CompetencyClass
from services.diagnostics import actions, domain, store
from services.diagnostics.api.doors import catalogue_of, db_of, instruments_of
from services.diagnostics.api.language import Language, language_of
from services.diagnostics.domain import Instruments
from services.diagnostics.scoring import Assessment, Confidence, Outlook, Reading, SourceKind, band_of, surest_sources

router = doors()

MOST_LETTERS = 2000
OfCampaign = Annotated[UUID | None, Query(description="as this campaign found it; the newest one's if not given")]
OwnWords = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_LETTERS)]


class Mark(BaseModel):
    """What one kind of source says; colleagues appear from three of them on."""

    source: SourceKind
    level10: int
    count: int


class Band(BaseModel):
    """Where the level lies by all that is known: eight times in ten between these, both ten times a level."""

    low10: int
    high10: int


class Surer(BaseModel):
    """The one further source that would make the level surest, `count` colleagues, lessons or tasks of it."""

    source: SourceKind
    count: int
    se10: int
    words: str


class OwnCompetency(BaseModel):
    """Where I stand in one competency; `level10` and `se10` are ten times the level and its standard error.

    `words` say what it means, `surer` what would raise the certainty, `comment` is my own, `appeal` the state of
    the appeal that is not decided yet. `cycle_id` is the cycle in which releases, comments and appeals of it are made.
    """

    campaign_id: UUID
    cycle_id: UUID
    competency: str
    level10: int
    se10: int
    band: Band
    target: int
    competency_class: CompetencyClass
    confidence: Confidence
    sources: list[SourceKind]
    marks: list[Mark]
    words: str
    surer: Surer | None
    is_released: bool
    comment: str | None
    appeal: domain.AppealState | None


class Comment(BaseModel):
    """What I say of my level myself; nobody else reads it."""

    text: OwnWords = Field(examples=["Наблюдатель был на двух уроках подряд в одном классе."])


@dataclass(frozen=True, slots=True)
class _Said:
    """What the page needs beside the rows: the campaign, the words, the instruments, and what the owner said."""

    campaign: store.Campaign
    language: Language
    instruments: Instruments
    comments: Mapping[str, str]
    appeals: Mapping[str, domain.AppealState]


@router.get("/schools/{school}/my/profile", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def get_my_profile(request: Request, school: str, me: Me, campaign_id: OfCampaign = None) -> list[OwnCompetency]:
    """My scored profile in a campaign, the newest one when none is named; nobody else may read it."""
    async with db_of(request).transaction(school) as tx:
        chosen = campaign_id or await store.profiles.latest_campaign(tx, school, me.me)
        campaign = None if chosen is None else await store.campaigns.one(tx, chosen)
        if campaign is None:
            return []
        found = await store.profiles.own(tx, school, campaign_id=campaign.campaign_id, person=me.me)
        owner = store.Owner(school, campaign.cycle_id, me.me)
        comments = await store.comments.of_person(tx, owner)
        appeals = await store.appeals.open_of(tx, owner)
    states = {code: appeal.state for code, appeal in appeals.items()}
    said = _Said(campaign, language_of(request), instruments_of(request), comments, states)
    readings = [store.profiles.readings_of(row) for row, _ in found]
    cases = [
        (own, domain.offered_for(row["competency"], said.instruments))
        for own, (row, _) in zip(readings, found, strict=True)
    ]
    outlooks = surest_sources(cases, said.instruments.catalogue.parameters)
    return [
        _competency(row, assessment, (own, outlook), said=said)
        for (row, assessment), own, outlook in zip(found, readings, outlooks, strict=True)
    ]


@router.put("/schools/{school}/my/comments/{cycle_id}/{competency}", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def comment_on_my_profile(
    request: Request, school: str, cycle_id: UUID, competency: str, new: Comment, me: Me
) -> Comment:
    """Say what I think of my level in one competency; it replaces what I said before."""
    key = store.OwnKey(school, cycle_id, me.me, competency)
    await actions.comment(db_of(request), catalogue_of(request), key, text=new.text)
    return new


@router.delete(
    "/schools/{school}/my/comments/{cycle_id}/{competency}",
    dependencies=[require(*EVERYONE_AT_SCHOOL)],
    status_code=204,
)
async def delete_my_comment(request: Request, school: str, cycle_id: UUID, competency: str, me: Me) -> None:
    """Delete my comment. A repeat changes nothing."""
    await actions.delete_comment(db_of(request), store.OwnKey(school, cycle_id, me.me, competency))


def _competency(
    row: Row, assessment: Assessment, known: tuple[Sequence[Reading], Outlook | None], *, said: _Said
) -> OwnCompetency:
    code, (readings, outlook) = row["competency"], known
    band = band_of(assessment, said.instruments.catalogue.parameters)
    return OwnCompetency(
        campaign_id=said.campaign.campaign_id,
        cycle_id=said.campaign.cycle_id,
        competency=code,
        level10=assessment.level10,
        se10=assessment.error10,
        band=Band(low10=_tenfold(band.low), high10=_tenfold(band.high)),
        target=row["target"],
        competency_class=CompetencyClass(assessment.competency_class),
        confidence=assessment.confidence,
        sources=list(assessment.sources),
        marks=[
            Mark(source=reading.kind, level10=_tenfold(reading.level or 0), count=reading.count) for reading in readings
        ],
        words=_words(assessment, said),
        surer=_surer(outlook, said.language),
        is_released=bool(row["is_released"]),
        comment=said.comments.get(code),
        appeal=said.appeals.get(code),
    )


def _words(assessment: Assessment, said: _Said) -> str:
    catalogue = said.instruments.catalogue
    near, target, strong = (
        said.language.of(catalogue.levels[number - 1].name)
        for number in (
            domain.nearest_level(assessment.level),
            domain.nearest_level(assessment.target),
            domain.strong_level(catalogue.parameters),
        )
    )
    meaning = said.language.say(domain.class_sentence(assessment), near=near, target=target, strong=strong)
    return f"{meaning} {said.language.say(domain.confidence_sentence(assessment))}"


def _surer(found: Outlook | None, language: Language) -> Surer | None:
    if found is None:
        return None
    return Surer(
        source=found.source.kind,
        count=found.source.count,
        se10=_tenfold(found.after),
        words=_surer_words(found, language),
    )


def _surer_words(found: Outlook, language: Language) -> str:
    return language.say(
        domain.surer_sentence(found.source.kind),
        count=found.source.count,
        now=language.number(found.before),
        then=language.number(found.after),
    )


def _tenfold(level: float) -> int:
    return int(level * 10 + 0.5)
