"""People as the staff file tells them, and what is wrong with the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from chassis.refusals import Fact
from services.registry.staff_file.columns import Column, Header
from services.registry.staff_file.posts import Position, RoleProfile, role_profile

Severity = Literal["error", "warning"]
CategoryLevel = Literal["CAT1", "CATH"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one cell: row as the table program numbers it, column as the file titles it.

    An error keeps the file from being applied, a warning does not. Never quotes a cell.
    """

    row: int
    column: str
    slug: str
    severity: Severity = "error"
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Category:
    """A qualification category: CAT1 is первая, CATH is высшая; `valid_until` None means without a term.

    `is_term_guessed`: the file names no term, and the usual five years were taken.
    """

    level: CategoryLevel
    decided_on: date | None
    valid_until: date | None
    order_no: str | None
    is_term_guessed: bool = False


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One person of the school with all posts; `rows` are the rows of the file that told it."""

    staff_number: str | None
    family_name: str
    given_name: str
    patronymic: str | None
    positions: tuple[Position, ...]
    hired_on: date | None
    teaching_years: float | None = None
    category: Category | None = None
    szd_on: date | None = None
    is_class_teacher: bool = False
    email: str | None = None
    leave_from: date | None = None
    leave_to: date | None = None
    rows: tuple[int, ...] = field(default=(), compare=False)

    @property
    def counts_in_staff(self) -> bool:
        """Whether form ОО-1 counts the person among pedagogical staff: one post that is counted is enough."""
        return any(position.is_counted for position in self.positions)

    @property
    def role_profile(self) -> RoleProfile | None:
        """The role profile guessed from posts, subjects and years of teaching."""
        return role_profile(self.positions, self.teaching_years)


@dataclass(frozen=True, slots=True)
class StaffFile:
    """A staff file as read: one entry per person, in the order of the file.

    `problems` holds the first of each kind, `times` how often each slug was met. `header` says which row it is, which
    columns were understood as what, and which were not read. `sha256` of the bytes stays in the log when the file is
    gone.
    """

    people: tuple[StaffMember, ...]
    columns: frozenset[Column]
    problems: tuple[Problem, ...] = ()
    times: Mapping[tuple[str, Severity], int] = field(default_factory=dict)
    rows_read: int = 0
    kind: Literal["csv", "xlsx"] = "csv"
    encoding: str | None = None
    separator: str | None = None
    header: Header | None = None
    sha256: str = ""

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Problems that must be mended before the file can be applied."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Problems that a curator should look at; the file may be applied."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")

    def count(self, severity: Severity) -> int:
        """How many errors or warnings the file has, those included of which only the first are told."""
        return sum(times for (_, met), times in self.times.items() if met == severity)

    @property
    def head_count(self) -> int:
        """How many people form ОО-1 counts: without external part-timers and civil-law contracts."""
        return sum(member.counts_in_staff for member in self.people)
