"""A person's sitting of a test: which form, which tasks in which order, what is right, and when it is done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from chassis.refusals import Conflict, Invalid
from services.diagnostics.domain.campaign import FIRST_WAVE
from services.diagnostics.domain.items import FORMS, Item, ItemBank, Kind, TestForm
from services.diagnostics.scoring import Reading, reading_of_test

# Positions of options from 0, for an ordering in the order that was given; an empty choice is "I do not know".
Choice = tuple[int, ...]


class SittingState(StrEnum):
    """How far a person has come with a test."""

    NOT_BEGUN = "NOT_BEGUN"
    BEGUN = "BEGUN"
    FINISHED = "FINISHED"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a person chose for the tasks of a test, by item, as far as the sitting has come."""

    choices: Mapping[str, Choice]
    is_final: bool = False


def letter_for(cycle_id: UUID, person_id: UUID, *, wave: int) -> str:
    """Form A or B: a lot by cycle and person for the first wave, and always the other form for the second.

    Both forms share anchors, so that the two waves can be compared and still are not the same test (D2.6).
    """
    lot = sha256(f"{cycle_id}:{person_id}".encode()).digest()[0]
    return FORMS[(lot + wave - FIRST_WAVE) % len(FORMS)]


def offered_tests(bank: ItemBank, codes: Iterable[str], *, letter: str) -> dict[str, TestForm]:
    """The tests that the bank holds for a person's competencies, in their order."""
    return {code: bank.forms[code, letter] for code in codes if (code, letter) in bank.forms}


def in_order(form: TestForm, *, seed: str) -> tuple[Item, ...]:
    """The tasks as one person meets them; the seed alone decides, so that another device shows the same."""
    return tuple(sorted(form.items, key=lambda item: sha256(f"{seed}:{item.id}".encode()).digest()))


def answer(form: TestForm, known: Answered, new: Answered) -> Answered | None:
    """What has been chosen with the new choices added; `None` when nothing changes.

    Refused as `test.unknown-item`, `test.choice-unfit`, `test.already-finished`, or for a finish with tasks that
    were passed over as `test.unanswered` with their ids.
    """
    choices = {**known.choices, **new.choices}
    if known.is_final:
        if choices == known.choices:
            return None
        raise Conflict("test.already-finished", field="answers")
    _check(form, new.choices)
    left = [item.id for item in form.items if item.id not in choices]
    if new.is_final and left:
        raise Invalid("test.unanswered", field="answers", items=left, count=len(left))
    if choices == known.choices and not new.is_final:
        return None
    return Answered(choices, is_final=new.is_final)


def _check(form: TestForm, choices: Mapping[str, Choice]) -> None:
    items = {item.id: item for item in form.items}
    for item_id, choice in choices.items():
        if item_id not in items:
            raise Invalid("test.unknown-item", field="answers", item=item_id)
        if not _does_choice_suit(items[item_id], choice):
            raise Invalid("test.choice-unfit", field=f"answers.{item_id}", item=item_id)


def _does_choice_suit(item: Item, choice: Choice) -> bool:
    places = set(choice)
    if len(places) != len(choice) or not places <= set(range(len(item.options))):
        return False
    if item.kind is Kind.ONE:
        return len(choice) <= 1
    if item.kind is Kind.ORDER:
        return not choice or len(choice) == len(item.options)
    return True


def is_right(item: Item, choice: Choice) -> bool:
    """Is a task solved? Several right options count together or not at all, an order only as a whole."""
    if item.kind is Kind.ORDER:
        return choice == item.key
    return set(choice) == set(item.key)


def right_count(form: TestForm, choices: Mapping[str, Choice]) -> int:
    """How many tasks of a form are solved."""
    return sum(is_right(item, choices.get(item.id, ())) for item in form.items)


def readings_of_tests(results: Mapping[str, tuple[int, int]]) -> dict[str, tuple[Reading, ...]]:
    """What finished tests say, by competency; each result is right answers of so many tasks."""
    found = {code: reading_of_test(right, tasks) for code, (right, tasks) in results.items()}
    return {code: (reading,) for code, reading in found.items() if reading is not None}
