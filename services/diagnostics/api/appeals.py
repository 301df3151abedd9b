"""Doors of appeals: the owner disputes a level, the curator has it measured anew or lets it stand."""

from datetime import datetime
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field, StrictBool

from chassis.database import Row
from chassis.doors import doors
from chassis.etags import Change, Changing
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from contracts.diagnostics import CompetencyClass
from services.diagnostics import actions, store
from services.diagnostics.api.doors import catalogue_of, db_of
from services.diagnostics.api.language import Language, language_of
from services.diagnostics.api.profile import OwnWords
from services.diagnostics.api.wishes import Code
from services.diagnostics.domain import AppealState
from services.diagnostics.domain.looks import What
from services.diagnostics.scoring import SourceKind

router = doors()


class NewAppeal(BaseModel):
    """An appeal against my level in one competency. The curator sees its class, and the text only if I say so."""

    cycle_id: UUID
    competency: Code
    text: OwnWords = Field(examples=["Наблюдатель видел замену, а не мой обычный урок."])
    is_text_shown: StrictBool = False


class OwnAppeal(NewAppeal):
    """My appeal and how far it has come; `words` say what happens next."""

    appeal_id: UUID
    state: AppealState
    wanted_source: SourceKind | None
    legal: list[AppealState]
    filed_at: datetime
    words: str


class Appeal(BaseModel):
    """An appeal as the curator sees it: whose, of which competency and class, and the text if its owner agreed.

    `etag` is for `If-Match`.
    """

    appeal_id: UUID
    etag: str = Field(examples=['"0-5f2a9c01"'])
    person_id: UUID
    competency: str
    competency_class: CompetencyClass
    state: AppealState
    wanted_source: SourceKind | None
    legal: list[AppealState]
    filed_at: datetime
    text: str | None


class Moved(BaseModel):
    """Where an appeal stands after a step, and which steps may follow."""

    appeal_id: UUID
    state: AppealState
    wanted_source: SourceKind | None
    legal: list[AppealState]


class Wanted(BaseModel):
    """The source that has to speak before an upheld appeal is settled; anything but self-rating."""

    source: SourceKind


@router.put("/schools/{school}/my/appeals/{appeal_id}", dependencies=[require(*EVERYONE_AT_SCHOOL)], status_code=201)
async def file_appeal(
    request: Request, response: Response, school: str, appeal_id: UUID, new: NewAppeal, me: Me
) -> NewAppeal:
    """Dispute my level in one competency. The id is mine to make; a repeat changes nothing (200).

    Until the end of the appeal nobody is told of this competency, a release of before is taken back at once.
    """
    key = store.OwnKey(school, new.cycle_id, me.me, new.competency)
    filing = actions.Filing(appeal_id, new.text, new.is_text_shown)
    if not await actions.file_appeal(db_of(request), catalogue_of(request), key, filing=filing):
        response.status_code = 200
    return new


@router.get("/schools/{school}/my/appeals", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def list_my_appeals(request: Request, school: str, me: Me) -> list[OwnAppeal]:
    """My appeals, the newest first."""
    async with db_of(request).transaction(school) as tx:
        found = await store.appeals.of_person(tx, school, me.me)
    return [_own(appeal, language_of(request)) for appeal in found]


@router.post("/schools/{school}/my/appeals/{appeal_id}/withdraw", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def withdraw_appeal(request: Request, school: str, appeal_id: UUID, me: Me) -> OwnAppeal:
    """Take my appeal back before its end. A repeat changes nothing."""
    appeal = await actions.withdraw_appeal(db_of(request), school, appeal_id, by=me.me)
    return _own(appeal, language_of(request))


@router.get("/schools/{school}/appeals", dependencies=[require("curator")])
async def list_appeals(
    request: Request, looks: Looks, school: str, cycle_id: UUID, after: After = "", limit: Limit = DEFAULT
) -> Page[Appeal]:
    """The appeals of a cycle that are not settled yet: never a level, never an answer."""
    async with db_of(request).transaction(school) as tx:
        rows = await store.appeals.for_curator(tx, school, cycle_id, after=after_id(after), limit=limit)
    page = page_of(rows, limit, key=lambda row: row["appeal_id"], item=_seen)
    await looks.saw(What.APPEALS, [one.person_id for one in page.items])
    return page


@router.post("/schools/{school}/appeals/{appeal_id}/review", dependencies=[require("curator")])
async def review_appeal(
    request: Request, looks: Looks, school: str, appeal_id: UUID, me: Me, change: Changing
) -> Moved:
    """Take an appeal into review; nobody reviews an own one. A repeat changes nothing."""
    decision = actions.Decision(me.me, AppealState.IN_REVIEW, seen=change.seen)
    return await _decide(request, looks, school, appeal_id, decision=decision, told=change)


@router.post("/schools/{school}/appeals/{appeal_id}/uphold", dependencies=[require("curator")])
async def uphold_appeal(
    request: Request, looks: Looks, school: str, appeal_id: UUID, wanted: Wanted, me: Me, change: Changing
) -> Moved:
    """Have the competency measured anew by one more source. In an open campaign somebody new is asked at once."""
    decision = actions.Decision(me.me, AppealState.UPHELD, wanted.source, seen=change.seen)
    return await _decide(request, looks, school, appeal_id, decision=decision, told=change)


@router.post("/schools/{school}/appeals/{appeal_id}/reject", dependencies=[require("curator")])
async def reject_appeal(
    request: Request, looks: Looks, school: str, appeal_id: UUID, me: Me, change: Changing
) -> Moved:
    """Let the level stand as it was measured. A repeat changes nothing."""
    decision = actions.Decision(me.me, AppealState.REJECTED, seen=change.seen)
    return await _decide(request, looks, school, appeal_id, decision=decision, told=change)


async def _decide(
    request: Request, looks: Looks, school: str, appeal_id: UUID, *, decision: actions.Decision, told: Change
) -> Moved:
    moved = await actions.decide_appeal(db_of(request), school, appeal_id, decision=decision)
    told.tell(actions.tag_of_appeal(moved.state, moved.wanted_source))
    await looks.changed(What.APPEALS, [moved.person_id])
    return Moved(
        appeal_id=moved.appeal_id,
        state=moved.state,
        wanted_source=moved.wanted_source,
        legal=list(moved.state.legal_steps),
    )


def _own(appeal: store.Appeal, language: Language) -> OwnAppeal:
    return OwnAppeal(
        appeal_id=appeal.appeal_id,
        cycle_id=appeal.cycle_id,
        competency=appeal.competency,
        text=appeal.text,
        is_text_shown=appeal.is_text_shown,
        state=appeal.state,
        wanted_source=appeal.wanted_source,
        legal=[step for step in appeal.state.legal_steps if step is AppealState.WITHDRAWN],
        filed_at=appeal.filed_at,
        words=language.say(f"appeal.state-{appeal.state.value.lower().replace('_', '-')}"),
    )


def _seen(row: Row) -> Appeal:
    state = AppealState(row["state"])
    return Appeal(
        appeal_id=row["appeal_id"],
        etag=actions.tag_of_appeal(state, row["wanted_source"]),
        person_id=row["person_id"],
        competency=row["competency"],
        competency_class=CompetencyClass(row["competency_class"]),
        state=state,
        wanted_source=row["wanted_source"],
        legal=[step for step in state.legal_steps if step not in (AppealState.WITHDRAWN, AppealState.REMEASURED)],
        filed_at=row["filed_at"],
        text=row["text"] if row["is_text_shown"] else None,
    )
