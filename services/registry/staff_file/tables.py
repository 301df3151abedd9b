"""From bytes to rows of text: which kind of file it is, its encoding and its separator."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from chassis.refusals import Invalid, TooLarge
from services.registry.staff_file.columns import find_header
from services.registry.staff_file.workbook import MOST_COLUMNS, MOST_ROWS, refuse_extent, sheet_rows

MOST_BYTES: Final = 50 * 1024 * 1024
_ZIP: Final = b"PK\x03\x04"
# The container of .xls, and of an .xlsx that is locked with a password.
_OLE: Final = b"\xd0\xcf\x11\xe0"
_DOCUMENTS: Final = (b"%PDF", b"<", b"{\\rtf", b"\x89PNG", b"\xff\xd8")
_SEPARATORS: Final = (";", ",", "\t")
_PROBED_ROWS: Final = 10


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text, numbered as a table program numbers them."""

    kind: Literal["csv", "xlsx"]
    encoding: str | None
    rows: Sequence[Sequence[str]]


def table_of(content: bytes, filename: str) -> Table:
    """The table in the bytes; what the bytes are decides, the name only helps to find a fake."""
    if len(content) > MOST_BYTES:
        raise TooLarge("staff-file.too-large", field="file", megabytes=MOST_BYTES // 1024**2)
    if not content.strip():
        raise Invalid("staff-file.empty", field="file")
    if content.startswith(_OLE):
        raise Invalid("staff-file.old-workbook", field="file")
    if content.startswith(_ZIP):
        return Table("xlsx", None, sheet_rows(content))
    if filename.casefold().endswith((".xlsx", ".xlsm", ".xls")) or content.lstrip().startswith(_DOCUMENTS):
        raise Invalid("staff-file.not-a-table", field="file")
    return _csv_table(content)


def _csv_table(content: bytes) -> Table:
    readings = [(text, encoding, separator) for text, encoding in _texts(content) for separator in _SEPARATORS]
    if not readings:
        raise Invalid("staff-file.not-a-table", field="file")
    text, encoding, separator = max(readings, key=lambda reading: _known_columns(reading[0], reading[2]))
    try:
        rows = list(islice(_records(text, separator), MOST_ROWS + 1))
    except csv.Error as broken:
        raise Invalid("staff-file.not-a-table", field="file") from broken
    if len(rows) > MOST_ROWS:
        refuse_extent()
    return Table("csv", encoding, rows)


def _texts(content: bytes) -> Iterator[tuple[str, str]]:
    """The readings that are possible: only a header that makes sense tells Windows-1251 from cp866."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif _decoded(content, "utf-8-sig") is not None:
        encodings = ("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8",)
    else:
        encodings = ("cp1251", "cp866", "koi8-r")
    for encoding in encodings:
        text = _decoded(content, encoding)
        if text is not None and "\0" not in text:
            yield text, encoding


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _known_columns(text: str, separator: str) -> int:
    try:
        return len(find_header(list(islice(_records(text, separator), _PROBED_ROWS))).places)
    except csv.Error:
        return 0


def _records(text: str, separator: str) -> Iterator[list[str]]:
    if text.count(separator) > MOST_ROWS * MOST_COLUMNS:
        refuse_extent()
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)
