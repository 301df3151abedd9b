"""A matrix as a file for a spreadsheet: exactly what the page shows, hidden cells with their reason and no number.

Text that a spreadsheet would take for a formula begins with an apostrophe (CWE-1236). In Russian a spreadsheet
expects semicolons and decimal commas, in English commas and points; the mark at the beginning says that it is UTF-8.
"""

import csv
from collections.abc import Sequence
from io import StringIO

from gateway.portal.places.table import Column, Line, Spot, Table
from gateway.portal.reader import Reader

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
PARTS = ("value", "part", "whole", "low", "high", "note")


def harmless(text: str) -> str:
    """A text that no spreadsheet computes."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def sheet_of(table: Table, reader: Reader, lines: Sequence[Line]) -> str:
    """The file: one row per place, six columns per indicator, the whole first."""
    is_russian = reader.language == "ru"
    written = StringIO()
    writer = csv.writer(written, delimiter=";" if is_russian else ",", lineterminator="\r\n")
    writer.writerow([harmless(text) for text in _head(table.columns, reader)])
    for line in [*table.whole, *lines]:
        cells = [text for spot in line.spots for text in _cells(spot, comma=is_russian)]
        writer.writerow([harmless(line.name), *cells])
    return MARK + written.getvalue()


def _head(columns: Sequence[Column], reader: Reader) -> list[str]:
    parts = {part: reader.say(f"matrix.sheet-{part}") for part in PARTS}
    return [reader.say("matrix.place"), *(f"{one.name}: {parts[part]}" for one in columns for part in PARTS)]


def _cells(spot: Spot, *, comma: bool) -> list[str]:
    cell, shown = spot.cell, spot.shown
    if cell is None or shown is None:
        return [""] * len(PARTS)
    if shown.hidden_because:
        return ["", "", "", "", "", harmless(shown.hidden_because)]
    note = shown.number if cell.value is None and cell.bound is not None else ""
    numbers = [cell.value, cell.n_num, cell.n_den, cell.ci_low, cell.ci_high]
    return [*(_number(one, comma=comma) for one in numbers), harmless(note)]


def _number(value: float | None, *, comma: bool) -> str:
    if value is None:
        return ""
    text = f"{value:.6g}"
    return text.replace(".", ",") if comma else text
