"""The door of the library: the bytes of an upload become a staff file, or a refusal says why not."""

import hashlib
from collections.abc import Iterator

from chassis.refusals import Invalid
from services.registry.staff_file.columns import Column, Header, find_header
from services.registry.staff_file.people import Problem, StaffFile, StaffMember
from services.registry.staff_file.persons import people_of
from services.registry.staff_file.rows import Row, member_of
from services.registry.staff_file.tables import Table, table_of


def read(content: bytes, filename: str) -> StaffFile:
    """Read a staff export: CSV (UTF-8, Windows-1251; `;`, `,` or tab) or the first sheet of an XLSX.

    Raises Invalid for an empty file, something that is no table, a table without the header, or without a
    person; TooLarge for a file, or what is packed in it, above the limits. Everything else that is wrong
    comes back as problems. The largest file takes seconds: call it off the event loop.
    """
    table = table_of(content, filename)
    header = find_header(table.rows)
    if header.missing:
        raise Invalid("staff-file.no-header", field="file", missing=header.missing)
    rows = list(_data_rows(table, header))
    if not rows:
        raise Invalid("staff-file.no-people", field="file")
    people, problems = people_of([member for row in rows if (member := _member(row))], header)
    problems += _problems_of_header(header) + [problem for row in rows for problem in row.problems]
    return StaffFile(
        people=tuple(people),
        problems=tuple(sorted(problems, key=lambda problem: (problem.row, problem.column, problem.slug))),
        rows_read=len(rows),
        columns=frozenset(header.places),
        kind=table.kind,
        encoding=table.encoding,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _data_rows(table: Table, header: Header) -> Iterator[Row]:
    for index, cells in enumerate(table.rows[header.index + 1 :], header.index + 2):
        row = Row(index, cells, header)
        if not (row.is_blank or row.is_numbering):
            yield row


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
