"""How a staff export is found, decoded and understood cell by cell."""

import io
from collections.abc import Callable
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from services.registry.staff_file import Category, Column, Employment, Position, read
from services.registry.staff_file.columns import TITLES, column_called
from tests.registry.staff_exports import a_row, as_csv, as_xlsx, lines, only, read_rows, slugs


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "cp866"])
def test_each_encoding_and_separator_tells_the_same(encoding: str, separator: str) -> None:
    rows = lines(a_row(family="Ёлкина", subjects="История, обществознание; право"))
    rows[0] = [title.replace("–", "-") for title in rows[0]]

    member = only(read(as_csv(rows, encoding, separator), "staff.csv"))

    assert member.family_name == "Ёлкина"
    assert member.positions == (Position("Учитель", ("HIS", "SOC"), 1.0, Employment.MAIN),)


def test_file_says_its_encoding_kind_and_hash() -> None:
    content = as_csv(lines(a_row()), "cp1251")

    file = read(content, "staff.csv")

    assert (file.kind, file.encoding, file.rows_read) == ("csv", "cp1251", 1)
    assert len(file.sha256) == 64
    assert Column.EMAIL in file.columns


@pytest.mark.parametrize("above", range(10))
def test_header_may_stand_in_any_of_the_first_ten_rows(above: int) -> None:
    titles = [["Список работников", ""]] + [[]] * above
    content = as_csv([*titles[:above], *lines(a_row(rate="много"))])

    file = read(content, "staff.csv")

    assert [(problem.row, problem.column) for problem in file.errors] == [(above + 2, "Ставка")]


@pytest.mark.parametrize("title", ["Фамилия Имя Отчество", "ФИО", "Ф.И.О.", "  фамилия,  имя, отчество сотрудника "])
def test_one_column_may_hold_the_whole_name(title: str) -> None:
    rows = [["Таб. №", title, "ДОЛЖНОСТЬ."], ["7", "Мамедов  Али Гусейн оглы", "Учитель физики"]]

    member = only(read(as_csv(rows), "staff.csv"))

    assert (member.family_name, member.given_name, member.patronymic) == ("Мамедов", "Али", "Гусейн оглы")
    assert member.positions[0].subjects == ("PHY",)


@pytest.mark.parametrize(
    ("column", "title"),
    [
        ("Табельный №", "ID"),
        ("Табельный №", "таб.  №"),
        ("Дата приёма", "дата приема на работу"),
        ("Педстаж", "Педагогический стаж, лет"),
        ("№ приказа", "N приказа"),
        ("E-mail", "Электронная почта"),
        ("Предмет(ы)", "преподаваемые предметы:"),
        ("Срок до", "Действует до"),
    ],
)
def test_column_titles_have_synonyms(column: str, title: str) -> None:
    rows = lines(a_row())
    known = read(as_csv(rows), "staff.csv").columns
    rows[0][rows[0].index(column)] = title

    assert read(as_csv(rows), "staff.csv").columns == known


def test_xlsx_keeps_real_dates_and_numbers() -> None:
    rows: list[list[object]] = [list(line) for line in lines(a_row())]
    rows[1][rows[0].index("Табельный №")] = 101
    rows[1][rows[0].index("Дата приёма")] = datetime(2012, 8, 27, 10, 30)  # noqa: DTZ001 - a workbook knows no time zones
    rows[1][rows[0].index("Ставка")] = 0.75
    rows[1][rows[0].index("Классное руководство")] = True

    member = only(read(as_xlsx([[], *rows]), "staff.xlsx"))

    assert (member.staff_number, member.hired_on, member.is_class_teacher) == ("101", date(2012, 8, 27), True)
    assert (member.positions[0].rate, member.rows) == (0.75, (3,))


@pytest.mark.parametrize(
    "text", ["27.08.2012", "27.8.2012", "2012-08-27", "2012-08-27T00:00:00", "27.08.2012 0:00:00", "27.08.2012 г."]
)
def test_dates_are_written_in_several_ways(text: str) -> None:
    assert only(read_rows(a_row(hired=text))).hired_on == date(2012, 8, 27)


@pytest.mark.parametrize(
    ("text", "years"),
    [("12", 12), ("5,5", 5.5), ("0", 0), ("5 лет 3 мес.", 5.25), ("31 год", 31), ("11 мес", 0.92), ("2 г. 6 м.", 2.5)],
)
def test_years_of_teaching_are_written_in_several_ways(text: str, years: float) -> None:
    assert only(read_rows(a_row(years=text))).teaching_years == years


@pytest.mark.parametrize(
    ("text", "employment"),
    [
        ("Основная", Employment.MAIN),
        ("основное место работы", Employment.MAIN),
        ("внутр. совм.", Employment.INTERNAL),
        ("Внутреннее совместительство", Employment.INTERNAL),
        ("внешн.совм.", Employment.EXTERNAL),
        ("ГПХ", Employment.CIVIL_LAW),
        ("договор гражданско-правового характера", Employment.CIVIL_LAW),
    ],
)
def test_employment_has_four_kinds(text: str, employment: Employment) -> None:
    assert only(read_rows(a_row(employment=text))).positions[0].employment is employment


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Русский язык и литература", ("RUS", "LIT")),
        ("Математика (алгебра, геометрия)", ("MAT",)),
        ("Основы безопасности и защиты Родины", ("OBZ",)),
        ("Труд (технология) / ИЗО + Музыка", ("TEC", "ART", "MUS")),
        ("Иностранный язык (английский)", ("ENG",)),
        ("химия,биология,  география", ("CHE", "BIO", "GEO")),
        ("Начальные классы", ("PRI",)),
        ("физическая  культура", ("PE",)),
        ("INF", ("INF",)),
    ],
)
def test_subjects_become_codes(text: str, codes: tuple[str, ...]) -> None:
    file = read_rows(a_row(subjects=text))

    assert only(file).positions[0].subjects == codes
    assert file.problems == ()


@pytest.mark.parametrize("text", ["Немецкий язык, физика", "Иностранный язык (немецкий), физика"])
def test_unknown_subject_is_a_warning_and_the_known_stay(text: str) -> None:
    file = read_rows(a_row(subjects=text))

    assert only(file).positions[0].subjects == ("PHY",)
    assert slugs(file.warnings) == ["staff-file.subject-unknown"]


def test_category_of_today_has_no_term() -> None:
    file = read_rows(a_row(category="первая", decided="01.09.2023", until="01.09.2028", order="17-р"))

    assert only(file).category == Category("CAT1", date(2023, 9, 1), None, "17-р")
    assert slugs(file.warnings) == ["staff-file.category-without-term"]


def test_older_category_without_a_term_gets_five_years_and_a_warning() -> None:
    file = read_rows(a_row(category="Высшая кв. категория", decided="29.02.2020"))

    assert only(file).category == Category("CATH", date(2020, 2, 29), date(2025, 2, 28), None, is_term_guessed=True)
    assert slugs(file.warnings) == ["staff-file.category-term-guessed"]


def test_older_category_keeps_its_term() -> None:
    file = read_rows(a_row(category="I", decided="15.03.2022", until="15.03.2027"))

    assert only(file).category == Category("CAT1", date(2022, 3, 15), date(2027, 3, 15), None)
    assert file.problems == ()


def test_szd_in_the_category_column_is_no_category() -> None:
    member = only(read_rows(a_row(category="соответствие", decided="10.04.2024")))

    assert (member.category, member.szd_on) == (None, date(2024, 4, 10))


@pytest.mark.parametrize("text", ["нет", "-", "—", "б/к", "без категории"])
def test_words_for_nothing_are_nothing(text: str) -> None:
    file = read_rows(a_row(category=text, email=text, form=text, leave=text, patronymic=text))

    member = only(file)

    assert (member.category, member.email, member.is_class_teacher, member.patronymic) == (None, None, False, None)
    assert file.problems == ()


@pytest.mark.parametrize("text", ["да", "+", "1", "5А", "10-Б", "7 «В»", "5а, 6б"])
def test_class_teacher_is_a_yes_or_a_class(text: str) -> None:
    assert only(read_rows(a_row(form=text))).is_class_teacher


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("01.09.2025–31.08.2026", date(2026, 8, 31)),
        ("с 01.09.2025 по 31.08.2026 г.", date(2026, 8, 31)),
        ("с 01.09.2025", None),
    ],
)
def test_long_leave_is_a_period(text: str, last: date | None) -> None:
    member = only(read_rows(a_row(leave=text)))

    assert (member.leave_from, member.leave_to) == (date(2025, 9, 1), last)


def test_long_leave_may_stand_in_two_columns() -> None:
    rows = [["ID", "ФИО", "Должность", "Длительный отпуск с", "Длительный отпуск по"]]
    rows += [["1", "Иванова Анна", "Учитель", "01.09.2025", "31.08.2026"]]

    member = only(read(as_csv(rows), "staff.csv"))

    assert (member.leave_from, member.leave_to) == (date(2025, 9, 1), date(2026, 8, 31))


def test_shouting_names_and_stray_spaces_are_calmed() -> None:
    member = only(read_rows(a_row(family=" ИВАНОВА-ПЕТРОВА ", given="Анна\u00a0 Мария", title="Учитель\nхимии")))

    assert (member.family_name, member.given_name) == ("Иванова-Петрова", "Анна Мария")
    assert member.positions[0].title == "Учитель химии"


def test_rows_of_a_printed_form_are_passed_over() -> None:
    header, person = lines(a_row())
    numbering = [str(place) for place in range(1, len(header) + 1)]
    total = ["Итого", "1"] + [""] * (len(header) - 2)
    rows = [header, numbering, ["Учителя начальной школы"], person, [], total]

    file = read(as_csv(rows), "staff.csv")

    assert only(file).rows == (4,)
    assert [(problem.row, problem.slug) for problem in file.warnings] == [
        (3, "staff-file.row-skipped"),
        (6, "staff-file.row-skipped"),
    ]


def test_header_of_each_page_is_passed_over() -> None:
    header, first, second = lines(a_row(), a_row(number="2", family="Петрова"))

    file = read(as_csv([header, first, [title.upper() for title in header], second]), "staff.csv")

    assert [member.rows for member in file.people] == [(2,), (4,)]
    assert file.problems == ()


def test_name_merged_over_two_rows_is_one_person_with_two_posts() -> None:
    book = Workbook()
    rows = lines(a_row(), a_row(number="", family="", given="", patronymic="", hired="", title="Методист", rate="0,5"))
    for row in [[], *rows]:
        book.worksheets[0].append([cell or None for cell in row])
    for column in ("A", "B", "C", "D", "I"):
        book.worksheets[0].merge_cells(f"{column}3:{column}4")
    saved = io.BytesIO()
    book.save(saved)

    member = only(read(saved.getvalue(), "staff.xlsx"))

    assert [position.title for position in member.positions] == ["Учитель", "Методист"]


def test_sheet_that_begins_in_the_middle_is_read() -> None:
    rows = [[], [], *(["", "", *row] for row in lines(a_row(rate="много")))]

    file = read(as_xlsx(rows), "staff.xlsx")

    assert [(one.row, one.column) for one in file.errors] == [(4, "Ставка")]


def test_line_of_excel_about_the_separator_is_no_row() -> None:
    content = b"sep=;\r\n" + as_csv(lines(a_row(rate="много")))

    assert [problem.row for problem in read(content, "staff.csv").errors] == [2]


@pytest.mark.parametrize("column", Column)
def test_every_spelling_of_a_title_is_understood(column: Column) -> None:
    for title in TITLES[column]:
        for spelling in (title, title.upper(), f" {title} :", title.replace("ё", "е"), title.replace(" ", "\n")):
            assert column_called(spelling) is column


def test_titles_of_the_template_are_understood() -> None:
    template = (
        "Табельный №|ID|Фамилия|Имя|Отчество|Должность|Предмет(ы)|Ставка|Вид занятости|Дата приёма|Педстаж|Категория|"
        "Дата решения|Срок до|№ приказа|СЗД дата|Классное руководство|E-mail|Длительный отпуск (с–по)"
    )

    assert [title for title in template.split("|") if column_called(title) is None] == []


def test_file_says_what_it_understood_and_what_it_did_not_read() -> None:
    rows = [
        ["Список"],
        ["Таб. №", "Сотрудник", "Должность", "Кабинет", "СНИЛС"],
        ["1", "Иванова Анна", "Учитель", "5", ""],
    ]

    header = read(as_csv(rows, separator="\t"), "staff.csv").header

    assert header is not None
    assert (header.index, header.ignored, header.unwanted) == (1, ("Кабинет",), ("СНИЛС",))
    assert header.titles == {
        Column.STAFF_NUMBER: "Таб. №",
        Column.FULL_NAME: "Сотрудник",
        Column.TITLE: "Должность",
    }


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_reading_says_how_far_it_is(write: Callable[[list[list[str]]], bytes]) -> None:
    heard: list[float] = []

    read(write(lines(*(a_row(number=str(number)) for number in range(1, 3001)))), "", hear=heard.append)

    assert len(heard) > 2
    assert heard == sorted(heard)
    assert 0 < heard[0] <= heard[-1] <= 1
