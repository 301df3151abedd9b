"""Doors for artefacts: their owner hands them in, an assigned observer rates them."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from chassis.database import Row
from chassis.doors import doors
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.look_doors import Looks
from chassis.refusals import Missing
from services.diagnostics import actions, domain, store
from services.diagnostics.api.doors import catalogue_of, db_of, instruments_of
from services.diagnostics.api.observations import Rubric, rubric_of
from services.diagnostics.domain import HIGHEST_OF_ARTEFACT
from services.diagnostics.domain.looks import What

router = doors()

Code = Annotated[str, Field(min_length=1, max_length=12, examples=["M03"])]
Mark = Annotated[int, Field(strict=True, ge=0, le=2)]
Marks = Annotated[dict[str, Annotated[list[Mark], Field(max_length=4)] | None], Field(max_length=20)]


class NewArtefact(BaseModel):
    """A lesson plan or a material in my own words, no file: a title, a link if it has one, what it is meant to show."""

    title: str = Field(min_length=1, max_length=200)
    link: str | None = Field(
        default=None, max_length=500, pattern="^https?://[^\\s]+$", examples=["https://lessons.example/motion"]
    )
    competencies: list[Code] = Field(min_length=1, max_length=10)


class Artefact(NewArtefact):
    """What I handed in, and whether somebody has rated it."""

    title: str
    artefact_id: UUID
    is_rated: bool


class MyArtefacts(BaseModel):
    """What I handed in, and the competencies of my form that an artefact can show."""

    can_show: list[str]
    items: list[Artefact]


class Rating(BaseModel):
    """By competency a mark for each criterion: 0 no, 1 in part, 2 in full; null where the artefact does not show it."""

    marks: Marks


class Review(Rating):
    """An artefact that waits for my rating, or that I have rated."""

    artefact_id: UUID
    person_id: UUID
    title: str
    link: str | None
    rubrics: list[Rubric]


@router.get("/schools/{school}/my/artefacts/{campaign_id}", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def list_my_artefacts(request: Request, school: str, campaign_id: UUID, me: Me) -> MyArtefacts:
    """What I handed in in a campaign."""
    async with db_of(request).transaction(school) as tx:
        part = await store.sheets.seen_part(tx, school, campaign_id, me.me)
        if part is None:
            raise Missing("sheet.unknown", field="campaign_id")
        rows = await store.artefacts.of_people(tx, campaign_id, [me.me])
    shown = instruments_of(request).shown_by_artefacts
    return MyArtefacts(
        can_show=list(domain.shown_codes(part.targets, shown_by_artefacts=shown)),
        items=[_artefact(row) for row in rows],
    )


@router.put("/schools/{school}/my/artefacts/{campaign_id}/{artefact_id}", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def hand_in(
    request: Request, school: str, campaign_id: UUID, artefact_id: UUID, new: NewArtefact, me: Me
) -> Artefact:
    """Hand in an artefact, or change it before it is rated. The id is yours to make; a repeat changes nothing."""
    owner = store.ArtefactOwner(school, campaign_id, me.me)
    artefact = domain.Artefact(artefact_id, new.title, new.link, tuple(dict.fromkeys(new.competencies)))
    await actions.hand_in(db_of(request), instruments_of(request), owner, artefact=artefact)
    async with db_of(request).transaction(school) as tx:
        row = await store.artefacts.one(tx, artefact_id)
    if row is None:
        raise Missing("artefact.unknown", field="artefact_id")
    return _artefact(row)


@router.delete(
    "/schools/{school}/my/artefacts/{campaign_id}/{artefact_id}",
    dependencies=[require(*EVERYONE_AT_SCHOOL)],
    status_code=204,
)
async def take_artefact_back(request: Request, school: str, campaign_id: UUID, artefact_id: UUID, me: Me) -> None:
    """Delete my words at any time; once the artefact was rated, the rating stays. A repeat changes nothing."""
    owner = store.ArtefactOwner(school, campaign_id, me.me)
    await actions.take_artefact_back(db_of(request), owner, artefact_id)


@router.get("/schools/{school}/my/reviews/{campaign_id}", dependencies=[require("observer")])
async def list_my_reviews(request: Request, looks: Looks, school: str, campaign_id: UUID, me: Me) -> list[Review]:
    """The artefacts of people who were assigned to me, in the competencies that were."""
    async with db_of(request).transaction(school) as tx:
        assigned = await store.observers.of_observer(tx, school, campaign_id, me.me)
        rows = await store.artefacts.of_people(tx, campaign_id, assigned)
        rated = await store.rubrics.ratings_by(tx, campaign_id, me.me)
    asked = ((row, _asked(row, assigned[row["person_id"]])) for row in rows)
    reviews = [_review(request, row, codes, marks=rated.get(row["artefact_id"], {})) for row, codes in asked if codes]
    await looks.saw(What.ARTEFACTS, [one.person_id for one in reviews])
    return reviews


@router.put("/schools/{school}/my/reviews/{campaign_id}/{artefact_id}", dependencies=[require("observer")])
async def rate_artefact(
    request: Request, looks: Looks, school: str, campaign_id: UUID, artefact_id: UUID, given: Rating, me: Me
) -> Rating:
    """Rate an artefact by its criteria. It is scored at once, and may be rated anew while the campaign is open."""
    key = store.RatingKey(campaign_id, artefact_id, me.me)
    kept = await actions.rate_artefact(db_of(request), catalogue_of(request), school, key=key, marks=given.marks)
    async with db_of(request).transaction(school) as tx:
        rated = await store.artefacts.one(tx, artefact_id)
    await looks.changed(What.ARTEFACTS, [rated["person_id"] if rated else None])
    return Rating(marks=_plain(kept))


def _asked(row: Row, assigned: Sequence[str]) -> tuple[str, ...]:
    owner: UUID = row["person_id"]
    return domain.reviewed_codes(store.artefacts.artefact_of(row), {owner: assigned}, owner=owner)


def _artefact(row: Row) -> Artefact:
    return Artefact(
        artefact_id=row["artefact_id"],
        title=row["title"],
        link=row["link"],
        competencies=row["codes"],
        is_rated=row["is_rated"],
    )


def _review(request: Request, row: Row, codes: Sequence[str], *, marks: domain.Marks) -> Review:
    return Review(
        artefact_id=row["artefact_id"],
        person_id=row["person_id"],
        title=row["title"],
        link=row["link"],
        rubrics=[rubric_of(catalogue_of(request), code, highest=HIGHEST_OF_ARTEFACT) for code in codes],
        marks=_plain(marks),
    )


def _plain(marks: domain.Marks) -> dict[str, list[int] | None]:
    return {code: None if given is None else list(given) for code, given in marks.items()}
