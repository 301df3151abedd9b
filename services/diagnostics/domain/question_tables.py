"""Questions from CSV: one a row, under the names of columns in the first row that is not blank."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Final

from chassis.refusals import Invalid, TooLarge
from services.diagnostics.domain.question_rows import COLUMNS, Problem, Written

_SEPARATORS: Final = (";", ",", "\t")
_MOST_ROWS: Final = 5000
# What nothing can stand in for; the rest may be said once for the whole file.
_NEEDED: Final = ("id", "question_ru", "a_ru", "b_ru", "key")


def questions_of_table(content: bytes) -> tuple[list[Written], list[Problem]]:
    """The rows of a table as questions; Invalid where there is no header with the needed columns."""
    rows = _rows(content)
    header_at = next((place for place, row in enumerate(rows) if any(row)), 0)
    columns = [name.casefold() for name in rows[header_at]] if rows else []
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise Invalid("questions.no-header", field="file", missing=missing)
    problems = [
        Problem(header_at + 1, name, "questions.column-unknown", "warning")
        for name in columns
        if name and name not in COLUMNS
    ]
    written = []
    for number, row in enumerate(rows[header_at + 1 :], header_at + 2):
        if not any(row):
            continue
        if any(row[len(columns) :]):
            problems.append(Problem(number, "", "questions.cells-too-many"))
        pairs = zip(columns, row, strict=False)
        written.append(Written(number, {name: text for name, text in pairs if name in COLUMNS}))
    return written, problems


def _rows(content: bytes) -> list[list[str]]:
    text = _text(content)
    separator = max(_SEPARATORS, key=lambda one: _known_columns(text, one))
    try:
        rows = list(islice(_records(text, separator), _MOST_ROWS + 1))
    except csv.Error as broken:
        raise Invalid("questions.not-a-table", field="file") from broken
    if len(rows) > _MOST_ROWS:
        raise TooLarge("questions.too-many", field="file", most=_MOST_ROWS)
    return rows


def _text(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1251")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Invalid("questions.not-a-table", field="file")


def _known_columns(text: str, separator: str) -> int:
    try:
        first = next((row for row in islice(_records(text, separator), 20) if any(row)), [])
    except csv.Error:
        return 0
    return len({name.casefold() for name in first} & set(COLUMNS))


def _records(text: str, separator: str) -> Iterator[list[str]]:
    for record in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        yield [one_line(cell) for cell in record]


def one_line(text: str) -> str:
    """The text in one line with single spaces, letters with their marks as one sign."""
    return " ".join(unicodedata.normalize("NFC", text).split())
