"""Doors for proposals and pairings: the two people answer, the curator confirms."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel

from chassis.database import Row, Tx
from chassis.days import PlainDay
from chassis.doors import doors
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from services.matching.actions import pairings as actions
from services.matching.actions import reasons
from services.matching.actions.reasons import Known
from services.matching.api.asked import db_of, say, worker_of
from services.matching.api.said import Reason, reason_said
from services.matching.domain import UNDECIDED, PairingState, What, expire_overdue, legal_answers
from services.matching.store import losses
from services.matching.store import pairings as store

router = doors()


class MyProposal(BaseModel):
    """A pairing that I may know of: as the taker at once, as the giver only after the taker's yes."""

    pairing_id: UUID
    cycle_id: UUID
    role: Literal["giver", "taker"]
    partner_id: UUID
    competency: str
    state: PairingState
    asked_at: datetime
    expires_at: datetime
    term_from: date | None
    term_to: date | None
    reason: str
    why: Reason
    can: list[Literal["accept", "decline"]]


class Loss(BaseModel):
    """What an open pairing has lost since it was proposed; it goes on, and the curator decides."""

    code: str
    text: str


class Pairing(BaseModel):
    """A pairing as the curator sees it; `asked_at` is when the side whose turn it is was asked."""

    pairing_id: UUID
    run_id: UUID
    cycle_id: UUID
    giver_id: UUID
    taker_id: UUID
    giver_school: str
    taker_school: str
    competency: str
    state: PairingState
    asked_at: datetime
    expires_at: datetime
    term_from: date | None
    term_to: date | None
    is_completed: bool
    revision: int
    reason: str
    why: Reason
    warnings: list[Loss]
    can: list[Literal["confirm"]]


class Term(BaseModel):
    """From when to when the pair works; by default from today to the end of the cycle."""

    term_from: PlainDay | None = None
    term_to: PlainDay | None = None


@router.get("/schools/{school}/my/proposals", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def list_my_proposals(
    request: Request,
    school: str,
    me: Me,
    is_undecided: Annotated[bool, Query(description="only what still waits for an answer or a confirmation")] = False,
) -> list[MyProposal]:
    """What is proposed to me, and what became of it; what was asked last comes first."""
    now = db_of(request).clock.now()
    async with db_of(request).transaction(school) as tx:
        rows = await store.shown_to(tx, me.me)
        if is_undecided:
            rows = [row for row in rows if expire_overdue(store.pairing_of(row), now).state in UNDECIDED]
        known = await reasons.known_of(tx, school, rows)
    return [_mine(request, row, me.me, known) for row in rows]


@router.post("/schools/{school}/my/proposals/{pairing_id}/accept", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def accept_proposal(request: Request, school: str, pairing_id: UUID, me: Me) -> MyProposal:
    """Say yes. The taker is asked first; the taker's yes shows the proposal to the giver."""
    row = await actions.answer(db_of(request), school, pairing_id, by=me.me, is_yes=True)
    return _mine(request, row, me.me, await _known_of(request, school, row))


@router.post("/schools/{school}/my/proposals/{pairing_id}/decline", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def decline_proposal(request: Request, school: str, pairing_id: UUID, me: Me) -> MyProposal:
    """Say no, without a reason; the other side is not told."""
    row = await actions.answer(db_of(request), school, pairing_id, by=me.me, is_yes=False)
    worker_of(request).woken.set()
    return _mine(request, row, me.me, await _known_of(request, school, row))


@router.get("/schools/{school}/pairings", dependencies=[require("curator")])
async def list_pairings(
    request: Request,
    looks: Looks,
    school: str,
    state: Annotated[list[PairingState] | None, Query(description="one or several; all when none is named")] = None,
    cycle_id: Annotated[UUID | None, Query(description="only those of this cycle")] = None,
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[Pairing]:
    """The pairings of the school, in the order of their ids."""
    async with db_of(request).transaction(school) as tx:
        found = await store.at_school(
            tx, school, states=state or (), cycle=cycle_id, after=after_id(after), limit=limit
        )
        rows = await _with_losses(tx, school, found)
        known = await reasons.known_of(tx, school, rows)
    page = page_of(rows, limit, key=lambda row: row["pairing_id"], item=lambda row: _shown(request, row, known))
    await looks.saw_across(What.PAIRINGS, [side for pairing in page.items for side in _both(pairing)])
    return page


@router.post("/schools/{school}/pairings/{pairing_id}/confirm", dependencies=[require("curator")])
async def confirm_pairing(
    request: Request, looks: Looks, school: str, pairing_id: UUID, me: Me, term: Term | None = None
) -> Pairing:
    """Form the pairing that both accepted; not by one of the two."""
    wanted = term or Term()
    row = await actions.confirm(db_of(request), school, pairing_id, by=me.me, term=(wanted.term_from, wanted.term_to))
    async with db_of(request).transaction(school) as tx:
        (row,) = await _with_losses(tx, school, [row])
    pairing = _shown(request, row, await _known_of(request, school, row))
    await looks.changed_across(What.PAIRINGS, _both(pairing))
    return pairing


def _both(pairing: Pairing) -> list[tuple[str, UUID | None]]:
    return [(pairing.giver_school, pairing.giver_id), (pairing.taker_school, pairing.taker_id)]


async def _with_losses(tx: Tx, school: str, rows: Sequence[Row]) -> list[Row]:
    lost = await losses.losses_of(tx, school, [row["pairing_id"] for row in rows])
    return [{**row, "losses": lost.get(row["pairing_id"], [])} for row in rows]


async def _known_of(request: Request, school: str, row: Row) -> Known:
    async with db_of(request).transaction(school) as tx:
        return await reasons.known_of(tx, school, [row])


def _mine(request: Request, row: Row, me: UUID, known: Known) -> MyProposal:
    pairing = expire_overdue(store.pairing_of(row), db_of(request).clock.now())
    is_taker = me == pairing.taker
    answers = legal_answers(pairing, me)
    can: list[Literal["accept", "decline"]] = ["accept"] if set(answers) - {PairingState.DECLINED} else []
    if PairingState.DECLINED in answers:
        can.append("decline")
    why = reason_said(request, "taker" if is_taker else "giver", known.reason_of(row))
    return MyProposal(
        pairing_id=pairing.id,
        cycle_id=row["cycle_id"],
        role="taker" if is_taker else "giver",
        partner_id=pairing.giver if is_taker else pairing.taker,
        competency=pairing.competency,
        state=pairing.state,
        asked_at=pairing.asked_at,
        expires_at=row["expires_at"],
        term_from=row["term_from"],
        term_to=row["term_to"],
        reason=why.sentence,
        why=why,
        can=can,
    )


def _shown(request: Request, row: Row, known: Known) -> Pairing:
    why = reason_said(request, "curator", known.reason_of(row))
    pairing = expire_overdue(store.pairing_of(row), db_of(request).clock.now())
    return Pairing.model_validate(
        {
            **row,
            "state": pairing.state,
            "reason": why.sentence,
            "why": why,
            "warnings": [{"code": code, "text": say(request, f"warning.{code}")} for code in row["losses"]],
            "can": ["confirm"] if pairing.state is PairingState.ACCEPTED else [],
        }
    )
