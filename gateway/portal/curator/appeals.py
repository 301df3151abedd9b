"""Appeals against a level: whose, of which competency and class; looked into, measured anew, or left as it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.responses import Response

from gateway.portal.catalogue import Catalogue
from gateway.portal.curator.years import Told, at, chosen, cycles_of
from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import Refused, as_seen, segment
from gateway.portal.words import in_words, moment

AT_A_TIME = 25
STEPS = ("review", "uphold", "reject")
LEADS_TO = {"review": "IN_REVIEW", "uphold": "UPHELD", "reject": "REJECTED"}
# Anything but the own word.
SOURCES = ("OBS", "P360", "TST", "ART")


class Decision(BaseModel):
    """What the curator decides of an appeal as the page showed it; `source` is who is to speak once more."""

    step: str = ""
    source: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One appeal in words."""

    appeal_id: str
    seen: str
    person: str
    competency: str
    found: str
    state: str
    filed: str
    text: str
    wanted: str
    steps: tuple[str, ...]


def router(portal: Portal) -> APIRouter:
    """The doors of the page."""
    doors = APIRouter(include_in_schema=False)

    @doors.get("/schools/{school}/campaign/appeals")
    async def show_appeals(request: Request, school: str, after: str = "") -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await page(reader, school, after, None)

    @doors.post("/schools/{school}/campaign/appeals/{appeal_id}")
    async def decide(request: Request, school: str, appeal_id: UUID, decision: Annotated[Decision, Form()]) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        step = decision.step if decision.step in STEPS else "review"
        content = {"source": decision.source} if step == "uphold" else None
        try:
            path = at("diagnostics", school, f"/appeals/{appeal_id}/{step}")
            await reader.talk.post(path, content, **as_seen(decision.seen))
        except Refused as refused:
            return await page(reader, school, "", refused)
        return portal.lead(f"/schools/{segment(school)}/campaign/appeals", said=f"appeal-{step}")

    async def page(reader: Reader, school: str, after: str, wrong: Refused | None) -> HTMLResponse:
        cycle = chosen(await cycles_of(reader.talk, school), "")
        path = at("diagnostics", school, "/appeals")
        found: Told = {"items": [], "next": None}
        if cycle:
            found = await reader.talk.get(path, cycle_id=cycle["cycle_id"], after=after or None, limit=AT_A_TIME)
        names = await names_of(reader.talk, school, [one["person_id"] for one in found["items"]])
        words = await portal.catalogue(reader) if found["items"] else None
        return portal.show(
            reader,
            "curator/appeals.html",
            status=wrong.status if wrong else 200,
            school=school,
            appeals=[_shown(reader, one, names, words) for one in found["items"]],
            following=found["next"],
            sources=SOURCES,
            wrong=wrong,
        )

    return doors


def _shown(reader: Reader, one: Told, names: Mapping[str, str], words: Catalogue | None) -> Shown:
    wanted = one["wanted_source"]
    return Shown(
        appeal_id=one["appeal_id"],
        seen=one["etag"],
        person=names.get(one["person_id"], "—"),
        competency=in_words(words, one["competency"]),
        found=reader.say(f"appeals.class.{one['competency_class']}"),
        state=one["state"],
        filed=moment(one["filed_at"], reader.language),
        text=one["text"] or "",
        wanted=reader.say(f"appeals.source.{wanted}") if wanted else "",
        steps=tuple(step for step in STEPS if LEADS_TO[step] in one["legal"]),
    )
