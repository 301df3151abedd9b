"""The rules of a sitting: two forms for two waves, one order per person, what is right, what may be finished."""

from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from chassis.refusals import Conflict, Invalid
from services import diagnostics
from services.diagnostics.domain import (
    Answered,
    Instrument,
    Instruments,
    Item,
    answer,
    in_order,
    is_right,
    items,
    letter_for,
    load_catalogue,
    load_instruments,
    offered_tests,
    readings_of_tests,
    right_count,
)
from services.diagnostics.domain.items import Kind
from services.diagnostics.scoring import SourceKind

SHIPPED = Path(str(diagnostics.__file__)).parent / "catalogue" / "2026.1"


@cache
def instruments() -> Instruments:
    return load_instruments(SHIPPED, load_catalogue(SHIPPED))


def a_form(letter: str = "A", code: str = "I01") -> items.TestForm:
    return instruments().bank.forms[code, letter]


def an_item(kind: Kind) -> Item:
    return next(item for item in instruments().bank.items.values() if item.kind is kind)


def all_right(form: items.TestForm) -> dict[str, tuple[int, ...]]:
    return {item.id: item.key for item in form.items}


def test_second_wave_brings_the_other_form() -> None:
    people = [(uuid4(), uuid4()) for _ in range(50)]

    both = {(letter_for(*each, wave=1), letter_for(*each, wave=2)) for each in people}

    assert both == {("A", "B"), ("B", "A")}


def test_form_is_drawn_by_cycle_and_person_alone() -> None:
    cycle, person = UUID(int=1), UUID(int=2)

    assert {letter_for(cycle, person, wave=1) for _ in range(3)} == {letter_for(cycle, person, wave=1)}
    assert {letter_for(UUID(int=each), person, wave=1) for each in range(30)} == {"A", "B"}


def test_person_is_tested_on_own_competencies_with_a_test_only() -> None:
    found = offered_tests(instruments().bank, ("M02", "I01", "S03.CHE", "S03.PHY", "D11"), letter="B")

    assert list(found) == ["I01", "S03.CHE", "D11"]
    assert {form.letter for form in found.values()} == {"B"}


def test_tasks_stand_in_one_order_per_person() -> None:
    form = a_form()

    orders = [in_order(form, seed=seed) for seed in ("a", "a", "b")]

    assert orders[0] == orders[1] != orders[2]
    assert sorted(item.id for item in orders[2]) == sorted(item.id for item in form.items)


@pytest.mark.parametrize("kind", list(Kind))
def test_only_the_whole_key_is_right(kind: Kind) -> None:
    item = an_item(kind)
    others = tuple(place for place in range(len(item.options)) if place not in item.key)

    assert is_right(item, item.key)
    assert not is_right(item, ())
    assert not is_right(item, item.key[:-1])
    assert not is_right(item, (*item.key, *others[:1]) if others else item.key[::-1])
    assert is_right(item, item.key[::-1]) is (kind is not Kind.ORDER)


def test_choices_come_one_by_one_and_may_be_changed() -> None:
    form = a_form()
    first, second = form.items[0].id, form.items[1].id

    begun = answer(form, Answered({}), Answered({first: (0,)}))
    assert begun is not None
    changed = answer(form, begun, Answered({first: (1,), second: ()}))

    assert changed == Answered({first: (1,), second: ()})
    assert answer(form, changed, Answered({first: (1,)})) is None


@pytest.mark.parametrize("choice", [(0, 1), (7,), (-1,), (0, 0)])
def test_choice_that_the_task_cannot_have_is_refused(choice: tuple[int, ...]) -> None:
    form = a_form()
    item = next(item for item in form.items if item.kind is Kind.ONE)

    with pytest.raises(Invalid) as refused:
        answer(form, Answered({}), Answered({item.id: choice}))

    assert (refused.value.slug, refused.value.field) == ("test.choice-unfit", f"answers.{item.id}")


def test_half_an_order_is_refused() -> None:
    form = a_form()
    item = next(item for item in form.items if item.kind is Kind.ORDER)

    with pytest.raises(Invalid) as refused:
        answer(form, Answered({}), Answered({item.id: item.key[:-1]}))

    assert refused.value.slug == "test.choice-unfit"


def test_task_of_the_other_form_is_refused() -> None:
    stranger = next(item for item in a_form("B").items if not item.is_anchor)

    with pytest.raises(Invalid) as refused:
        answer(a_form("A"), Answered({}), Answered({stranger.id: ()}))

    assert refused.value.slug == "test.unknown-item"


def test_test_with_tasks_passed_over_is_not_finished() -> None:
    form = a_form()
    first, *rest = form.items

    with pytest.raises(Invalid) as refused:
        answer(form, Answered({first.id: ()}), Answered({}, is_final=True))

    assert refused.value.slug == "test.unanswered"
    assert refused.value.facts == {"items": [item.id for item in rest], "count": len(rest)}


def test_finished_test_changes_no_more() -> None:
    form = a_form()
    done = answer(form, Answered({}), Answered(all_right(form), is_final=True))
    assert done is not None

    with pytest.raises(Conflict) as refused:
        answer(form, done, Answered({form.items[0].id: ()}))

    assert refused.value.slug == "test.already-finished"
    assert answer(form, done, Answered(all_right(form), is_final=True)) is None


def test_result_is_a_reading_of_as_many_tasks() -> None:
    form = a_form()
    half = dict(list(all_right(form).items())[:4])

    right = right_count(form, half)
    (reading,) = readings_of_tests({"I01": (right, len(form.items))})["I01"]

    assert (right, len(form.items)) == (4, 8)
    assert (reading.kind, reading.level, reading.count) == (SourceKind.TST, 3.0, 8)


def test_largest_form_stays_within_twenty_five_minutes() -> None:
    assert instruments().minutes(Instrument.SELF, instruments().catalogue.forms.most) <= 25
    assert instruments().minutes(Instrument.TEST, 0) == 0
    assert instruments().minutes(Instrument.TEST, 8) == 8
