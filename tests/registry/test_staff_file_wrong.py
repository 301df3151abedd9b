"""Cells that are wrong: each is told by row and column, none is quoted."""

import pytest

from services.registry.staff_file import read
from tests.registry.staff_exports import a_row, as_csv, lines, read_rows, slugs


@pytest.mark.parametrize(
    ("cells", "column", "slug"),
    [
        ({"family": ""}, "Фамилия", "cell-empty"),
        ({"given": "-"}, "Имя", "cell-empty"),
        ({"title": ""}, "Должность", "cell-empty"),
        ({"family": '=HYPERLINK("x")'}, "Фамилия", "formula"),
        ({"given": "+7"}, "Имя", "formula"),
        ({"patronymic": "@SUM(A1)"}, "Отчество", "formula"),
        ({"title": "=1+1"}, "Должность", "formula"),
        ({"number": "-2+3+cmd|' /C calc'!A0"}, "Табельный №", "formula"),
        ({"subjects": "=cmd|' /C calc'!A0"}, "Предмет(ы)", "formula"),
        ({"rate": "=0,5+0,5"}, "Ставка", "formula"),
        ({"hired": "=TODAY()"}, "Дата приёма", "formula"),
        ({"form": "=A1"}, "Классное руководство", "formula"),
        ({"email": '=HYPERLINK("http://example.org")'}, "E-mail", "formula"),
        ({"family": "Иванова1"}, "Фамилия", "name-not-letters"),
        ({"family": "<b>Иванова</b>"}, "Фамилия", "name-not-letters"),
        ({"given": "М."}, "Имя", "name-has-initials"),
        ({"given": "М.П."}, "Имя", "name-has-initials"),
        ({"title": "у" * 251}, "Должность", "text-too-long"),
        ({"subjects": "," * 100_000}, "Предмет(ы)", "text-too-long"),
        ({"number": "", "hired": ""}, "Табельный №", "identity-missing"),
        ({"hired": "31.02.2020"}, "Дата приёма", "date-unclear"),
        ({"hired": "01.09.15"}, "Дата приёма", "date-unclear"),
        ({"hired": "09/01/2015"}, "Дата приёма", "date-unclear"),
        ({"hired": "01.09.0215"}, "Дата приёма", "date-unclear"),
        ({"rate": "18"}, "Ставка", "rate-unclear"),
        ({"rate": "0"}, "Ставка", "rate-unclear"),
        ({"years": "давно"}, "Педстаж", "years-unclear"),
        ({"years": "99"}, "Педстаж", "years-unclear"),
        ({"employment": "совместитель"}, "Вид занятости", "employment-unknown"),
        ({"category": "третья"}, "Категория", "category-unknown"),
        ({"category": "первая", "decided": "01.01.2022", "until": "01.01.2021"}, "Срок до", "dates-reversed"),
        ({"leave": "01.09.2025–31.08.2024"}, "Длительный отпуск (с–по)", "dates-reversed"),
        ({"leave": "декрет"}, "Длительный отпуск (с–по)", "period-unclear"),
        ({"form": "возможно"}, "Классное руководство", "flag-unclear"),
    ],
)
def test_wrong_cell_is_an_error_at_its_row_and_column(cells: dict[str, str], column: str, slug: str) -> None:
    file = read_rows(a_row(), a_row(**{"number": "2", **cells}))

    assert [(problem.row, problem.column, problem.slug) for problem in file.errors] == [
        (3, column, f"staff-file.{slug}")
    ]


@pytest.mark.parametrize(
    ("cells", "slug"),
    [
        ({"employment": ""}, "employment-empty"),
        ({"email": "не-почта"}, "email-unclear"),
        ({"category": "вторая"}, "category-abolished"),
        ({"category": "первая"}, "category-undated"),
    ],
)
def test_doubtful_cell_is_a_warning_and_the_person_stays(cells: dict[str, str], slug: str) -> None:
    file = read_rows(a_row(**cells))

    assert len(file.people) == 1
    assert (slugs(file.errors), slugs(file.warnings)) == ([], [f"staff-file.{slug}"])


@pytest.mark.parametrize("given", ["Ян", "Ия", "Ли", "Анна-Мария", "Д'Артаньян"])
def test_short_and_rare_names_are_names(given: str) -> None:
    assert read_rows(a_row(given=given)).errors == ()


def test_wrong_date_keeps_the_person_so_that_nobody_seems_to_have_left() -> None:
    file = read_rows(a_row(hired="вчера"))

    assert [member.staff_number for member in file.people] == ["101"]


def test_no_problem_quotes_a_cell() -> None:
    secret = "Тайна"
    file = read_rows(a_row(subjects=secret, rate=secret, category=secret, email=secret, form=secret, hired=secret))

    assert len(file.problems) == 6
    assert secret not in repr(file.problems)


def test_columns_that_are_not_needed_repeated_or_absent_are_told() -> None:
    rows = [["ID", "ФИО", "ФИО", "Должность", "СНИЛС", "Дата рождения"], ["1", "Иванова Анна", "", "Учитель", "", ""]]

    warnings = read(as_csv(rows), "staff.csv").warnings

    assert [(warning.column, warning.slug) for warning in warnings] == [
        ("", "staff-file.columns-absent"),
        ("Дата рождения", "staff-file.column-unwanted"),
        ("СНИЛС", "staff-file.column-unwanted"),
        ("ФИО", "staff-file.column-twice"),
    ]


def test_of_each_kind_the_first_are_told_and_all_are_counted() -> None:
    rows = lines(*(a_row(number=str(number), rate="много") for number in range(1, 302)))

    file = read(as_csv(rows), "staff.csv", most_of_a_kind=10)

    assert [problem.row for problem in file.errors] == list(range(2, 12))
    assert (file.count("error"), file.times["staff-file.rate-unclear", "error"]) == (301, 301)
    assert file.count("warning") == 300


@pytest.mark.parametrize(
    "title",
    ["СНИЛС", "Паспорт, серия и номер", "Дата рождения", "Год рождения", "Номер телефона", "Мобильный", "ИНН"],
)
def test_column_that_should_not_travel_is_told_and_not_read(title: str) -> None:
    rows = [["ID", "ФИО", "Должность", title], ["1", "Иванова Анна", "Учитель", "000"]]

    file = read(as_csv(rows), "staff.csv")

    assert ("staff-file.column-unwanted", title) in [(one.slug, one.column) for one in file.warnings]
    assert "000" not in repr(file.people)


def test_unseen_signs_are_dropped_from_what_is_kept() -> None:
    rows = [["ID", "ФИО", "Должность"], ["1\u200b", "Ива\u00adнова \u202eАнна", "Учитель\u0007 физики"]]

    (member,) = read(as_csv(rows), "staff.csv").people

    assert (member.staff_number, member.family_name, member.given_name) == ("1", "Иванова", "Анна")
    assert member.positions[0].title == "Учитель физики"
