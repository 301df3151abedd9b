"""What is wrong with a file, gathered while it is read: the first of each kind are told, all are counted."""

from collections import Counter
from collections.abc import Iterable

from services.registry.staff_file.people import Problem, Severity


class Problems:
    """Problems in the making; a hundred thousand rows with the same fault would help nobody and fill the memory."""

    def __init__(self, most_of_a_kind: int | None) -> None:
        self.times: Counter[tuple[str, Severity]] = Counter()
        self._told: list[Problem] = []
        self._most = most_of_a_kind

    def add(self, problems: Iterable[Problem]) -> None:
        """Count these, and keep those that are among the first of their kind."""
        for problem in problems:
            kind = problem.slug, problem.severity
            self.times[kind] += 1
            if self._most is None or self.times[kind] <= self._most:
                self._told.append(problem)

    def in_order(self) -> tuple[Problem, ...]:
        """Those that are told, by row and column."""
        return tuple(sorted(self._told, key=lambda problem: (problem.row, problem.column, problem.slug)))
