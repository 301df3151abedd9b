"""How far a sheet reaches, what its cells hold and which are formulas, found while it is unpacked piece by piece."""

import re
from array import array
from collections.abc import Callable, Iterable
from typing import Final, NoReturn
from xml.parsers import expat
from zipfile import BadZipFile

from chassis.refusals import TooLarge
from services.registry.staff_file.parts import MOST_UNPACKED

# A city's hundred thousand with room for titles and subtitles.
MOST_ROWS: Final = 120_000
MOST_COLUMNS: Final = 200
# The reader underneath lays a sheet out as a full rectangle.
_MOST_PLACES: Final = 6_000_000
_MOST_ELEMENTS: Final = 20_000_000
_MOST_LETTERS: Final = 100_000_000
_PLACE: Final = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")

OnElement = Callable[[str, dict[str, str]], None]
OnText = Callable[[str], None]


def refuse_extent() -> NoReturn:
    """Refuse a table with more rows or columns than any staff list has."""
    raise TooLarge("staff-file.too-many-rows", field="file", rows=MOST_ROWS, columns=MOST_COLUMNS)


def parse(pieces: Iterable[bytes], on_element: OnElement, on_text: OnText | None = None) -> None:
    """Read XML piece by piece; a document type is refused, a workbook never has one."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = on_element
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.CharacterDataHandler = on_text
    for piece in pieces:
        parser.Parse(piece, False)
    parser.Parse(b"", True)


class SharedTexts:
    """The lengths of the texts that stand once in a workbook and are copied into every cell that points to them."""

    def __init__(self) -> None:
        self.lengths = array("I")
        self._elements = 0

    def measure(self, pieces: Iterable[bytes]) -> None:
        """Take a part into account that is no sheet."""
        parse(pieces, self._on_element, self._on_text)

    def _on_element(self, name: str, _: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            refuse_extent()
        if _short(name) == "si":
            self.lengths.append(0)

    def _on_text(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


class Extent:
    """Rows and columns of a sheet up to the last filled cell; `formulas` holds a bit per column under a row."""

    def __init__(self, shared: SharedTexts) -> None:
        self.formulas: dict[int, int] = {}
        self._lengths = shared.lengths
        self._columns: dict[str, int] = {}
        self._elements = self._letters = 0
        self._row = self._cell_row = self._column = self._last_row = self._last_column = 0
        self._written = ""
        self._is_shared = self._is_value = False

    def measure(self, pieces: Iterable[bytes]) -> None:
        """Take a sheet into account; raises TooLarge for a filled cell beyond the limits."""
        parse(pieces, self._on_element, self._on_text)
        if self._last_row * self._last_column > _MOST_PLACES:
            refuse_extent()

    def _on_element(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            refuse_extent()
        kind = _short(name)
        self._is_value = kind == "v"
        if kind == "c":
            self._is_shared = attributes.get("t") == "s"
            self._stand_in(attributes.get("r", ""))
        elif kind in _FILLING:
            self._fill(is_formula=kind == "f")
        elif kind == "row":
            self._row = self._cell_row = int(attributes.get("r", self._row + 1))
            self._written, self._column = str(self._row), 0

    def _stand_in(self, place: str) -> None:
        """The next cell: where it says that it stands, else right of the one before."""
        if not place:
            self._column, self._cell_row = self._column + 1, self._row
            return
        letters = place[: -len(self._written)] if place.endswith(self._written) else ""
        known = self._columns.get(letters)
        if known:
            self._column, self._cell_row = known, self._row
            return
        found = _PLACE.fullmatch(place)
        if not found:
            raise BadZipFile
        self._column, self._cell_row = _column_number(found[1]), int(found[2])
        if letters and self._cell_row == self._row:
            self._columns[letters] = self._column

    def _fill(self, *, is_formula: bool) -> None:
        row, column = self._cell_row, self._column
        if row > MOST_ROWS or column > MOST_COLUMNS:
            refuse_extent()
        if row > self._last_row:
            self._last_row = row
        if column > self._last_column:
            self._last_column = column
        if is_formula:
            self.formulas[row] = self.formulas.get(row, 0) | 1 << max(column - 1, 0)

    def _on_text(self, text: str) -> None:
        if not (self._is_value and self._is_shared and text.isdecimal()):
            return
        number = int(text[:9])
        self._letters += self._lengths[number] if number < len(self._lengths) else 0
        if self._letters > _MOST_LETTERS:
            raise TooLarge("staff-file.too-large-inside", field="file", megabytes=MOST_UNPACKED // 1024**2)


_FILLING: Final = frozenset({"v", "is", "f"})


def _short(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name else name


def _refuse_document_type(*_: object) -> None:
    raise BadZipFile


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
