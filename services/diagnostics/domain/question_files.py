"""Questions that a school brings in a file: CSV or a LimeSurvey export become items, and every doubt has its place."""

import hashlib
from typing import Final

from chassis.refusals import Invalid, TooLarge
from services.diagnostics.domain.catalogue import Catalogue
from services.diagnostics.domain.items import Item
from services.diagnostics.domain.lime_survey import is_survey, questions_of_survey
from services.diagnostics.domain.question_rows import Assumed, Problem, QuestionFile, Written, item_of
from services.diagnostics.domain.question_tables import questions_of_table

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_QUESTIONS: Final = 1000

__all__ = ["MOST_BYTES", "MOST_QUESTIONS", "Assumed", "Problem", "QuestionFile", "read_questions"]


def read_questions(content: bytes, catalogue: Catalogue, assumed: Assumed) -> QuestionFile:
    """Read a CSV (UTF-8, UTF-16, Windows-1251; `;`, `,` or tab) or a LimeSurvey structure (.lss, .lsg, .lsq).

    What the bytes are decides, not the name of the file. Raises TooLarge above 5 MB or 1000 questions, Invalid for
    an empty file and for one that is neither. Everything else that is wrong comes back as problems; a question
    with an error is left out of `items`. Whether forms come out whole is asked later, of the bank that takes them.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge("questions.too-large", field="file", megabytes=MOST_BYTES // 1024**2)
    if not content.strip():
        raise Invalid("questions.empty", field="file")
    written, problems = questions_of_survey(content) if is_survey(content) else questions_of_table(content)
    if len(written) > MOST_QUESTIONS:
        raise TooLarge("questions.too-many", field="file", most=MOST_QUESTIONS)
    items, found = _items(written, problems, catalogue, assumed)
    return QuestionFile(
        items=items,
        problems=tuple(sorted(found, key=lambda problem: (problem.row, problem.column, problem.slug))),
        questions_read=len(written),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _items(
    written: list[Written], problems: list[Problem], catalogue: Catalogue, assumed: Assumed
) -> tuple[tuple[Item, ...], list[Problem]]:
    broken = {problem.row for problem in problems if problem.severity == "error"}
    items, told = [], list(problems)
    taken = set(assumed.taken)
    for question in written:
        item, found = item_of(question, catalogue, assumed, taken)
        told += found
        taken.add(question.cell("id"))
        if item is not None and question.row not in broken:
            items.append(item)
    return tuple(items), told
