"""After publication: how people answered, which pairs wait to be confirmed, and what was lost meanwhile."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from gateway.portal.talk import Refused, segment
from gateway.portal.words import moment
from gateway.portal.workshop.visit import MOST_AT_ONCE, Names, Shop, Visit

PAGE = 25
STATES = ("ACCEPTED", "PROPOSED", "TAKER_AGREED", "FORMED", "DECLINED", "EXPIRED", "DISSOLVED")
KINDS: Mapping[str, str] = {"ACCEPTED": "watch", "FORMED": "good", "DECLINED": "plain", "EXPIRED": "plain"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One pair that was proposed, in words."""

    pairing: str
    giver: str
    taker: str
    topic: str
    state: str
    kind: str
    until: str
    warnings: Sequence[str]
    can_confirm: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """The pairs of a run by their state: how many of each, and one page of those asked for."""

    counts: Sequence[tuple[str, str, int]]
    chosen: str
    items: Sequence[Answer]
    next: str
    to_confirm: int


def answers_router(shop: Shop) -> APIRouter:
    """The doors that confirm pairs to which both have said yes."""
    router = APIRouter(include_in_schema=False)

    @router.post("/schools/{school}/workshop/runs/{run_id}/confirm")
    async def confirm(
        request: Request, school: str, run_id: UUID, pairing: Annotated[str, Form(max_length=36)] = ""
    ) -> Response:
        visit = await shop.open(request, school)
        chosen = [pairing] if pairing else [one["pairing_id"] for one in await _pairings(visit, run_id, "ACCEPTED")]
        refused = [one for one in chosen if not await _confirm(visit, one, is_alone=bool(pairing))]
        said = "workshop-confirmed" if not refused else "workshop-confirmed-some"
        return shop.portal.lead(visit.of_run(run_id), said, view="answers")

    return router


async def _confirm(visit: Visit, pairing: str, *, is_alone: bool) -> bool:
    """Form one pair; of many, one that a curator may not confirm does not keep the others waiting."""
    try:
        await visit.reader.talk.post(visit.api("matching", f"pairings/{segment(pairing)}/confirm"))
    except Refused as refused:
        if is_alone or refused.status >= 500:
            raise
        return False
    return True


async def _pairings(visit: Visit, run: UUID | str, state: str = "") -> list[Mapping[str, Any]]:
    query = {"state": state} if state else {}
    found = await visit.reader.talk.all_of(visit.api("matching", "pairings"), limit=MOST_AT_ONCE, **query)
    return [one for one in found if one["run_id"] == str(run)]


async def answers_of(visit: Visit, run: Mapping[str, Any], state: str, after: str) -> Answers:
    """How the people of a run answered; those that a curator has to look at come first."""
    found = await _pairings(visit, run["run_id"])
    counts = Counter(one["state"] for one in found)
    chosen = state if state in STATES else ""
    order = {name: place for place, name in enumerate(STATES)}
    kept = sorted(
        (one for one in found if chosen in ("", one["state"])),
        key=lambda one: (not one["warnings"], order.get(one["state"], 9), one["expires_at"]),
    )
    begin = int(after) if after.isdecimal() else 0
    page = kept[begin : begin + PAGE]
    names = await visit.names(one[side] for one in page for side in ("giver_id", "taker_id"))
    return Answers(
        [(name, visit.say(f"workshop.pairing.{name}"), counts[name]) for name in STATES if counts[name]],
        chosen,
        [answer_of(one, names, visit) for one in page],
        str(begin + PAGE) if len(kept) > begin + PAGE else "",
        counts["ACCEPTED"],
    )


def answer_of(one: Mapping[str, Any], names: Names, visit: Visit) -> Answer:
    """One pairing as a row."""
    is_waiting = one["state"] in ("PROPOSED", "TAKER_AGREED", "ACCEPTED")
    return Answer(
        one["pairing_id"],
        names.full(one["giver_id"]),
        names.full(one["taker_id"]),
        visit.topic(one["competency"]),
        visit.say(f"workshop.pairing.{one['state']}"),
        KINDS.get(one["state"], "plain"),
        moment(one["expires_at"], visit.reader.language) if is_waiting else "",
        [str(loss["text"]) for loss in one["warnings"]],
        "confirm" in one["can"],
    )
