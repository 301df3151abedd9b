"""Doors for those who were left out: the curator's list, and each person's own side."""

from typing import Literal
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel

from chassis.doors import doors
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from services.matching.actions import insight
from services.matching.actions.insight import Effect, Helped
from services.matching.actions.left_out import LeftOut, OwnWhy, Why
from services.matching.actions.steps import Change, Step
from services.matching.api.asked import db_of, say
from services.matching.api.found import OfVariant
from services.matching.api.said import GIVER, PERSON, day_and_period, time_of
from services.matching.domain import What
from services.matching.engine.rules import Block

router = doors()


class Help(BaseModel):
    """One step that would help, and what it changes in the network as a whole.

    `dual` and `covered` are people more with both roles and reached at all; where `is_exact` is false it was not
    tried out, and at least so many are certain. In `template` the name of a colleague goes in at `{giver}`.
    """

    step: Step
    day: str | None
    period: int | None
    competency: str | None
    giver_id: UUID | None
    dual: int | None
    covered: int | None
    is_exact: bool
    sentence: str
    template: str


class LeftOutPerson(BaseModel):
    """A person without a pair in this result: why, and what would help, the smallest step first."""

    person_id: UUID
    why: Why
    competency: str | None
    rule: Block | None
    sentence: str
    template: str
    help: list[Help]


class MyNeed(BaseModel):
    """One of my wishes, and how it stands."""

    competency: str
    why: OwnWhy
    sentence: str


class MyHelp(BaseModel):
    """One step of my own that may help."""

    step: Step
    day: str | None
    period: int | None
    competency: str | None
    sentence: str


class MyMatch(BaseModel):
    """My own side of the run that the school published last: my wishes, and what I could do.

    Nothing is said of anybody else, and nothing of the topics that I share: a proposal to share is shown when the
    other side has agreed, and not before.
    """

    state: Literal["no-run", "not-in-run", "published"]
    sentence: str
    needs: list[MyNeed]
    help: list[MyHelp]
    sharing: str | None


@router.get("/schools/{school}/runs/{run_id}/left-out", dependencies=[require("curator")])
async def list_left_out(
    request: Request,
    looks: Looks,
    school: str,
    run_id: UUID,
    variant: OfVariant = None,
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[LeftOutPerson]:
    """Who has no pair in a result, why, and the smallest change that would help."""
    start = str(after_id(after)) if after else ""
    found = await insight.left_out_after(db_of(request), school, run_id, variant=variant, after=start, limit=limit)
    page = page_of(found, limit, key=lambda one: one.person.person, item=lambda one: _shown(request, one))
    # A step that would help may name the colleague who could take it.
    named = [help.giver_id for person in page.items for help in person.help]
    await looks.saw(What.LEFT_OUT, [*(person.person_id for person in page.items), *named])
    return page


@router.get("/schools/{school}/my/match", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def get_my_match(request: Request, school: str, me: Me) -> MyMatch:
    """How my wishes stand after the last published run, and what I could do."""
    own = await insight.own_side(db_of(request), school, me.me)
    if own is None or not own.is_in:
        state: Literal["no-run", "not-in-run"] = "no-run" if own is None else "not-in-run"
        return MyMatch(state=state, sentence=say(request, f"left_out.my-{state}"), needs=[], help=[], sharing=None)
    return MyMatch(
        state="published",
        sentence=say(request, "left_out.my-published" if own.needs else "left_out.my-no-needs"),
        needs=[
            MyNeed(competency=code, why=why, sentence=say(request, f"left_out.my-{why}", competency=code))
            for code, why in own.needs
        ],
        help=[_my_help(request, change) for change in own.changes],
        sharing=say(request, "left_out.my-sharing") if own.can_share else None,
    )


def _shown(request: Request, helped: Helped) -> LeftOutPerson:
    person = helped.person
    return LeftOutPerson(
        person_id=UUID(person.person),
        why=person.why,
        competency=person.competency,
        rule=person.rule,
        sentence=_sentence(request, person, say(request, "left_out.some-person")),
        template=_sentence(request, person, PERSON),
        help=[_help(request, change, effect) for change, effect in helped.changes],
    )


def _sentence(request: Request, person: LeftOut, name: str) -> str:
    rule = say(request, f"unmet.{person.rule}") if person.rule else ""
    said = say(request, f"left_out.{person.why}", person=name, competency=person.competency, rule=rule)
    return said if name == PERSON else said[:1].upper() + said[1:]


def _help(request: Request, change: Change, effect: Effect | None) -> Help:
    day, period = day_and_period(change.slot)
    return Help(
        step=change.step,
        day=day,
        period=period,
        competency=change.competency,
        giver_id=UUID(change.giver) if change.giver else None,
        dual=effect.dual if effect else None,
        covered=effect.covered if effect else None,
        is_exact=effect.is_exact if effect else False,
        sentence=_step(request, "step", change, say(request, "left_out.some-colleague")),
        template=_step(request, "step", change, GIVER),
    )


def _my_help(request: Request, change: Change) -> MyHelp:
    day, period = day_and_period(change.slot)
    sentence = _step(request, "my-step", change, "")
    return MyHelp(step=change.step, day=day, period=period, competency=change.competency, sentence=sentence)


def _step(request: Request, kind: str, change: Change, giver: str) -> str:
    slug = f"left_out.{kind}-{change.step}"
    if change.slot is not None:
        return time_of(request, slug, change.slot)
    return say(request, slug, competency=change.competency, giver=giver)
