"""One question as a file writes it, and what becomes of it: an item, or problems with their place."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from chassis.refusals import Fact
from services.diagnostics.domain.catalogue import Bilingual, Catalogue
from services.diagnostics.domain.items import FORMS, LETTERS, Fault, Item, Kind, Review, findings_of, positions_of

Severity = Literal["error", "warning"]

OPTION_COLUMNS: Final = tuple(f"{letter}_{language}" for letter in LETTERS for language in ("ru", "en"))
COLUMNS: Final = (
    "id",
    "competency",
    "level",
    "kind",
    "forms",
    "question_ru",
    "question_en",
    *OPTION_COLUMNS,
    "key",
    "explanation_ru",
    "explanation_en",
    "basis",
)
LONGEST_TEXT: Final = 2000
# Cyrillic capitals that look like Latin ones (M03 typed on a Russian keyboard), by code point.
_LOOK_ALIKE: Final = dict(
    zip((0x410, 0x412, 0x415, 0x41A, 0x41C, 0x41D, 0x41E, 0x420, 0x421, 0x422, 0x425), "ABEKMHOPCTX", strict=True)
)
_LEVEL: Final = re.compile(r"[1-5]")
_SPLIT: Final = re.compile(r"[\s,;+/]+")


@dataclass(frozen=True, slots=True)
class Assumed:
    """What the person who brings the file has said about all its questions; a question's own word goes first.

    `taken` are ids that the bank already holds.
    """

    author: str
    competency: str | None = None
    level: int | None = None
    forms: tuple[str, ...] = ()
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where: `row` as the table program numbers it, in a survey the number of the question.

    `column` is that of the table; a survey's words go under the same names. An error keeps the question out, a
    warning does not. Its text under the slug says how to mend it; the words of a question are never quoted.
    """

    row: int
    column: str
    slug: str
    severity: Severity = "error"
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """A file of questions as read; `sha256` of the bytes stays in the log when the file is gone."""

    items: tuple[Item, ...]
    problems: tuple[Problem, ...]
    questions_read: int
    sha256: str

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Problems of the questions that were left out."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Problems that a methodist should look at; the question is taken."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")


@dataclass(frozen=True, slots=True)
class Written:
    """A question as the file writes it: the text of each column, in the words of the table."""

    row: int
    cells: Mapping[str, str]

    def cell(self, column: str) -> str:
        """The text of a column; nothing where the file is silent."""
        return self.cells.get(column, "")

    def speaks(self, language: str) -> bool:
        """Whether any column of the language is filled in."""
        return any(text for column, text in self.cells.items() if column.endswith(f"_{language}"))

    def words(self, name: str) -> Bilingual:
        """The Russian and the English column of one name."""
        return Bilingual(self.cell(f"{name}_ru"), self.cell(f"{name}_en"))


def item_of(
    written: Written, catalogue: Catalogue, assumed: Assumed, taken: Collection[str]
) -> tuple[Item | None, list[Problem]]:
    """The item that a question makes, or `None` with the errors that keep it out."""
    problems = _too_long(written)
    if not written.speaks("ru"):
        # One word for the whole question, not one for each of its options.
        return None, [*problems, Problem(written.row, "question_ru", f"questions.{Fault.LANGUAGE_MISSING}")]
    kind = written.cell("kind").upper() or Kind.ONE
    if kind not in set(Kind):
        return None, [*problems, Problem(written.row, "kind", f"questions.{Fault.KIND_UNKNOWN}")]
    spoken, has_english = _spoken(written)
    item = _item(spoken, Kind(kind), assumed)
    if item.id in taken:
        problems.append(Problem(written.row, "id", f"questions.{Fault.ID_TWICE}"))
    problems += [
        Problem(written.row, _column(found.field, found.option), f"questions.{found.fault}")
        for found in findings_of(item, catalogue)
    ]
    is_taken = not problems
    if not has_english:
        problems.append(Problem(written.row, "question_en", "questions.no-english", "warning"))
    return (item if is_taken else None), problems


def _too_long(written: Written) -> list[Problem]:
    return [
        Problem(written.row, column, "questions.too-long", facts={"most": LONGEST_TEXT})
        for column, text in written.cells.items()
        if len(text) > LONGEST_TEXT
    ]


def latin(text: str) -> str:
    """A code in capitals with Latin letters where Cyrillic ones look the same."""
    return text.strip().upper().translate(_LOOK_ALIKE)


def _spoken(written: Written) -> tuple[Written, bool]:
    """A question without a word of English speaks Russian in both languages until somebody translates it."""
    if written.speaks("en"):
        return written, True
    doubled = {f"{column[:-3]}_en": text for column, text in written.cells.items() if column.endswith("_ru")}
    return Written(written.row, {**written.cells, **doubled}), False


def _item(written: Written, kind: Kind, assumed: Assumed) -> Item:
    level = written.cell("level")
    options = [written.words(letter) for letter in LETTERS]
    while options and options[-1] == Bilingual("", ""):
        options.pop()
    return Item(
        id=written.cell("id"),
        competency=latin(written.cell("competency")) or assumed.competency or "",
        level=_level(level) if level else assumed.level or 0,
        kind=kind,
        forms=_forms(written.cell("forms")) or assumed.forms,
        question=written.words("question"),
        options=tuple(options),
        key=positions_of(_letters(written.cell("key"))),
        explanation=written.words("explanation"),
        basis=written.cell("basis") or None,
        author=assumed.author,
        review=Review.DRAFT,
    )


def _level(text: str) -> int:
    """A level, or 0 for what is none."""
    return int(text) if _LEVEL.fullmatch(text) else 0


def _forms(text: str) -> tuple[str, ...]:
    """«A», «AB», «A, B»; a letter that is no form stays to be found at fault."""
    return tuple(sorted(set(_SPLIT.sub("", latin(text)))))


def _letters(text: str) -> list[str]:
    """«b», «a c», «a, c»; a run such as «cab» reads as single letters."""
    parts = [part for part in _SPLIT.split(latin(text).lower()) if part]
    return list(parts[0]) if len(parts) == 1 else parts


def _column(name: str, option: int | None) -> str:
    if option is None:
        return name.replace("options_", f"{LETTERS[0]}_")
    return name.replace("options", LETTERS[option])


def are_forms(text: str) -> bool:
    """Whether the text names forms and nothing else."""
    return bool(text) and set(_forms(text)) <= set(FORMS)
