"""How rows become people, who is counted, and which role profile is guessed."""

from datetime import date

import pytest

from services.registry.staff_file import Category, RoleProfile
from tests.registry.staff_exports import a_row, only, read_rows, slugs


def test_rows_of_one_number_are_one_person_with_two_posts() -> None:
    second = a_row(number="0101", title="Методист", subjects="", rate="0,5", employment="внутр. совм.")

    member = only(read_rows(a_row(number="101"), second))

    assert [(position.title, position.rate) for position in member.positions] == [("Учитель", 1.0), ("Методист", 0.5)]
    assert member.rows == (2, 3)


def test_without_numbers_name_and_day_of_hiring_make_one_person() -> None:
    first = a_row(number="", family="Семёнова")
    second = a_row(number="", family="СЕМЕНОВА", title="Методист")

    assert len(only(read_rows(first, second)).positions) == 2


def test_row_without_number_joins_the_numbered_one() -> None:
    member = only(read_rows(a_row(number="", title="Методист"), a_row()))

    assert (member.staff_number, len(member.positions)) == ("101", 2)


def test_row_without_number_that_fits_two_people_is_an_error() -> None:
    file = read_rows(a_row(number="1"), a_row(number="2"), a_row(number="", title="Методист"))

    assert [(problem.row, problem.slug) for problem in file.errors] == [(4, "staff-file.number-needed")]


def test_namesakes_with_their_own_numbers_stay_two() -> None:
    file = read_rows(a_row(number="1"), a_row(number="2"))

    assert [member.staff_number for member in file.people] == ["1", "2"]
    assert slugs(file.warnings) == ["staff-file.namesakes"]
    assert file.warnings[0].facts == {"other_row": 2}


def test_namesakes_hired_on_other_days_stay_two() -> None:
    file = read_rows(a_row(number=""), a_row(number="", hired="01.09.2015"))

    assert len(file.people) == 2


def test_one_number_under_two_names_is_an_error() -> None:
    file = read_rows(a_row(), a_row(given="Ольга"))

    assert [(problem.row, problem.column) for problem in file.errors] == [(3, "Табельный №")]
    assert slugs(file.errors) == ["staff-file.number-shared"]


def test_repeated_row_is_one_post_and_a_warning() -> None:
    file = read_rows(a_row(), a_row())

    assert len(only(file).positions) == 1
    assert slugs(file.warnings) == ["staff-file.row-twice"]


def test_facts_of_a_person_are_gathered_from_all_rows() -> None:
    first = a_row(category="первая", decided="01.03.2024", hired="01.09.2012", years="10")
    second = a_row(title="Методист", category="высшая", decided="01.02.2024", years="12", email="A.B@example.org")

    member = only(read_rows(first, second))

    assert member.category == Category("CATH", date(2024, 2, 1), None, None)
    assert (member.hired_on, member.teaching_years, member.email) == (date(2010, 9, 1), 12, "a.b@example.org")


def test_address_of_two_people_is_taken_for_nobody() -> None:
    file = read_rows(a_row(email="school@example.org"), a_row(number="2", given="Анна", email="school@example.org"))

    assert [member.email for member in file.people] == [None, None]
    assert slugs(file.warnings) == ["staff-file.email-shared"]


@pytest.mark.parametrize(
    ("title", "employment", "is_counted"),
    [
        ("Учитель физики", "основная", True),
        ("Учитель физики", "внутр. совм.", True),
        ("Учитель физики", "внешн. совм.", False),
        ("Учитель физики", "ГПХ", False),
        ("Педагог-библиотекарь", "основная", True),
        ("Библиотекарь", "основная", False),
        ("Секретарь учебной части", "основная", False),
        ("Заместитель директора по УВР", "основная", False),
        ("Директор", "основная", False),
    ],
)
def test_staff_is_counted_as_form_oo_1_counts_it(title: str, employment: str, is_counted: bool) -> None:
    assert only(read_rows(a_row(title=title, employment=employment))).counts_in_staff is is_counted


def test_deputy_who_teaches_is_counted_once() -> None:
    lessons = a_row(employment="внутр. совм.", rate="0,3")

    member = only(read_rows(a_row(title="Заместитель директора по УВР"), lessons))

    assert member.counts_in_staff
    assert member.role_profile is RoleProfile.DEPUTY_HEAD


@pytest.mark.parametrize(
    ("title", "subjects", "years", "profile"),
    [
        ("Учитель", "Математика", "15", RoleProfile.SUBJECT_TEACHER),
        ("Учитель", "Математика", "3", RoleProfile.YOUNG_TEACHER),
        ("Учитель", "Математика", "3,5", RoleProfile.SUBJECT_TEACHER),
        ("Учитель", "Математика", "", RoleProfile.SUBJECT_TEACHER),
        ("Учитель", "Начальные классы", "15", RoleProfile.PRIMARY_TEACHER),
        ("Учитель начальных классов", "", "0", RoleProfile.YOUNG_TEACHER),
        ("Преподаватель-организатор ОБЗР", "", "9", RoleProfile.SUBJECT_TEACHER),
        ("Педагог доп. образования", "", "9", RoleProfile.EXTRA_EDUCATION),
        ("Педагог дополнительного образования", "", "1", RoleProfile.EXTRA_EDUCATION),
        ("Педагог-психолог", "", "1", RoleProfile.SUPPORT_SPECIALIST),
        ("Учитель-логопед", "", "9", RoleProfile.SUPPORT_SPECIALIST),
        ("Социальный педагог", "", "9", RoleProfile.SUPPORT_SPECIALIST),
        ("Методист", "", "9", RoleProfile.METHODIST),
        ("Учитель, председатель МО", "Физика", "9", RoleProfile.METHODIST),
        ("Зам. директора по ВР", "", "9", RoleProfile.DEPUTY_HEAD),
        ("Заместитель директора по АХР", "", "", None),
        ("Помощник воспитателя", "", "", None),
        ("Лаборант кабинета физики", "", "", None),
        ("Секретарь", "", "", None),
    ],
)
def test_role_profile_is_guessed(title: str, subjects: str, years: str, profile: RoleProfile | None) -> None:
    assert only(read_rows(a_row(title=title, subjects=subjects, years=years))).role_profile is profile
