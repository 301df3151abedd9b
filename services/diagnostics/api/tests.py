"""Doors of everyone at the school: my tests, taken task by task on whatever device."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field, StrictBool

from chassis.doors import doors
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.refusals import Missing
from services.diagnostics import actions, domain, store
from services.diagnostics.api.doors import db_of, instruments_of
from services.diagnostics.domain import Answered, Choice, Instrument, Instruments, Item, SittingState, TestForm
from services.diagnostics.domain.items import LETTERS, Kind, positions_of

router = doors()

Option = Annotated[str, Field(pattern="^[a-h]$", examples=["b"])]
ItemId = Annotated[str, Field(min_length=1, max_length=40, examples=["M03-01"])]


class Choices(BaseModel):
    """Letters of chosen options by task: one, several, or all in my order; an empty list is "I do not know".

    With `is_final` the test is finished, which needs something chosen for every task.
    """

    answers: dict[ItemId, Annotated[list[Option], Field(max_length=8)]] = Field(default={}, max_length=40)
    is_final: StrictBool = False


class TestLine(BaseModel):
    """A test that a campaign asks of me, and how far I have come; minutes are an estimate by the number of tasks."""

    competency: str
    state: SittingState
    form: str
    tasks: int
    answered: int
    minutes: int
    minutes_left: int


class TaskOption(BaseModel):
    """One of the options of a task."""

    option: str
    ru: str
    en: str


class Task(BaseModel):
    """A task as I see it. What is right, and why, is told when the test is finished and not before."""

    item: str
    kind: Kind
    ru: str
    en: str
    options: list[TaskOption]
    chosen: list[str] | None
    is_right: bool | None = None
    key: list[str] | None = None
    explanation_ru: str | None = None
    explanation_en: str | None = None
    basis: str | None = None


class Test(TestLine):
    """A test with its tasks, in the order in which I meet them on every device; no tasks before it is begun."""

    items: list[Task]
    right: int | None = None


@router.get("/schools/{school}/my/tests/{campaign_id}", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def list_my_tests(request: Request, school: str, campaign_id: UUID, me: Me) -> list[TestLine]:
    """The tests that a campaign asks of me, with minutes."""
    part, sittings = await _mine(request, school, campaign_id, me.me)
    instruments = instruments_of(request)
    tests = actions.tests_of(instruments, part)
    return [_line(instruments, form, sittings.get(code)) for code, form in tests.items()]


@router.get("/schools/{school}/my/tests/{campaign_id}/{competency}", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def get_my_test(request: Request, school: str, campaign_id: UUID, competency: str, me: Me) -> Test:
    """A test where I left it; with explanations once it is finished."""
    part, sittings = await _mine(request, school, campaign_id, me.me)
    form = actions.tests_of(instruments_of(request), part).get(competency)
    if form is None:
        raise Missing("test.unknown", field="competency")
    return _test(instruments_of(request), form, sittings.get(competency), person=me.me)


@router.put("/schools/{school}/my/tests/{campaign_id}/{competency}", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def take_test(request: Request, school: str, campaign_id: UUID, competency: str, given: Choices, me: Me) -> Test:
    """Begin a test with nothing chosen, keep choices task by task, finish with `is_final`. A repeat is harmless."""
    key = store.SittingKey(campaign_id, me.me, competency)
    new = Answered({item: positions_of(letters) for item, letters in given.answers.items()}, is_final=given.is_final)
    form = await actions.sit_test(db_of(request), instruments_of(request), school, key=key, new=new)
    _, sittings = await _mine(request, school, campaign_id, me.me)
    return _test(instruments_of(request), form, sittings.get(competency), person=me.me)


async def _mine(
    request: Request, school: str, campaign_id: UUID, person: UUID
) -> tuple[store.Part, Mapping[str, store.Sitting]]:
    async with db_of(request).transaction(school) as tx:
        part = await store.sheets.seen_part(tx, school, campaign_id, person)
        if part is None:
            raise Missing("sheet.unknown", field="campaign_id")
        return part, await store.sittings.of_person(tx, campaign_id, person)


def _line(instruments: Instruments, form: TestForm, sitting: store.Sitting | None) -> TestLine:
    tasks, answered = len(form.items), len(sitting.choices) if sitting else 0
    is_finished = sitting is not None and sitting.state is SittingState.FINISHED
    return TestLine(
        competency=form.competency,
        state=sitting.state if sitting else SittingState.NOT_BEGUN,
        form=form.letter,
        tasks=tasks,
        answered=answered,
        minutes=instruments.minutes(Instrument.TEST, tasks),
        minutes_left=0 if is_finished else instruments.minutes(Instrument.TEST, tasks - answered),
    )


def _test(instruments: Instruments, form: TestForm, sitting: store.Sitting | None, *, person: UUID) -> Test:
    line = _line(instruments, form, sitting)
    if sitting is None:
        return Test(**line.model_dump(), items=[])
    is_finished = sitting.state is SittingState.FINISHED
    items = domain.in_order(form, seed=f"{person}:{form.competency}")
    show = _solved if is_finished else _task
    return Test(
        **line.model_dump(),
        items=[show(item, sitting.choices.get(item.id)) for item in items],
        right=domain.right_count(form, sitting.choices) if is_finished else None,
    )


def _task(item: Item, choice: Choice | None) -> Task:
    return Task(
        item=item.id,
        kind=item.kind,
        ru=item.question.ru,
        en=item.question.en,
        options=[
            TaskOption(option=LETTERS[place], ru=option.ru, en=option.en) for place, option in enumerate(item.options)
        ],
        chosen=None if choice is None else _letters(choice),
    )


def _solved(item: Item, choice: Choice | None) -> Task:
    told = {
        "is_right": domain.is_right(item, choice or ()),
        "key": _letters(item.key),
        "explanation_ru": item.explanation.ru,
        "explanation_en": item.explanation.en,
        "basis": item.basis,
    }
    return _task(item, choice).model_copy(update=told)


def _letters(places: Choice) -> list[str]:
    return [LETTERS[place] for place in places]
