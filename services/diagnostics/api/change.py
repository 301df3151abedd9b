"""Doors of the second wave: how I see my former self, what changed for me, and what changed for the school."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from chassis.database import Tx
from chassis.doors import doors
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.refusals import Missing
from services.diagnostics import actions, domain, store
from services.diagnostics.api.doors import catalogue_of, db_of
from services.diagnostics.api.language import Language, language_of
from services.diagnostics.api.mine import Answers
from services.diagnostics.domain import Comparison
from services.diagnostics.scoring import Estimate, GroupChange, ResponseShift

router = doors()


class ThenTest(BaseModel):
    """One question for each competency that I have just rated: where was I before the cycle, as I see it today?"""

    question: str
    competencies: list[str]
    answers: Answers


class ThenAnswers(BaseModel):
    """Where I was before the cycle, a level per competency, null for "I do not know"."""

    answers: Answers


class OwnChange(BaseModel):
    """How one competency of mine changed between the waves; levels and errors are tenfold.

    `z` is the difference in its own standard errors, reliable from 1.96 on. `note` is on the yardstick of my
    self-ratings and is no part of the change.
    """

    competency: str
    before10: int
    before_se10: int
    after10: int
    after_se10: int
    z: float
    is_reliable: bool
    is_gap_closed: bool
    words: str
    note: str | None


class OwnChanges(BaseModel):
    """What changed for me in a cycle; nothing where the waves may not be compared, and `words` say why."""

    cycle_id: UUID
    comparison: Comparison
    words: str | None
    competencies: list[OwnChange] = []


class Interval(BaseModel):
    """A value with the bounds between which it lies in 95 of 100 cases."""

    value: float
    low: float
    high: float


class Movement(BaseModel):
    """How `n` people measured twice moved, in levels; `effect` is Hedges g, `missing` were measured once only."""

    domain: str | None = Field(description="the letter of a domain; null for all domains together")
    n: int
    missing: int
    before: float
    after: float
    difference: Interval | None
    effect: Interval | None
    words: str


class Yardstick(BaseModel):
    """Did the yardstick of the self-ratings move? `shift` is then minus before, below 0 when it became stricter."""

    n: int
    missing: int
    shift: Interval | None
    adjusted: Interval | None
    words: str


class SchoolChange(BaseModel):
    """What changed for the school; domains with fewer than five people stand in `hidden`, by their letters."""

    campaign_id: UUID
    comparison: Comparison
    words: str | None
    movements: list[Movement] = []
    hidden: list[str] = []
    yardstick: Yardstick | None = None


@router.get("/schools/{school}/my/forms/{campaign_id}/then", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def get_then_test(request: Request, school: str, campaign_id: UUID, me: Me) -> ThenTest:
    """The question on my former self, in the second wave, once my own form is given."""
    found = await actions.then_test_of(db_of(request), school, campaign_id=campaign_id, person=me.me)
    return _then_test(found, language_of(request))


@router.put("/schools/{school}/my/forms/{campaign_id}/then", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def answer_then_test(request: Request, school: str, campaign_id: UUID, given: ThenAnswers, me: Me) -> ThenTest:
    """Add answers on my former self. They never touch a level, and I may change them until the campaign closes."""
    found = await actions.answer_then_test(
        db_of(request), school, campaign_id=campaign_id, person=me.me, answers=given.answers
    )
    return _then_test(found, language_of(request))


@router.get("/schools/{school}/my/change", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def get_my_change(request: Request, school: str, cycle_id: UUID, me: Me) -> OwnChanges:
    """What changed for me between the two waves of a cycle; nobody else may read it."""
    catalogue, language, person = catalogue_of(request), language_of(request), me.me
    async with db_of(request).transaction(school) as tx:
        waves = await store.campaigns.of_cycle(tx, cycle_id)
        first, second = waves.get(domain.FIRST_WAVE), waves.get(domain.SECOND_WAVE)
        if first is None or second is None:
            comparison = Comparison.NO_SECOND_WAVE
        else:
            comparison = actions.compared(catalogue, first, second)
        changes: Mapping[str, domain.OwnChange] = {}
        if first is not None and second is not None and comparison is Comparison.COMPARABLE:
            before, after = [
                await store.profiles.measured(tx, school, campaign_id=each.campaign_id, person=person)
                for each in (first, second)
            ]
            then = await store.then_tests.of_person(tx, second.campaign_id, person)
            changes = domain.own_changes(before, after, then=then, parameters=catalogue.parameters)
    return OwnChanges(
        cycle_id=cycle_id,
        comparison=comparison,
        words=_reason(comparison, language),
        competencies=[_own(code, each, language) for code, each in changes.items()],
    )


@router.get("/schools/{school}/campaigns/{campaign_id}/change", dependencies=[require("curator", "head")])
async def get_school_change(request: Request, school: str, campaign_id: UUID) -> SchoolChange:
    """What changed for the school by a closed second wave: means with intervals, only of five people or more."""
    catalogue, language = catalogue_of(request), language_of(request)
    async with db_of(request).transaction(school) as tx:
        second = await store.campaigns.one(tx, campaign_id)
        if second is None or second.school_id != school:
            raise Missing("campaign.unknown", field="campaign_id")
        domain.check_group(second.wave, second.state)
        first = (await store.campaigns.of_cycle(tx, second.cycle_id))[domain.FIRST_WAVE]
        comparison = actions.compared(catalogue, first, second)
        if comparison is not Comparison.COMPARABLE:
            return SchoolChange(campaign_id=campaign_id, comparison=comparison, words=_reason(comparison, language))
        before, after = [await store.profiles.of_campaign(tx, each.campaign_id) for each in (first, second)]
        shift = domain.group_shift(await _ratings(tx, first, second), catalogue.parameters)
    changes = domain.group_changes(catalogue, before=before, after=after)
    return SchoolChange(
        campaign_id=campaign_id,
        comparison=comparison,
        words=None,
        movements=[_movement(letter, each, language) for letter, each in changes.items() if each is not None],
        hidden=[letter for letter, each in changes.items() if letter and each is None],
        yardstick=None if shift is None else _yardstick(shift, language),
    )


async def _ratings(tx: Tx, first: store.Campaign, second: store.Campaign) -> list[domain.OwnRatings]:
    before = await store.then_tests.own_ratings(tx, first.campaign_id)
    then = await store.then_tests.of_campaign(tx, second.campaign_id)
    after = await store.then_tests.own_ratings(tx, second.campaign_id)
    people = sorted(before.keys() | after.keys())
    return [(before.get(each, {}), then.get(each, {}), after.get(each, {})) for each in people]


def _reason(comparison: Comparison, language: Language) -> str | None:
    if comparison is Comparison.COMPARABLE:
        return None
    return language.say(f"change.{comparison.value.lower().replace('_', '-')}")


def _then_test(found: actions.ThenTest, language: Language) -> ThenTest:
    return ThenTest(
        question=language.say("then-test.question"), competencies=list(found.codes), answers=dict(found.answers)
    )


def _own(code: str, found: domain.OwnChange, language: Language) -> OwnChange:
    words = language.say(found.sentence)
    note = found.shift_sentence
    return OwnChange(
        competency=code,
        before10=found.before.level10,
        before_se10=found.before.error10,
        after10=found.after.level10,
        after_se10=found.after.error10,
        z=round(found.change.z, 2),
        is_reliable=found.change.is_reliable,
        is_gap_closed=found.is_gap_closed,
        words=f"{words} {language.say('change.gap-closed')}" if found.is_gap_closed else words,
        note=None if note is None else language.say(note),
    )


def _movement(letter: str, found: GroupChange, language: Language) -> Movement:
    return Movement(
        domain=letter or None,
        n=found.n,
        missing=found.missing,
        before=round(found.before or 0, 2),
        after=round(found.after or 0, 2),
        difference=_interval(found.difference),
        effect=_interval(found.effect),
        words=language.say(domain.group_sentence(found)),
    )


def _yardstick(found: ResponseShift, language: Language) -> Yardstick:
    return Yardstick(
        n=found.n,
        missing=found.missing,
        shift=_interval(found.shift),
        adjusted=_interval(found.adjusted),
        words=language.say(domain.yardstick_sentence(found)),
    )


def _interval(estimate: Estimate | None) -> Interval | None:
    if estimate is None:
        return None
    return Interval(value=round(estimate.value, 2), low=round(estimate.low, 2), high=round(estimate.high, 2))
