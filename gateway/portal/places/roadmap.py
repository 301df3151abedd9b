"""The head's roadmap: the seven stages of a cycle, who answers for them, until when, and what they wait for."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.curator.years import OVER, chosen, cycles_of
from gateway.portal.places.desk import AT_ONCE, HEAD, roadmap_of
from gateway.portal.places.reports import Json
from gateway.portal.reader import Portal, Reader
from gateway.portal.talk import Refused, as_seen, segment
from gateway.portal.words import day

# How a stage stands, as a step bar shows it.
STANDS = {"PLANNED": "ahead", "UNDER_WAY": "now", "DONE": "done", "OVERDUE": "stopped", "SKIPPED": "ahead"}
CHIPS = {"PLANNED": "plain", "UNDER_WAY": "watch", "DONE": "good", "OVERDUE": "bad", "SKIPPED": "plain"}


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that a stage needs, by its name, and whether it is in force."""

    name: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage in words; `owner_ids` and `due_on` are as the form shows them."""

    number: int
    title: str
    state: str
    chip: str
    days: str
    late: int
    owners: str
    waits_for: str
    moved: str
    blocked_by: str
    papers: Sequence[Paper]
    due_on: str
    usual_due: str
    owner_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What the API refused: of which stage, and what was typed."""

    number: int
    refused: Refused
    typed: Mapping[str, Any]

    def typed_into(self, stage: Stage) -> Stage:
        """The stage whose form it is, with what was typed."""
        return replace(stage, **self.typed) if stage.number == self.number else stage


def router(portal: Portal) -> APIRouter:
    """The doors of the roadmap."""
    opened = APIRouter(include_in_schema=False)

    @opened.get("/schools/{school}/roadmap")
    async def show(request: Request, school: str, cycle: str = "") -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", HEAD)
        return await _show(portal, reader, school, cycle)

    @opened.post("/schools/{school}/roadmap/{number}")
    async def decide(
        request: Request,
        school: str,
        number: int,
        cycle: Annotated[str, Form()] = "",
        due_on: Annotated[str, Form()] = "",
        owner_ids: Annotated[list[str] | None, Form()] = None,
        seen: Annotated[str, Form()] = "",
    ) -> Response:
        reader = await portal.reader(request, f"schools/{school}", HEAD)
        path = f"/api/registry/v1/schools/{segment(school)}/cycles/{segment(cycle)}/roadmap/{number}"
        typed = {"due_on": due_on, "owner_ids": owner_ids or []}
        try:
            await reader.talk.put(path, {**typed, "due_on": due_on or None}, **as_seen(seen))
        except Refused as refused:
            return await _show(portal, reader, school, cycle, wrong=Wrong(number, refused, typed))
        return portal.lead(f"/schools/{segment(school)}/roadmap", said="stage-decided", cycle=cycle)

    return opened


async def _show(
    portal: Portal, reader: Reader, school: str, wanted: str, *, wrong: Wrong | None = None
) -> HTMLResponse:
    path = f"/api/registry/v1/schools/{segment(school)}/people"
    cycles, people = await asyncio.gather(cycles_of(reader.talk, school), reader.talk.all_of(path, limit=AT_ONCE))
    cycle = chosen(cycles, wanted)
    stages, seen = await roadmap_of(reader, school, cycle) if cycle else ([], "")
    names = {str(one["person_id"]): name_of(one) for one in people if not one["left_on"]}
    shown = [wrong.typed_into(one) if wrong else one for one in (stage_of(one, names, reader) for one in stages)]
    return portal.show(
        reader,
        "places/roadmap.html",
        status=wrong.refused.status if wrong else 200,
        wrong=wrong.refused if wrong else None,
        wrong_number=wrong.number if wrong else 0,
        seen=seen,
        cycle=cycle,
        is_over=cycle is not None and cycle["state"] in OVER,
        cycles=_cycles(cycles, cycle, school),
        stages=shown,
        steps=[_step(one, told) for one, told in zip(shown, stages, strict=True)],
        people=sorted(names.items(), key=lambda pair: pair[1]),
        address=f"/schools/{segment(school)}/roadmap",
        register=f"/schools/{segment(school)}/papers",
    )


def name_of(person: Json) -> str:
    """A person's name as a list shows it: the family name first."""
    parts = (person["family_name"], person["given_name"], person["patronymic"])
    return " ".join(str(part) for part in parts if part)


def stage_of(stage: Json, names: Mapping[str, str], reader: Reader) -> Stage:
    """A stage in words."""
    language = reader.language
    roles = [reader.say(f"role.{role}") for role in stage["owners"]]
    people = [names.get(str(one), reader.say("roadmap.somebody-gone")) for one in stage["owner_ids"]]
    moved = stage["moved"]
    return Stage(
        number=int(stage["number"]),
        title=str(stage["title"]),
        state=reader.say(f"roadmap.state.{stage['state']}"),
        chip=CHIPS[stage["state"]],
        days=reader.say("roadmap.days", first=day(stage["starts_on"], language), last=day(stage["due_on"], language)),
        late=int(stage["days_late"]),
        owners=", ".join(people or roles),
        waits_for=", ".join(str(fact["title"]) for fact in stage["waits_for"]),
        moved=str(moved["title"]) if moved else "",
        blocked_by=", ".join(str(number) for number in stage["blocked_by"]),
        papers=[
            Paper(reader.say(f"paper.{str(paper).lower()}"), paper in stage["papers_in_force"])
            for paper in stage["papers"]
        ],
        due_on=str(stage["due_on"]) if stage["due_on"] != stage["usual_due_on"] else "",
        usual_due=day(stage["usual_due_on"], language),
        owner_ids=[str(one) for one in stage["owner_ids"]],
    )


def _step(stage: Stage, told: Json) -> dict[str, str]:
    return {
        "name": f"{stage.number}. {stage.title}",
        "state": STANDS[told["state"]],
        "word": stage.state,
        "address": f"#stage-{stage.number}",
    }


def _cycles(cycles: Sequence[Json], worn: Json | None, school: str) -> list[dict[str, Any]]:
    if len(cycles) < 2 or worn is None:
        return []
    return [
        {
            "name": one["title"],
            "address": f"/schools/{segment(school)}/roadmap?cycle={one['cycle_id']}",
            "is_chosen": one["cycle_id"] == worn["cycle_id"],
        }
        for one in cycles
    ]
