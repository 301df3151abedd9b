"""One change to a run: its exact price before it is made, the change itself, and what another hand did meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from gateway.portal.live.progress import Say
from gateway.portal.talk import Refused
from gateway.portal.words import moment
from gateway.portal.workshop.visit import Names, Shop, Visit

MOVED = ("gain_second_role", "lose_second_role", "come_in", "drop_out")


class Change(BaseModel):
    """A change that a curator has in mind; a swap names a second pair, `giver/taker/topic`."""

    kind: Literal["pin", "unpin", "ban", "unban", "swap"]
    giver: UUID
    taker: UUID
    topic: str = ""
    second: str = ""
    of: Literal["takers", "givers"] = "takers"

    def wanted(self) -> dict[str, Any]:
        """As the API takes it."""
        two = {"giver_id": str(self.giver), "taker_id": str(self.taker)}
        pair = {**two, "competency": self.topic}
        if self.kind == "swap":
            giver, taker, topic = (*self.second.split("/"), "", "")[:3]
            other = {"giver_id": giver, "taker_id": taker, "competency": topic}
            return {"swap": {"first": pair, "second": other, "of": self.of}}
        return {self.kind: two if self.kind in ("ban", "unban") else pair}


class Made(Change):
    """The change as its form sends it: its own id, so that it is made once, and the version that was seen."""

    edit: UUID
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What a change costs: a sentence, three sums before and after, and who moves."""

    sentence: str
    sums: Sequence[tuple[str, str, str, str]]
    moved: Sequence[tuple[str, Sequence[str]]]
    parted: Sequence[str]
    formed: Sequence[str]


@dataclass(frozen=True, slots=True)
class Hand:
    """What somebody did to the run since it was seen."""

    who: str
    what: str
    at: str


def changes_router(shop: Shop) -> APIRouter:
    """The doors to it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/schools/{school}/workshop/runs/{run_id}/change")
    async def show_price(
        request: Request, school: str, run_id: UUID, change: Annotated[Change, Query()]
    ) -> HTMLResponse:
        visit = await shop.open(request, school)
        return await _price_page(shop, visit, run_id, change)

    @router.post("/schools/{school}/workshop/runs/{run_id}/edits")
    async def make_edit(request: Request, school: str, run_id: UUID, made: Annotated[Made, Form()]) -> Response:
        visit = await shop.open(request, school)
        path = visit.api("matching", f"runs/{run_id}/edits/{made.edit}")
        try:
            await visit.reader.talk.put(path, {**made.wanted(), "version": made.version})
        except Refused as refused:
            return await _price_page(shop, visit, run_id, made, wrong=refused)
        return shop.portal.lead(visit.of_run(run_id), "workshop-edited")

    @router.post("/schools/{school}/workshop/runs/{run_id}/edits/{edit_id}/undo")
    async def undo_edit(
        request: Request, school: str, run_id: UUID, edit_id: UUID, version: Annotated[int | None, Form()] = None
    ) -> Response:
        visit = await shop.open(request, school)
        path = visit.api("matching", f"runs/{run_id}/edits/{edit_id}")
        try:
            await visit.reader.talk.send("DELETE", path, query={"version": version})
        except Refused as refused:
            if refused.slug != "run.changed-meanwhile":
                raise
            hands = await hands_of(refused, visit)
            return shop.show(visit, "meanwhile.html", wrong=refused, run_id=run_id, hands=hands)
        return shop.portal.lead(visit.of_run(run_id), "workshop-undone")

    return router


async def _price_page(
    shop: Shop, visit: Visit, run_id: UUID, change: Change, *, wrong: Refused | None = None
) -> HTMLResponse:
    """The price of a change as things stand now; what was intended stays, whatever happened meanwhile."""
    hands = await hands_of(wrong, visit) if wrong else []
    answer, refused = await _asked(visit, run_id, change)
    named = [str(change.giver), str(change.taker), *change.second.split("/")[:2]]
    names = await visit.names([*named, *(_people(answer) if answer else [])])
    return shop.show(
        visit,
        "change.html",
        wrong=wrong or refused,
        run_id=run_id,
        change=change,
        edit=uuid4(),
        version=answer["version"] if answer else None,
        price=price_of(answer, names, visit) if answer else None,
        hands=hands,
        title=_title(change, names, visit),
    )


async def _asked(visit: Visit, run_id: UUID, change: Change) -> tuple[Mapping[str, Any] | None, Refused | None]:
    """What a change would cost, or why it cannot be made."""
    try:
        return await visit.reader.talk.post(visit.api("matching", f"runs/{run_id}/prices"), change.wanted()), None
    except Refused as refused:
        if refused.status >= 500 or refused.status in (401, 403, 404):
            raise
        return None, refused


def _people(answer: Mapping[str, Any]) -> list[str]:
    pairs = [*answer["parted"], *answer["formed"]]
    return [*(one for part in MOVED for one in answer[part]), *(pair[s] for pair in pairs for s in _SIDES)]


_SIDES = ("giver_id", "taker_id")


def price_of(answer: Mapping[str, Any], names: Names, visit: Visit) -> Price:
    """The price of a change in words, as exact as the API reckons it."""
    before, after = answer["before"], answer["after"]
    sums = [
        (visit.say(f"workshop.sum.{name}"), visit.number(before[name]), visit.number(after[name]), signed(answer[name]))
        for name in ("dual", "covered", "score")
    ]
    moved = [
        (visit.say(f"workshop.moved.{part}"), sorted(names.full(one) for one in answer[part]))
        for part in MOVED
        if answer[part]
    ]
    told = {
        part: [
            f"{names.short(pair['giver_id'])} → {names.short(pair['taker_id'])}: {visit.topic(pair['competency'])}"
            for pair in answer[part]
        ]
        for part in ("parted", "formed")
    }
    return Price(answer["sentence"], sums, moved, told["parted"], told["formed"])


def signed(count: int) -> str:
    """A difference with its sign; a true minus."""
    return f"{count:+d}".replace("-", "\N{MINUS SIGN}") if count else "0"


def _title(change: Change, names: Names, visit: Visit) -> str:
    people = f"{names.short(str(change.giver))} → {names.short(str(change.taker))}"
    if change.kind == "swap":
        giver, taker = (*change.second.split("/"), "", "")[:2]
        other = f"{names.short(giver)} → {names.short(taker)}"
        return visit.say("workshop.change.swap", pairs=people, other=other)
    return visit.say(f"workshop.change.{change.kind}", pairs=people)


async def hands_of(refused: Refused, visit: Visit) -> list[Hand]:
    """Who did what to the run since it was seen: the API tells it to whoever was slower."""
    changes = refused.problem.get("changes") or []
    names = await visit.names(str(one["by"]) for one in changes if one.get("by"))
    return [
        Hand(
            names.full(str(one["by"])) if one.get("by") else visit.say("workshop.hand-house"),
            hand_said(one, visit),
            moment(one.get("at"), visit.reader.language),
        )
        for one in changes
    ]


def hand_said(change: Mapping[str, Any], visit: Visit) -> str:
    """What one step of somebody was: an edit by its kind, or where the run went."""
    what = str(change.get("what"))
    return step_said(str(change.get("kind")) if what == "edited" else what, visit.say)


def step_said(step: str, say: Say) -> str:
    """What was done, without who did it."""
    return say(f"workshop.hand.{step if step in _STEPS else 'other'}")


_STEPS = frozenset(
    {"pin", "unpin", "ban", "unban", "swap", "without-lost", "solved", "chosen", "undone"}
    | {"published", "cancelled", "superseded"}
)
