"""What a staff file would change among the people that the school already has."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.registry.staff_file import KnownPerson, MatchedBy, StaffFile, compare, read
from tests.registry.staff_exports import Cells, a_row, as_csv, lines, read_rows


def a_known(person: int = 1, **cells: str) -> KnownPerson:
    (member,) = read_rows(a_row(**cells)).people
    return KnownPerson(UUID(int=person), member)


def known_of(file: StaffFile) -> list[KnownPerson]:
    return [KnownPerson(UUID(int=place), member) for place, member in enumerate(file.people)]


def test_the_same_file_twice_changes_nothing() -> None:
    file = read_rows(a_row(), a_row(number="2", family="Петрова", category="первая", decided="01.03.2024"))

    changes = compare(known_of(file), file)

    assert (changes.new, changes.changed, changes.left, changes.conflicts) == ((), (), (), ())
    assert [change.matched_by for change in changes.unchanged] == [MatchedBy.STAFF_NUMBER] * 2


def test_unknown_person_is_new() -> None:
    changes = compare([], read_rows(a_row()))

    assert [member.staff_number for member in changes.new] == ["101"]


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        ({"family": "Петрова"}, ("family_name",)),
        ({"rate": "0,5"}, ("positions",)),
        ({"subjects": "Физика"}, ("positions",)),
        ({"years": "16"}, ("teaching_years",)),
        ({"category": "первая", "decided": "01.03.2024"}, ("category",)),
        ({"form": "5А", "email": "a@example.org"}, ("is_class_teacher", "email")),
        ({"leave": "01.09.2025–31.08.2026"}, ("leave_from", "leave_to")),
        ({"family": "ИВАНОВА", "given": "Мария "}, ()),
        ({"number": "0101"}, ()),
    ],
)
def test_change_names_its_fields(cells: dict[str, str], fields: tuple[str, ...]) -> None:
    changes = compare([a_known()], read_rows(a_row(**cells)))

    assert [change.fields for change in (*changes.changed, *changes.unchanged)] == [fields]


def test_yo_and_ye_are_one_letter() -> None:
    changes = compare([a_known(family="Семёнова", number="")], read_rows(a_row(family="Семенова", number="")))

    assert [change.member.family_name for change in changes.unchanged] == ["Семёнова"]


def test_empty_cell_takes_no_address_away() -> None:
    changes = compare([a_known(email="a@example.org")], read_rows(a_row(email="", years="16")))

    assert [change.member.email for change in changes.changed] == ["a@example.org"]


def test_ended_category_and_leave_are_changes() -> None:
    known = a_known(category="первая", decided="01.03.2024", leave="01.09.2025–31.08.2026")

    changes = compare([known], read_rows(a_row()))

    assert [change.fields for change in changes.changed] == [("category", "leave_from", "leave_to")]


def test_column_that_the_file_does_not_have_changes_nothing() -> None:
    known = a_known(category="первая", decided="01.03.2024", rate="0,5", form="5А")
    rows = [["Табельный №", "ФИО", "Должность"], ["101", "Иванова Мария Петровна", "Учитель"]]

    changes = compare([known], read(as_csv(rows), "staff.csv"))

    assert [change.member for change in changes.unchanged] == [known.member]


def test_without_a_number_name_and_day_of_hiring_match() -> None:
    changes = compare([a_known()], read_rows(a_row(number="")))

    assert [(change.matched_by, change.fields) for change in changes.unchanged] == [(MatchedBy.NAME_AND_HIRED_ON, ())]


def test_new_number_under_the_same_name_and_day_is_a_change_to_look_at() -> None:
    changes = compare([a_known()], read_rows(a_row(number="555")))

    assert [(change.matched_by, change.fields) for change in changes.changed] == [
        (MatchedBy.NAME_AND_HIRED_ON, ("staff_number",))
    ]


def test_person_entered_by_hand_is_found_by_name_alone() -> None:
    by_hand = replace(a_known().member, staff_number=None, hired_on=None)

    changes = compare([KnownPerson(UUID(int=1), by_hand)], read_rows(a_row()))

    assert [(change.matched_by, change.fields) for change in changes.changed] == [
        (MatchedBy.NAME, ("staff_number", "hired_on"))
    ]


def test_name_alone_does_not_choose_between_two() -> None:
    def by_hand(person: int) -> KnownPerson:
        return KnownPerson(UUID(int=person), replace(a_known().member, staff_number=None, hired_on=None))

    changes = compare([by_hand(1), by_hand(2)], read_rows(a_row()))

    assert [(conflict.slug, conflict.person_ids) for conflict in changes.conflicts] == [
        ("staff-file.match-unclear", (UUID(int=1), UUID(int=2)))
    ]
    assert changes.new == ()


def test_one_known_person_does_not_become_two_namesakes() -> None:
    by_hand = replace(a_known().member, staff_number=None, hired_on=None)
    file = read_rows(a_row(number="1"), a_row(number="2", hired="01.09.2020"))

    changes = compare([KnownPerson(UUID(int=1), by_hand)], file)

    assert [conflict.member.staff_number for conflict in changes.conflicts] == ["1", "2"]
    assert (changes.new, changes.changed) == ((), ())


def test_namesake_with_a_number_of_its_own_is_new() -> None:
    changes = compare([a_known()], read_rows(a_row(), a_row(number="2", hired="01.09.2024")))

    assert [member.staff_number for member in changes.new] == ["2"]
    assert len(changes.unchanged) == 1


def test_number_that_went_to_another_person_is_a_conflict() -> None:
    changes = compare([a_known()], read_rows(a_row(family="Орлов", given="Пётр", patronymic="Ильич")))

    assert [conflict.slug for conflict in changes.conflicts] == ["staff-file.number-reused"]
    assert (changes.left, changes.new) == ((), ())


def test_only_counted_people_with_a_number_leave() -> None:
    known = [
        a_known(1, number="1", family="Белова"),
        a_known(2, number="", family="Котова"),
        a_known(3, number="3", family="Юдина", employment="внешн. совм."),
        a_known(4, number="4", family="Зуева", title="Директор"),
    ]

    changes = compare(known, read_rows(a_row()))

    assert [person.person_id for person in changes.left] == [UUID(int=1)]


def test_order_does_not_depend_on_the_order_of_the_known() -> None:
    rows: list[Cells] = [a_row(number=str(place), given=name) for place, name in enumerate(("Анна", "Вера", "Зоя"), 1)]
    file = read(as_csv(lines(*rows[:2])), "staff.csv")
    known = [a_known(place, number=str(place), years="1", given=rows[place - 1]["Имя"]) for place in (1, 2, 3)]

    assert compare(known, file) == compare(list(reversed(known)), file)


def test_applied_changes_leave_nothing_to_change() -> None:
    file = read_rows(a_row(years="16", subjects="Физика", category="высшая", decided="01.03.2024"))

    (change,) = compare([a_known(email="a@example.org")], file).changed
    again = compare([KnownPerson(change.person_id, change.member)], file)

    assert (again.changed, len(again.unchanged)) == ((), 1)
