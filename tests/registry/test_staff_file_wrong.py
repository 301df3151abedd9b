"""Files and cells that are wrong: each is refused or told by row and column, none is quoted."""

import io
import zipfile
from xml.sax.saxutils import escape

import pytest

from chassis.refusals import Invalid, TooLarge
from services.registry.staff_file import read, tables, workbook
from tests.registry.staff_exports import a_row, as_csv, as_xlsx, lines, read_rows, slugs


def zipped(**parts: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return packed.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return zipped(**{**{other: source.read(other) for other in source.namelist()}, name: part})


def a_workbook() -> bytes:
    return as_xlsx(lines(a_row()))


@pytest.mark.parametrize(
    ("content", "filename", "slug"),
    [
        (b"", "staff.csv", "staff-file.empty"),
        (b" \r\n ", "staff.csv", "staff-file.empty"),
        (as_xlsx([]), "staff.xlsx", "staff-file.empty"),
        (b"%PDF-1.7 \xe2\xe3", "staff.xlsx", "staff-file.not-a-table"),
        (b"%PDF-1.7 \xe2\xe3", "staff.csv", "staff-file.not-a-table"),
        (as_csv(lines(a_row())), "staff.xlsx", "staff-file.not-a-table"),
        (b"<html><table></table></html>", "staff.csv", "staff-file.not-a-table"),
        (b"\x00\x01\x02\xff", "staff.csv", "staff-file.not-a-table"),
        (b'ID;"' + b"x" * 200_000, "staff.csv", "staff-file.not-a-table"),
        (zipped(**{"word/document.xml": b"<w/>"}), "staff.xlsx", "staff-file.not-a-table"),
        (a_workbook()[:-30], "staff.xlsx", "staff-file.not-a-table"),
        (with_part(a_workbook(), "xl/worksheets/sheet1.xml", b"<broken"), "staff.xlsx", "staff-file.not-a-table"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "staff.xls", "staff-file.old-workbook"),
        (as_csv([["Отчёт"], ["за год"]]), "staff.csv", "staff-file.no-header"),
        (as_csv(lines(a_row())[:1]), "staff.csv", "staff-file.no-people"),
    ],
)
def test_what_is_no_staff_file_is_refused(content: bytes, filename: str, slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(content, filename)

    assert (refused.value.slug, refused.value.field) == (slug, "file")


def test_missing_columns_are_named() -> None:
    with pytest.raises(Invalid) as refused:
        read(as_csv([["Фамилия", "Предмет"], ["Иванова", "Физика"]]), "staff.csv")

    assert refused.value.facts == {"missing": ["Имя", "Должность", "Табельный №"]}


def test_header_below_the_tenth_row_is_not_found() -> None:
    with pytest.raises(Invalid, match="no-header"):
        read(as_csv([[""]] * 10 + lines(a_row())), "staff.csv")


def test_file_above_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge) as refused:
        read(b" " * (tables.MOST_BYTES + 1), "staff.csv")

    assert refused.value.facts == {"megabytes": 50}


def test_zip_bomb_is_refused_unopened() -> None:
    bomb = with_part(a_workbook(), "xl/media/image1.png", b"\0" * (workbook.MOST_UNPACKED + 1))

    with pytest.raises(TooLarge, match="too-large-inside"):
        read(bomb, "staff.xlsx")


def test_part_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(with_part(a_workbook(), "xl/sharedStrings.xml", b"<sst>" + b" " * 900_000 + b"</sst>"))
    while (place := content.find((900_011).to_bytes(4, "little"))) >= 0:
        content[place : place + 4] = (11).to_bytes(4, "little")

    with pytest.raises(Invalid, match="not-a-table"):
        read(bytes(content), "staff.xlsx")


def test_long_text_shared_by_many_cells_is_refused() -> None:
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 9000))
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}'
    shared = f"<sst><si><t>{escape('ж' * 30_000)}</t></si></sst>"
    content = with_part(a_workbook(), "xl/worksheets/sheet1.xml", f"{sheet}</sheetData></worksheet>".encode())

    with pytest.raises(TooLarge, match="too-large-inside"):
        read(with_part(content, "xl/sharedStrings.xml", shared.encode()), "staff.xlsx")


def test_stray_cell_at_the_end_of_the_sheet_does_not_end_the_process() -> None:
    sheet = '<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'

    with pytest.raises(TooLarge) as refused:
        read(with_part(a_workbook(), "xl/worksheets/sheet1.xml", sheet.encode()), "staff.xlsx")

    assert refused.value.facts == {"rows": workbook.MOST_ROWS, "columns": workbook.MOST_COLUMNS}


def test_document_type_in_a_workbook_is_refused() -> None:
    sheet = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'

    with pytest.raises(Invalid, match="not-a-table"):
        read(with_part(a_workbook(), "xl/worksheets/sheet1.xml", sheet), "staff.xlsx")


def test_csv_with_too_many_rows_is_refused() -> None:
    with pytest.raises(TooLarge, match="too-many-rows"):
        read(as_csv(lines(a_row())) + b"1\r\n" * workbook.MOST_ROWS, "staff.csv")


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


def test_formula_of_a_workbook_is_read_by_its_value_only() -> None:
    rows = lines(a_row(rate="=1+1"))

    file = read(as_xlsx(rows), "staff.xlsx")

    assert file.people[0].positions[0].rate is None
