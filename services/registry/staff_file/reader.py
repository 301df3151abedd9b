"""The door of the library: the bytes of an upload become a staff file, or a refusal says why not."""

import hashlib
from collections.abc import Iterator

from chassis.refusals import Invalid
from services.registry.staff_file.columns import Column, Header
from services.registry.staff_file.people import Problem, StaffFile, StaffMember
from services.registry.staff_file.persons import people_of
from services.registry.staff_file.problems import Problems
from services.registry.staff_file.rows import Row, Sayings, member_of
from services.registry.staff_file.tables import Table, table_of
from services.registry.staff_file.workbook import Hear

MOST_OF_A_KIND = 200


def read(
    content: bytes, filename: str, *, hear: Hear = lambda _: None, most_of_a_kind: int | None = MOST_OF_A_KIND
) -> StaffFile:
    """Read a staff export: CSV (UTF-8, Windows-1251; `;`, `,` or tab) or the first sheet of an XLSX.

    Raises Invalid for an empty file, something that is no table, a table without the header, or without a
    person; TooLarge for a file, or what is packed in it, above the limits. Everything else that is wrong
    comes back as problems, `most_of_a_kind` of each. The largest file takes seconds: call it off the event
    loop; `hear` is told the share that was read.
    """
    table = table_of(content, filename, hear)
    if table.header.missing:
        raise Invalid("staff-file.no-header", field="file", missing=table.header.missing)
    problems = Problems(most_of_a_kind)
    problems.add(_problems_of_header(table.header))
    rows = _Rows(table, problems)
    people = people_of(rows, table.header, problems)
    if not rows.count:
        raise Invalid("staff-file.no-people", field="file")
    return StaffFile(
        people=tuple(people),
        columns=frozenset(table.header.places),
        problems=problems.in_order(),
        times=problems.times,
        rows_read=rows.count,
        kind=table.kind,
        encoding=table.encoding,
        separator=table.separator,
        header=table.header,
        sha256=hashlib.sha256(content).hexdigest(),
    )


class _Rows:
    """The rows of a table that tell of a person, one by one; `count` is how many rows were read."""

    def __init__(self, table: Table, problems: Problems) -> None:
        self.count = 0
        self._table = table
        self._problems = problems

    def __iter__(self) -> Iterator[StaffMember]:
        sayings = Sayings()
        for line in self._table.lines:
            row = Row(line, self._table.header, sayings)
            if row.is_blank or row.is_numbering or row.is_header_again:
                continue
            self.count += 1
            member = _member(row)
            self._problems.add(row.problems)
            if member:
                yield member


def _member(row: Row) -> StaffMember | None:
    if row.is_heading:
        row.note(Column.TITLE, "staff-file.row-skipped", "warning")
        return None
    return member_of(row)


def _problems_of_header(header: Header) -> list[Problem]:
    row = header.index + 1
    problems = [Problem(row, title, "staff-file.column-twice", "warning") for title in header.repeated]
    problems += [Problem(row, title, "staff-file.column-unwanted", "warning") for title in header.unwanted]
    if header.absent:
        facts = {"columns": header.absent}
        problems.append(Problem(row, "", "staff-file.columns-absent", "warning", facts))
    return problems
