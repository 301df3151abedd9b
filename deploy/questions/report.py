"""What a file of questions holds and what is wrong with it, as values; pure, so that lines and JSON say the same."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from services.diagnostics.domain import QuestionFile
from services.diagnostics.domain.items import FORMS
from services.diagnostics.domain.question_rows import Problem

FINE, ERRORS, UNREADABLE = 0, 1, 2
VERDICTS = {FINE: "fine", ERRORS: "errors", UNREADABLE: "unreadable"}
MOST_TOLD = 30

Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Share:
    """What the file brings to the test of one competency: questions of form A, of form B, and of both."""

    competency: str
    forms: dict[str, int]
    common: int


@dataclass(frozen=True, slots=True)
class Report:
    """A file of questions that could be read; `say` gives the words of a language."""

    name: str
    size: int
    file: QuestionFile
    say: Say

    @property
    def code(self) -> int:
        """The exit code: 0 for a file whose questions may all be taken, 1 for one with errors or without questions."""
        return ERRORS if self.file.errors or not self.file.items else FINE

    @property
    def shares(self) -> list[Share]:
        """What comes to each test, by competency."""
        items = self.file.items
        return [
            Share(
                code,
                {letter: sum(one.competency == code and letter in one.forms for one in items) for letter in FORMS},
                sum(one.competency == code and one.is_anchor for one in items),
            )
            for code in sorted({one.competency for one in items})
        ]

    def as_json(self) -> dict[str, Any]:
        """All of it for a program; every problem, not only the first."""
        return {
            "verdict": VERDICTS[self.code],
            "file": {"name": self.name, "bytes": self.size, "sha256": self.file.sha256},
            "questions": self.file.questions_read,
            "items": [one.id for one in self.file.items],
            "kinds": dict(Counter(one.kind.value for one in self.file.items)),
            "tests": {share.competency: {**share.forms, "common": share.common} for share in self.shares},
            "errors": len(self.file.errors),
            "warnings": len(self.file.warnings),
            "problems": [self._problem(one) for one in self.file.problems],
        }

    def _problem(self, one: Problem) -> dict[str, Any]:
        place = {"row": one.row, "column": one.column, "slug": one.slug, "severity": one.severity}
        return {**place, "text": self._told(one)}

    def _told(self, one: Problem) -> str:
        return self.say(one.slug, **{"row": one.row, "column": one.column, **one.facts})

    def lines(self) -> Iterator[str]:
        """The report for a person; the last line says what it comes to."""
        file = self.file
        yield self.say("questions-file.read", name=self.name, count=file.questions_read, taken=len(file.items))
        for share in self.shares:
            counts = {f"form_{letter.lower()}": count for letter, count in share.forms.items()}
            yield self.say("questions-file.share", code=share.competency, common=share.common, **counts)
        for slug, found in (("questions-file.errors", file.errors), ("questions-file.warnings", file.warnings)):
            if found:
                yield self.say(slug, count=len(found))
                yield from (f"  {self._told(one)}" for one in found[:MOST_TOLD])
            if len(found) > MOST_TOLD:
                yield self.say("questions-file.more", count=len(found) - MOST_TOLD)
        yield self.say("questions-file.fine" if self.code == FINE else "questions-file.has-errors")
