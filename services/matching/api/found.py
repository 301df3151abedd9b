"""Doors to what a run found: its pairs with their reasons, and the needs that it left unmet."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel

from chassis.database import Row
from chassis.doors import doors
from chassis.identity import require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_number, page_of
from chassis.refusals import Missing
from services.matching.actions import reasons
from services.matching.api.asked import db_of, say
from services.matching.api.runs import ChosenVariant
from services.matching.api.said import Reason, need_said, reason_said
from services.matching.domain import What
from services.matching.store import runs as store

router = doors()

OfVariant = Annotated[ChosenVariant | None, Query(description="the chosen end, or dual-first, if not given")]


class Proposal(BaseModel):
    """A pair that a run found, with the reason in one sentence and as facts."""

    giver_id: UUID
    taker_id: UUID
    competency: str
    is_pinned: bool
    reason: str
    why: Reason


class UnmetNeed(BaseModel):
    """A need that a run could not serve, with the rule that left nobody.

    `sentence` names nobody; in `template` the name goes in at `{person}`.
    """

    person_id: UUID
    competency: str
    rule: str
    reason: str
    sentence: str
    template: str


@router.get("/schools/{school}/runs/{run_id}/proposals", dependencies=[require("curator")])
async def list_run_proposals(
    request: Request,
    looks: Looks,
    school: str,
    run_id: UUID,
    variant: OfVariant = None,
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[Proposal]:
    """The pairs that a run found."""
    place = after_number(after)
    async with db_of(request).transaction(school) as tx:
        run = await store.run(tx, school, run_id)
        end = _end_of(run, variant)
        rows = await store.matches_after(tx, run_id, end, after=place, limit=limit)
        known = await reasons.known_to_curator(tx, school, run or {}, end, rows)
    page = page_of(
        rows, limit, key=lambda row: row["place"], item=lambda row: _proposal(request, row, known.reason_of(row))
    )
    await looks.saw(What.RESULT, [person for pair in page.items for person in (pair.giver_id, pair.taker_id)])
    return page


def _proposal(request: Request, row: Row, reason: reasons.PairReason) -> Proposal:
    why = reason_said(request, "curator", reason)
    return Proposal(
        giver_id=row["giver_id"],
        taker_id=row["taker_id"],
        competency=row["competency"],
        is_pinned=row["is_pinned"],
        reason=why.sentence,
        why=why,
    )


@router.get("/schools/{school}/runs/{run_id}/unmet", dependencies=[require("curator")])
async def list_unmet_needs(
    request: Request,
    looks: Looks,
    school: str,
    run_id: UUID,
    variant: OfVariant = None,
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[UnmetNeed]:
    """The needs that a run left unmet; the reasons are for the curator alone, for they tell of bans and managers."""
    place = after_number(after)
    async with db_of(request).transaction(school) as tx:
        run = await store.run(tx, school, run_id)
        end = _end_of(run, variant)
        rows = await store.unmet_after(tx, run_id, end, after=place, limit=limit)
    page = page_of(rows, limit, key=lambda row: row["place"], item=lambda row: _unmet(request, row))
    await looks.saw(What.LEFT_OUT, [need.person_id for need in page.items])
    return page


def _unmet(request: Request, row: Row) -> UnmetNeed:
    sentence, template = need_said(request, competency=row["competency"], rule=row["rule"])
    return UnmetNeed(
        person_id=row["person_id"],
        competency=row["competency"],
        rule=row["rule"],
        reason=say(request, f"unmet.{row['rule']}"),
        sentence=sentence,
        template=template,
    )


def _end_of(run: Row | None, variant: str | None) -> str:
    if run is None:
        raise Missing("run.unknown", field="run_id")
    return str(variant or run["chosen"] or "dual-first")
