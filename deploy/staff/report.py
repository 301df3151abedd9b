"""What a check of a staff file found, as values; pure, so that lines and JSON say the same."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from services.registry.staff_file import Employment, Problem, StaffFile, StaffMember
from services.registry.staff_file.columns import TITLES
from services.registry.staff_file.telling import Say, tell

FINE, ERRORS, UNREADABLE = 0, 1, 2
VERDICTS = {FINE: "fine", ERRORS: "errors", UNREADABLE: "unreadable"}


@dataclass(frozen=True, slots=True)
class Report:
    """A staff file that could be read: how it was understood, whom it tells of, and what is wrong with it.

    `say` gives the words of a language.
    """

    name: str
    size: int
    file: StaffFile
    say: Say

    @property
    def code(self) -> int:
        """The exit code: 0 for a file that may be applied, 1 for one with errors."""
        return ERRORS if self.file.count("error") else FINE

    @property
    def positions(self) -> int:
        """How many posts these people hold."""
        return sum(len(member.positions) for member in self.file.people)

    @property
    def not_counted(self) -> Counter[str]:
        """Why people are left out of the head count: `external`, `civil_law`, `not_pedagogical`."""
        return Counter(_why_not(member) for member in self.file.people if not member.counts_in_staff)

    def as_json(self, definition: str) -> dict[str, Any]:
        """All of it for a program; every problem, not only the first."""
        return {
            "verdict": VERDICTS[self.code],
            "file": self._file(),
            "columns": self._columns(),
            "people": len(self.file.people),
            "positions": self.positions,
            "head_count": {
                "value": self.file.head_count,
                "definition": definition,
                "not_counted": dict(self.not_counted),
            },
            "errors": self.file.count("error"),
            "warnings": self.file.count("warning"),
            "problems": [self._problem(problem) for problem in (*self.file.errors, *self.file.warnings)],
        }

    def _problem(self, one: Problem) -> dict[str, Any]:
        told = tell(one, self.say)
        place = {"row": one.row, "column": one.column, "slug": one.slug, "severity": one.severity}
        return {**place, "what": told.what, "mend": told.mend}

    def _file(self) -> dict[str, Any]:
        file = self.file
        return {
            "name": self.name,
            "bytes": self.size,
            "sha256": file.sha256,
            "kind": file.kind,
            "encoding": file.encoding,
            "separator": file.separator,
            "header_row": file.header.index + 1 if file.header else None,
            "rows_read": file.rows_read,
        }

    def _columns(self) -> dict[str, Any]:
        header = self.file.header
        if header is None:
            return {}
        understood = sorted(header.places, key=lambda column: header.places[column])
        return {
            "understood": [
                {"title": header.titles[column], "as": column.value, "meaning": TITLES[column][0]}
                for column in understood
            ],
            "ignored": list(header.ignored),
            "unwanted": list(header.unwanted),
            "repeated": list(header.repeated),
            "absent": header.absent,
        }


def _why_not(member: StaffMember) -> str:
    """The reason that stands nearest to being counted: pedagogical posts first, then how the person is employed."""
    kinds = {position.employment for position in member.positions if position.is_pedagogical}
    if Employment.EXTERNAL in kinds:
        return "external"
    return "civil_law" if kinds else "not_pedagogical"
