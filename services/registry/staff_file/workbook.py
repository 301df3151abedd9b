"""The first sheet of an XLSX, opened only after its parts have been weighed.

The reader underneath lays a sheet out as a full rectangle: one stray cell in the last row and column of
Excel would ask for half a terabyte and end the process. The parts of the first sheet are therefore unpacked
here piece by piece, measured, and handed over repacked, so that nothing is unpacked that was not measured.
"""

import zlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from python_calamine import CalamineError, CalamineWorkbook

from chassis.refusals import Invalid
from services.registry.staff_file.cells import text_of
from services.registry.staff_file.extent import Extent, SharedTexts, parse
from services.registry.staff_file.parts import open_parts, texts_in

_PIECE: Final = 256 * 1024
_SHEETS: Final = "xl/worksheets/"
_BROKEN: Final = (
    BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,
    expat.ExpatError,
    CalamineError,
)

Hear = Callable[[float], None]
Merged = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a sheet from its first row and column on; `formulas` has a bit per column under a row's number."""

    rows: Iterator[list[str]]
    height: int
    formulas: Mapping[int, int]


def first_sheet(content: bytes, hear: Hear) -> Sheet:
    """The first sheet; formulas give the value that they had last.

    Raises Invalid for a zip that is no workbook or is broken, locked or has macros, TooLarge above the limits.
    `hear` is told which share of the parts was measured.
    """
    try:
        repacked, formulas = _measured(content, hear)
        book = CalamineWorkbook.from_object(repacked)
        sheet = book.get_sheet_by_index(0)
    except _BROKEN as broken:
        raise Invalid("staff-file.not-a-table", field="file") from broken
    if sheet.start is None:
        raise Invalid("staff-file.empty", field="file")
    left = [""] * sheet.start[1]
    rows = (left + [text_of(cell) if cell != "" else "" for cell in row] for row in sheet.iter_rows())
    return Sheet(_without_merging(rows, sheet.merged_cell_ranges or ()), sheet.total_height, formulas)


def _without_merging(rows: Iterator[list[str]], merged: Sequence[Merged]) -> Iterator[list[str]]:
    """A cell that was merged over several rows stands in the first of them and is meant in all."""
    last_rows = {first: last[0] for first, last in merged if last[0] > first[0]}
    held: dict[int, tuple[int, str]] = {}
    for number, row in enumerate(rows):
        for place, (last, text) in held.items():
            if number <= last and place < len(row) and not row[place]:
                row[place] = text
        for place in [place for place in range(len(row)) if (number, place) in last_rows] if last_rows else ():
            held[place] = last_rows[number, place], row[place]
        yield row


def _measured(content: bytes, hear: Hear) -> tuple[BytesIO, Mapping[int, int]]:
    repacked = BytesIO()
    with open_parts(content) as source, ZipFile(repacked, "w", ZIP_DEFLATED, compresslevel=1) as target:
        parts = texts_in(source)
        first = _first_of(source, parts)
        shared = SharedTexts()
        extent = Extent(shared)
        for name in sorted(parts, key=lambda name: (name == first, name)):
            if name != first and _is_sheet(name) and first:
                continue
            # A part that is given up in the middle is closed before the file around it.
            with closing(_repacked(source, parts[name], target)) as pieces:
                if _is_sheet(name):
                    extent.measure(_heard(pieces, parts[name].file_size, hear))
                else:
                    shared.measure(pieces)
    repacked.seek(0)
    return repacked, extent.formulas


def _first_of(source: ZipFile, parts: Mapping[str, ZipInfo]) -> str:
    """The part that holds the first sheet; empty when the workbook does not say it plainly."""
    ids: list[str] = []
    targets: dict[str, str] = {}

    def on_sheet(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            ids.extend(value for title, value in attributes.items() if title.endswith(":id"))

    def on_relation(_: str, attributes: dict[str, str]) -> None:
        targets[attributes.get("Id", "")] = attributes.get("Target", "")

    for part, hear in (("xl/workbook.xml", on_sheet), ("xl/_rels/workbook.xml.rels", on_relation)):
        if part in parts:
            parse(_pieces(source, parts[part]), hear)
    target = targets.get(ids[0], "").lstrip("/") if ids else ""
    name = target if target.startswith("xl/") else f"xl/{target}"
    return name if name in parts and _is_sheet(name) else ""


def _is_sheet(name: str) -> bool:
    return name.casefold().startswith(_SHEETS) and name.casefold().endswith(".xml")


def _repacked(source: ZipFile, part: ZipInfo, target: ZipFile) -> Generator[bytes, None, None]:
    with target.open(part.filename, "w") as packed:
        for piece in _pieces(source, part):
            packed.write(piece)
            yield piece


def _pieces(source: ZipFile, part: ZipInfo) -> Iterator[bytes]:
    """A part piece by piece, no more of it than was declared: one that lies about its size fails its checksum."""
    with source.open(part) as packed:
        while piece := packed.read(_PIECE):
            yield piece


def _heard(pieces: Iterator[bytes], size: int, hear: Hear) -> Iterator[bytes]:
    read = 0
    for piece in pieces:
        read += len(piece)
        hear(min(1.0, read / max(1, size)))
        yield piece
