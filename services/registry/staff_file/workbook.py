"""The first sheet of an XLSX, opened only after its parts have been weighed.

The reader underneath lays a sheet out as a full rectangle: one stray cell in the last row and column of
Excel would ask for half a terabyte and end the process. Parts are therefore unpacked here within a limit,
measured, and handed over repacked, so that nothing is unpacked that was not measured.
"""

import io
import re
import zlib
from typing import Final, NoReturn
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from python_calamine import CalamineError, CalamineWorkbook

from chassis.refusals import Invalid, TooLarge
from services.registry.staff_file.cells import text_of

MOST_ROWS: Final = 10_000
MOST_COLUMNS: Final = 200
MOST_UNPACKED: Final = 200 * 1024 * 1024
_MOST_ELEMENTS: Final = 5_000_000
_PLACE: Final = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_BROKEN: Final = (
    BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    NotImplementedError,
    expat.ExpatError,
    CalamineError,
)


def sheet_rows(content: bytes) -> list[list[str]]:
    """Rows of the first sheet from its first row and column on; formulas give their last value.

    Raises Invalid for a zip that is no workbook or is broken or locked, TooLarge above the limits.
    """
    try:
        with CalamineWorkbook.from_object(_measured(content)) as book:
            rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except _BROKEN as broken:
        raise Invalid("staff-file.not-a-table", field="file") from broken
    if not rows:
        raise Invalid("staff-file.empty", field="file")
    return [[text_of(cell) for cell in row] for row in rows]


def refuse_extent() -> NoReturn:
    """Refuse a table with more rows or columns than any school has."""
    raise TooLarge("staff-file.too-many-rows", field="file", rows=MOST_ROWS, columns=MOST_COLUMNS)


def _measured(content: bytes) -> io.BytesIO:
    repacked = io.BytesIO()
    extent = _Extent()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(repacked, "w", ZIP_STORED) as target:
        for part in _parts(source):
            with source.open(part) as packed:
                # No more than declared: a part that lies about its size fails its checksum.
                xml = packed.read(part.file_size)
            extent.measure(xml)
            target.writestr(part.filename, xml)
    extent.refuse_if_grows()
    repacked.seek(0)
    return repacked


def _parts(source: ZipFile) -> list[ZipInfo]:
    parts = {part.filename: part for part in source.infolist()}
    if sum(part.file_size for part in source.infolist()) > MOST_UNPACKED:
        raise TooLarge("staff-file.too-large-inside", field="file", megabytes=MOST_UNPACKED // 1024**2)
    if "xl/workbook.xml" not in parts:
        raise Invalid("staff-file.not-a-table", field="file")
    kept = [part for part in parts.values() if part.filename.endswith((".xml", ".rels"))]
    if any(part.flag_bits & 1 or part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in kept):
        raise Invalid("staff-file.not-a-table", field="file")
    return kept


class _Extent:
    """How far the filled cells of a workbook reach, how many they are, how long a shared text is."""

    def __init__(self) -> None:
        self._elements = 0
        self._row = 0
        self._place = ""
        self._cells = 0
        self._length = 0
        self._longest = 0
        self._is_shared_text = False

    def measure(self, xml: bytes) -> None:
        """Take one part into account; a document type is refused, a workbook never has one."""
        self._row, self._is_shared_text = 0, False
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._on_element
        parser.CharacterDataHandler = self._on_text
        parser.StartDoctypeDeclHandler = self._on_document_type
        parser.Parse(xml, True)

    def refuse_if_grows(self) -> None:
        """A shared text stands once in the file and is copied into every cell that points to it."""
        if self._cells * self._longest > MOST_UNPACKED:
            raise TooLarge("staff-file.too-large-inside", field="file", megabytes=MOST_UNPACKED // 1024**2)

    def _on_element(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            refuse_extent()
        match name.rpartition(":")[2]:
            case "row":
                self._row = int(attributes.get("r", self._row + 1))
            case "c":
                self._place = attributes.get("r", "")
            case "v" | "is" | "f":
                self._on_filled_cell()
            case "si":
                self._length, self._is_shared_text = 0, True

    def _on_filled_cell(self) -> None:
        self._cells += 1
        column, row = 1, self._row
        if self._place:
            found = _PLACE.fullmatch(self._place)
            if not found:
                raise BadZipFile
            column, row = _column_number(found[1]), max(int(found[2]), row)
        if row > MOST_ROWS or column > MOST_COLUMNS:
            refuse_extent()

    def _on_text(self, text: str) -> None:
        if self._is_shared_text:
            self._length += len(text)
            self._longest = max(self._longest, self._length)

    def _on_document_type(self, *_: object) -> None:
        raise BadZipFile


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
