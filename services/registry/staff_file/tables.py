"""From bytes to rows of text: which kind of file it is, its encoding and its separator. Rows come one by one."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from itertools import chain, islice
from typing import Final, Literal

from chassis.refusals import Invalid
from services.registry.staff_file.columns import HEADER_WITHIN, Header, find_header
from services.registry.staff_file.extent import MOST_COLUMNS, MOST_ROWS, refuse_extent
from services.registry.staff_file.kinds import ZIP, refuse_other_kinds, refuse_size
from services.registry.staff_file.workbook import Hear, first_sheet

_BYTE_ORDERS: Final = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# In this order where several tell as much: only a header that makes sense tells Windows-1251 from the others.
_ENCODINGS: Final = ("utf-8", "cp1251", "cp866", "koi8-r")
_SEPARATORS: Final = (";", ",", "\t")
_SAYS_SEPARATOR: Final = re.compile(r"\s*\"?sep=.\"?\s*", re.IGNORECASE)
_HEARD_EVERY: Final = 1000
_PROBED: Final = 512 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table by the number that a table program gives it; a bit of `formulas` per column that is one."""

    number: int
    cells: Sequence[str]
    formulas: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """The header, and the lines under it, which are read while they are taken and can be taken once."""

    kind: Literal["csv", "xlsx"]
    header: Header
    lines: Iterator[Line]
    encoding: str | None = None
    separator: str | None = None


@dataclass(slots=True)
class _Lines:
    """The lines of a text; `number` is that of the last one, for a message about what cannot be read."""

    content: bytes
    encoding: str
    separator: str
    hear: Hear = field(default=lambda _: None)
    errors: str = "strict"
    number: int = 0

    def __iter__(self) -> Iterator[Line]:
        source = BytesIO(self.content)
        text = TextIOWrapper(source, self.encoding, self.errors, newline="")
        for cells in csv.reader(text, delimiter=self.separator):
            if not self.number and len(cells) == 2 and _SAYS_SEPARATOR.fullmatch(self.separator.join(cells)):
                # Excel takes this line for itself and does not count it.
                continue
            self.number += 1
            if self.number > MOST_ROWS or (len(cells) > MOST_COLUMNS and self.errors == "strict"):
                refuse_extent()
            if self.number % _HEARD_EVERY == 0:
                self.hear(source.tell() / len(self.content))
            yield Line(self.number, cells[:MOST_COLUMNS])


def table_of(content: bytes, filename: str, hear: Hear) -> Table:
    """The table in the bytes; what the bytes are decides, the name only helps to find a fake.

    Raises Invalid and TooLarge; `hear` is told which share was read.
    """
    refuse_size(len(content))
    refuse_other_kinds(content, filename)
    return _sheet_table(content, hear) if content.startswith(ZIP) else _text_table(content, hear)


def _sheet_table(content: bytes, hear: Hear) -> Table:
    sheet = first_sheet(content, lambda share: hear(share / 2))

    def lines() -> Iterator[Line]:
        for number, cells in enumerate(sheet.rows, 1):
            if number % _HEARD_EVERY == 0:
                hear(0.5 + number / sheet.height / 2)
            yield Line(number, cells, sheet.formulas.get(number, 0))

    source = lines()
    first = list(islice(source, HEADER_WITHIN))
    header = find_header([line.cells for line in first])
    return Table("xlsx", header, chain(first[header.index + 1 :], source))


def _text_table(content: bytes, hear: Hear) -> Table:
    marked = next((encoding for mark, encoding in _BYTE_ORDERS.items() if content.startswith(mark)), None)
    readings = [
        (*_probed(content, encoding, separator), encoding, separator)
        for encoding in ((marked,) if marked else _ENCODINGS)
        for separator in _SEPARATORS
    ]
    header, broken_at, encoding, separator = max(readings, key=lambda reading: len(reading[0].places))
    if header.missing and broken_at:
        raise Invalid("staff-file.quote-open", field="file", row=broken_at)
    lines = _told(_Lines(content, encoding, separator, hear), header)
    return Table("csv", header, lines, encoding, separator)


def _probed(content: bytes, encoding: str, separator: str) -> tuple[Header, int]:
    """The header that one reading of the first rows finds, and the row at which it breaks off, if it does.

    What cannot be decoded is no title.
    """
    start = _Lines(content[:_PROBED], encoding, separator, errors="replace")
    rows: list[Sequence[str]] = []
    try:
        rows.extend(line.cells for line in islice(start, HEADER_WITHIN))
    except csv.Error:
        return find_header(rows), start.number + 1
    return find_header(rows), 0


def _told(lines: _Lines, header: Header) -> Iterator[Line]:
    """The lines under the header; what breaks off in the middle is refused with the row."""
    try:
        for line in lines:
            if line.number > header.index + 1:
                if any("\n" in cell and _has_swallowed(cell, lines.separator, header.width) for cell in line.cells):
                    raise Invalid("staff-file.quote-open", field="file", row=line.number)
                yield line
    except UnicodeError as broken:
        raise Invalid("staff-file.broken-text", field="file", row=lines.number + 1) from broken
    except csv.Error as broken:
        raise Invalid("staff-file.quote-open", field="file", row=lines.number + 1) from broken


def _has_swallowed(cell: str, separator: str, width: int) -> bool:
    """Whether a cell holds whole rows: a quotation mark that nobody closed takes in those that follow."""
    fewest = max(3 if separator == "," else 1, width - 1)
    return any(line.count(separator) >= fewest for line in cell.splitlines()[1:])
