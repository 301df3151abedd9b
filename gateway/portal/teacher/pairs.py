"""My pairs: proposals as letters with a calm way to say no, the work of each pair, what the matching says to me."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from chassis.refusals import Missing
from gateway.portal.catalogue import Catalogue
from gateway.portal.talk import Refused
from gateway.portal.teacher.pairs_in_words import Pair, Speech, letters_of, outlook_of, pair_of, pairs_of
from gateway.portal.teacher.visit import Desk, Visit, or_away


@dataclass(frozen=True, slots=True)
class Work:
    """What tracking knows of the reader's pairs, and the speech to tell it with."""

    assignments: Sequence[Mapping[str, Any]]
    meetings: Sequence[Mapping[str, Any]]
    speech: Speech

    def pair(self, assignment: UUID) -> Pair:
        """One pair; raises Missing for somebody else's."""
        found = next((one for one in self.assignments if one["assignment_id"] == str(assignment)), None)
        if found is None:
            raise Missing("http.not-found")
        return pair_of(found, self.meetings, self.speech)


def doors(desk: Desk) -> APIRouter:
    """The page of all pairs, and the answer to a proposal."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/my-pairs")
    async def show_my_pairs(request: Request, school: str) -> HTMLResponse:
        return await _show(desk, await desk.open(request, school))

    @router.post("/schools/{school}/my-pairs/proposals/{pairing_id}")
    async def answer_proposal(
        request: Request, school: str, pairing_id: UUID, answer: Annotated[Literal["accept", "decline"], Form()]
    ) -> Response:
        visit = await desk.open(request, school)
        try:
            told = await visit.reader.talk.post(visit.mine("matching", f"proposals/{pairing_id}/{answer}"))
        except Refused as refused:
            return await _show(desk, visit, wrong=refused)
        if answer == "decline":
            return desk.portal.lead(visit.page("my-pairs"), "pairs-declined")
        said = "pairs-agreed-first" if told["role"] == "taker" else "pairs-agreed"
        return desk.portal.lead(visit.page("my-pairs"), said)

    return router


async def work_of(desk: Desk, visit: Visit) -> Work:
    """The reader's pairs and meetings, with the names of the partners."""
    assignments, meetings, catalogue = await _told(desk, visit)
    names = await visit.names([one["partner_id"] for one in assignments])
    return Work(assignments, meetings, _speech(visit, catalogue, names))


async def _told(desk: Desk, visit: Visit) -> tuple[list[Any], list[Any], Catalogue]:
    assignments, meetings, catalogue = await asyncio.gather(
        visit.all_of("tracking", "assignments"), visit.all_of("tracking", "meetings"), desk.catalogue(visit)
    )
    return assignments, meetings, catalogue


def _speech(visit: Visit, catalogue: Catalogue, names: Mapping[str, str]) -> Speech:
    return Speech(visit.words, catalogue, names, str(visit.me))


async def _show(desk: Desk, visit: Visit, wrong: Refused | None = None) -> HTMLResponse:
    (assignments, meetings, catalogue), proposals, match, times = await asyncio.gather(
        _told(desk, visit),
        or_away(visit.get("matching", "proposals", is_undecided=True)),
        or_away(visit.find("matching", "match")),
        or_away(visit.get("matching", "availability")),
    )
    names = await visit.names([one["partner_id"] for one in (*assignments, *(proposals or ()))])
    speech = _speech(visit, catalogue, names)
    pairs = pairs_of(assignments, meetings, speech)
    return desk.show(
        visit,
        "teacher/my_pairs.html",
        wrong=wrong,
        letters=letters_of(proposals or (), speech),
        pairs=[pair for pair in pairs if not pair.is_over],
        over=[pair for pair in pairs if pair.is_over],
        outlook=outlook_of(match, catalogue),
        times=times,
        is_short=proposals is None,
    )
