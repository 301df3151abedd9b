"""Files that are no staff list, or mean harm: each is refused with a sentence of its own before it costs anything."""

import gzip
import io
import zipfile
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.refusals import Invalid, Refusal, TooLarge
from services.registry.staff_file import extent, kinds, parts, read
from tests.registry.staff_exports import a_row, as_csv, as_xlsx, lines, slugs

SHEET = "xl/worksheets/sheet1.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return packed.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return zipped(**{**{other: source.read(other) for other in source.namelist()}, name: part})


def a_workbook() -> bytes:
    return as_xlsx(lines(a_row()))


# A workbook holds the moment of its writing: what is drawn about its bytes needs one that stays the same.
WORKBOOK = a_workbook()


def container(stream: str) -> bytes:
    """The beginning of a file of old Office programs, and the name of what is in it as they write it."""
    return OLE + b"\0" * 600 + stream.encode("utf-16-le") + b"\0" * 600


def locked_zip() -> bytes:
    """A packed part that says of itself that it is encrypted."""
    content = bytearray(a_workbook())
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as source:
        entry = content.rindex(b"PK\x01\x02", 0, source.start_dir + 4)
    content[entry + 8] |= 1
    return bytes(content)


def outcome_of(content: bytes) -> str:
    """How reading ends: with people and problems, or with a refusal."""
    try:
        return f"read {read(content, '').rows_read}"
    except Refusal as refused:
        return refused.slug


TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


@pytest.mark.parametrize(
    ("content", "filename", "slug"),
    [
        (b"", "staff.csv", "empty"),
        (b" \r\n ", "staff.csv", "empty"),
        (as_xlsx([]), "staff.xlsx", "empty"),
        (b"%PDF-1.7 \xe2\xe3", "staff.xlsx", "document"),
        (b"%PDF-1.7 \xe2\xe3", "staff.csv", "document"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "staff.xlsx", "document"),
        (b"{\\rtf1 staff}", "staff.csv", "document"),
        (container("WordDocument"), "staff.xlsx", "document"),
        (zipped(**{"[Content_Types].xml": TYPES, "word/document.xml": b"<w/>"}), "staff.xlsx", "document"),
        (b"<html><table></table></html>", "staff.xls", "web-page"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "staff.xls", "web-page"),
        (zipped(**{"staff.csv": b"1;2"}), "staff.xlsx", "archive"),
        (zipped(), "staff.xlsx", "archive"),
        (gzip.compress(b"1;2"), "staff.csv", "archive"),
        (b"Rar!\x1a\x07\x01\x00", "staff.csv", "archive"),
        (container("Workbook"), "staff.xls", "old-workbook"),
        (container("Workbook"), "staff.xlsx", "old-workbook"),
        (zipped(**{"xl/workbook.bin": b"\x83"}), "staff.xlsx", "old-workbook"),
        (zipped(mimetype=b"application/vnd.oasis", **{"content.xml": b"<o/>"}), "staff.xlsx", "open-document"),
        (container("EncryptedPackage"), "staff.xlsx", "locked"),
        (locked_zip(), "staff.xlsx", "locked"),
        (with_part(a_workbook(), "xl/vbaProject.bin", b"\xcc\x61"), "staff.xlsm", "macros"),
        (with_part(a_workbook(), "xl/vbaProject.bin", b"\xcc\x61"), "staff.xlsx", "macros"),
        (with_part(a_workbook(), "XL\\vbaproject.bin", b"\xcc\x61"), "staff.xlsx", "macros"),
        (as_csv(lines(a_row())).replace(b"101", b"1\x0001"), "staff.csv", "null-bytes"),
        (b"\x00\x01\x02\xff", "staff.csv", "null-bytes"),
        (as_csv(lines(a_row())), "staff.xlsx", "not-a-table"),
        (a_workbook()[:-30], "staff.xlsx", "not-a-table"),
        (with_part(a_workbook(), SHEET, b"<broken"), "staff.xlsx", "not-a-table"),
        (
            with_part(a_workbook(), SHEET, b'<!DOCTYPE x [<!ENTITY a "a">]><worksheet>&a;</worksheet>'),
            "",
            "not-a-table",
        ),
        (b'ID;"' + b"x" * 200_000, "staff.csv", "quote-open"),
        (as_csv([["Отчёт"], ["за год"]]), "staff.csv", "no-header"),
        (as_csv([["Отчёт"], ["за год"]], "cp1251"), "staff.csv", "no-header"),
        (as_csv(lines(a_row())[:1]), "staff.csv", "no-people"),
    ],
)
def test_what_is_no_staff_file_is_refused_with_its_own_sentence(content: bytes, filename: str, slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(content, filename)

    assert (refused.value.slug, refused.value.field) == (f"staff-file.{slug}", "file")


def test_missing_columns_are_named() -> None:
    with pytest.raises(Invalid) as refused:
        read(as_csv([["Фамилия", "Предмет"], ["Иванова", "Физика"]]), "staff.csv")

    assert refused.value.facts == {"missing": ["Имя", "Должность", "Табельный №"]}


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_header_below_the_tenth_row_is_not_found(write: object) -> None:
    assert callable(write)
    with pytest.raises(Invalid, match="no-header"):
        read(write([["-"]] * 10 + lines(a_row())), "")


def test_file_above_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge) as refused:
        read(b" " * (kinds.MOST_BYTES + 1), "staff.csv")

    assert refused.value.facts == {"megabytes": 24}


def test_two_gigabytes_are_refused_by_their_size() -> None:
    with pytest.raises(TooLarge, match="too-large"):
        kinds.refuse_size(2 * 1024**3)


@pytest.mark.slow
def test_zip_bomb_is_refused_unopened() -> None:
    bomb = with_part(a_workbook(), "xl/media/image1.png", b"\0" * (parts.MOST_UNPACKED + 1))

    with pytest.raises(TooLarge, match="too-large-inside"):
        read(bomb, "staff.xlsx")


def test_zip_of_very_many_parts_is_refused_unlisted() -> None:
    bomb = zipped(**{f"xl/media/{number}": b"" for number in range(parts.MOST_PARTS + 1)})

    with pytest.raises(TooLarge, match="too-many-parts"):
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
    content = with_part(a_workbook(), SHEET, f"{sheet}</sheetData></worksheet>".encode())

    with pytest.raises(TooLarge, match="too-large-inside"):
        read(with_part(content, "xl/sharedStrings.xml", shared.encode()), "staff.xlsx")


@pytest.mark.parametrize("place", ["XFD1048576", "A1048576", "XFD1", "GR100000"])
def test_stray_cell_far_away_does_not_end_the_process(place: str) -> None:
    row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    sheet = f'<worksheet><sheetData><row r="{row}"><c r="{place}"><v>1</v></c></row></sheetData></worksheet>'

    with pytest.raises(TooLarge) as refused:
        read(with_part(a_workbook(), SHEET, sheet.encode()), "staff.xlsx")

    assert refused.value.facts == {"rows": extent.MOST_ROWS, "columns": extent.MOST_COLUMNS}


@pytest.mark.slow
def test_csv_with_too_many_rows_is_refused() -> None:
    with pytest.raises(TooLarge, match="too-many-rows"):
        read(as_csv(lines(a_row())) + b"1\r\n" * extent.MOST_ROWS, "staff.csv")


def test_sheets_behind_the_first_are_not_opened() -> None:
    book = with_part(a_workbook(), "xl/worksheets/sheet2.xml", b"<broken")

    assert read(book, "staff.xlsx").errors == ()


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("http://example.org","1")', "=cmd|' /C calc'!A0"])
def test_formula_of_a_workbook_is_an_error_at_its_cell(formula: str) -> None:
    file = read(as_xlsx([["", "Список"], *(["", *row] for row in lines(a_row(), a_row(number="2", rate=formula)))]), "")

    assert [(one.row, one.column, one.slug) for one in file.errors] == [(4, "Ставка", "staff-file.formula-cell")]


def test_formula_in_place_of_a_name_is_no_empty_cell() -> None:
    file = read(as_xlsx(lines(a_row(family='="Ива"&"нова"', number="=1", hired="=2"))), "staff.xlsx")

    assert slugs(file.errors) == ["staff-file.formula-cell"] * 3


def test_formula_in_a_column_that_is_not_read_harms_nobody() -> None:
    header, row = lines(a_row())

    file = read(as_xlsx([[*header, "Всего"], [*row, "=SUM(1)"]]), "staff.xlsx")

    assert file.errors == ()


def test_text_that_breaks_off_is_refused_with_its_row() -> None:
    content = as_csv(lines(*(a_row(number=str(number)) for number in range(1, 40))))
    place = content.index(b"39;")

    with pytest.raises(Invalid, match="broken-text") as refused:
        read(content[:place] + b"\xd0" + content[place:], "staff.csv")

    assert "row" in refused.value.facts


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_quotation_mark_that_takes_rows_in_is_refused_with_its_row(separator: str) -> None:
    content = as_csv(lines(*(a_row(number=str(number)) for number in range(1, 6))), separator=separator)
    spoilt = content.replace(f"3{separator}Иванова".encode(), f'3{separator}"Иванова'.encode())

    with pytest.raises(Invalid, match="quote-open") as refused:
        read(spoilt, "staff.csv")

    assert refused.value.facts == {"row": 4}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), is_workbook=st.booleans())
def test_whatever_is_damaged_is_read_or_refused(data: st.DataObject, is_workbook: bool) -> None:
    content = bytearray(WORKBOOK if is_workbook else as_csv(lines(a_row()), "cp1251"))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))

    assert outcome_of(bytes(content)).startswith(("read", "staff-file."))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_sheet_with_strange_words_in_it_is_read_or_refused(data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as source:
        sheet = source.read(SHEET)
    places = [place for place, sign in enumerate(sheet) if sign == ord('"')]
    start = data.draw(st.integers(0, len(places) // 2 - 1)) * 2
    strange = data.draw(
        st.sampled_from([b"", b"-1", b"A0", b"XFE1", b"s", b"b", b"e", b"d", b"9" * 12, b"str", b"\xff"])
    )
    spoilt = sheet[: places[start] + 1] + strange + sheet[places[start + 1] :]

    assert outcome_of(with_part(WORKBOOK, SHEET, spoilt)).startswith(("read", "staff-file."))
