"""Files of questions for tests: tables written here, and surveys as LimeSurvey exports them."""

import csv
import io
from functools import cache
from pathlib import Path

from services import diagnostics
from services.diagnostics.domain import Assumed, Catalogue, QuestionFile, load_catalogue, read_questions

SAMPLES = Path(__file__).parent / "data"
SILENT = Assumed(author="tester")
TOLD = Assumed(author="tester", competency="M04", level=3, forms=("B",))
QUESTION = {
    "id": "Q1",
    "competency": "D05",
    "level": "2",
    "kind": "ONE",
    "forms": "AB",
    "question_ru": "Что делать?",
    "question_en": "What to do?",
    "a_ru": "ждать",
    "a_en": "wait",
    "b_ru": "спросить",
    "b_en": "ask",
    "c_ru": "уйти",
    "c_en": "leave",
    "key": "b",
    "explanation_ru": "Вопрос помогает.",
    "explanation_en": "A question helps.",
}


@cache
def catalogue() -> Catalogue:
    return load_catalogue(Path(str(diagnostics.__file__)).parent / "catalogue" / "2026.1")


def sample(name: str, assumed: Assumed = SILENT) -> QuestionFile:
    return read_questions((SAMPLES / name).read_bytes(), catalogue(), assumed)


def a_table(*rows: dict[str, str], separator: str = ";", encoding: str = "utf-8") -> bytes:
    """A CSV of questions, each a change of the usual one."""
    out = io.StringIO()
    columns = list(dict.fromkeys(column for row in ({}, *rows) for column in QUESTION | row))
    writer = csv.DictWriter(out, columns, delimiter=separator)
    writer.writeheader()
    writer.writerows([QUESTION | row for row in rows])
    return out.getvalue().encode(encoding)


def told(file: QuestionFile) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.slug) for problem in file.problems]


def a_survey(was: str, becomes: str) -> bytes:
    """The sample with every place of some words changed."""
    text = (SAMPLES / "survey.lss").read_text(encoding="utf-8")
    assert was in text
    return text.replace(was, becomes).encode()
