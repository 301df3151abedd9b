"""Tables of questions become test items; what is wrong is told by row and column, and every file has its limits."""

import re
from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest

from chassis.refusals import Invalid, TooLarge
from chassis.texts import LANGUAGES, Texts
from services.diagnostics import domain
from services.diagnostics.domain import read_questions
from services.diagnostics.domain.items import Fault, Kind, Review
from services.diagnostics.domain.question_files import MOST_BYTES, MOST_QUESTIONS
from tests.diagnostics.question_samples import QUESTION, SILENT, TOLD, a_table, catalogue, sample, told


def test_a_table_becomes_items_of_all_kinds() -> None:
    file = sample("questions.csv")

    assert told(file) == []
    assert [(item.id, item.kind, item.forms, item.key) for item in file.items] == [
        ("D05-101", Kind.ONE, ("A", "B"), (0,)),
        ("D05-102", Kind.SEVERAL, ("A",), (0, 1)),
        ("D05-103", Kind.ORDER, ("B",), (1, 2, 0)),
    ]
    assert file.items[0].basis == "152-ФЗ, ст. 3"
    assert (file.items[0].author, file.items[0].review) == ("tester", Review.DRAFT)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_a_table_is_read_as_table_programs_save_it(separator: str, encoding: str) -> None:
    file = read_questions(a_table({}, separator=separator, encoding=encoding), catalogue(), SILENT)

    assert told(file) == []
    assert file.items[0].question.ru == "Что делать?"


def test_a_code_typed_on_a_russian_keyboard_is_understood() -> None:
    file = read_questions(a_table({"competency": "М03", "forms": "а, в", "key": "В"}), catalogue(), SILENT)

    assert [(item.competency, item.forms, item.key) for item in file.items] == [("M03", ("A", "B"), (1,))]


def test_what_a_table_leaves_out_may_be_said_for_the_whole_file() -> None:
    silent = {"competency": "", "level": "", "forms": "", "kind": ""}

    file = read_questions(a_table(silent), catalogue(), TOLD)

    item = file.items[0]
    assert (item.competency, item.level, item.forms, item.kind) == ("M04", 3, ("B",), Kind.ONE)


@pytest.mark.parametrize(
    ("change", "column", "slug"),
    [
        ({"id": ""}, "id", "questions.id-wrong"),
        ({"competency": "D99"}, "competency", "questions.unknown-competency"),
        ({"competency": "S03"}, "competency", "questions.unknown-competency"),
        ({"competency": ""}, "competency", "questions.unknown-competency"),
        ({"level": "7"}, "level", "questions.level-out-of-range"),
        ({"level": "high"}, "level", "questions.level-out-of-range"),
        ({"kind": "guess"}, "kind", "questions.kind-unknown"),
        ({"forms": "AX"}, "forms", "questions.form-unknown"),
        ({"forms": ""}, "forms", "questions.form-unknown"),
        ({"question_en": ""}, "question_en", "questions.language-missing"),
        ({"c_en": ""}, "c_en", "questions.language-missing"),
        ({"explanation_ru": ""}, "explanation_ru", "questions.language-missing"),
        ({"c_ru": "", "c_en": ""}, "a_ru", "questions.options-unfit"),
        ({"c_ru": "Ждать"}, "c_ru", "questions.option-twice"),
        ({"key": ""}, "key", "questions.key-missing"),
        ({"key": "d"}, "key", "questions.key-out-of-range"),
        ({"key": "a b"}, "key", "questions.key-unfit"),
        ({"kind": "SEVERAL", "key": "abc"}, "key", "questions.key-unfit"),
        ({"kind": "ORDER", "key": "ab"}, "key", "questions.key-unfit"),
        ({"question_ru": "слово " * 500}, "question_ru", "questions.too-long"),
    ],
)
def test_a_wrong_cell_is_told_by_row_and_column(change: dict[str, str], column: str, slug: str) -> None:
    file = read_questions(a_table({"id": "Q0"}, change), catalogue(), SILENT)

    assert told(file) == [(3, column, slug)]
    assert [item.id for item in file.items] == ["Q0"]


def test_a_code_that_stands_twice_or_is_taken_keeps_the_later_question_out() -> None:
    content = a_table({"id": "Q1"}, {"id": "Q1"}, {"id": "Q2"})

    file = read_questions(content, catalogue(), replace(SILENT, taken=frozenset({"Q2"})))

    assert told(file) == [(3, "id", "questions.id-twice"), (4, "id", "questions.id-twice")]
    assert [item.id for item in file.items] == ["Q1"]


def test_russian_stands_in_for_english_with_a_warning() -> None:
    content = a_table({column: "" for column in QUESTION if column.endswith("_en")})

    file = read_questions(content, catalogue(), SILENT)

    assert [(problem.slug, problem.severity) for problem in file.problems] == [("questions.no-english", "warning")]
    assert file.items[0].question.en == "Что делать?"


def test_a_question_without_russian_is_told_once() -> None:
    content = a_table({column: "" for column in QUESTION if column.endswith("_ru")})

    file = read_questions(content, catalogue(), SILENT)

    assert told(file) == [(2, "question_ru", "questions.language-missing")]
    assert file.items == ()


def test_an_unquoted_separator_is_found_by_the_extra_cell() -> None:
    content = a_table({}).replace("Вопрос помогает.".encode(), "Вопрос; да.".encode())

    file = read_questions(content, catalogue(), SILENT)

    assert (2, "", "questions.cells-too-many") in told(file)
    assert file.items == ()


def test_an_unknown_column_is_told_and_not_read() -> None:
    file = read_questions(a_table({"mood": "good"}), catalogue(), SILENT)

    assert told(file) == [(1, "mood", "questions.column-unknown")]
    assert len(file.items) == 1


@pytest.mark.parametrize(
    ("content", "slug"),
    [
        (b"", "questions.empty"),
        (b" \n ", "questions.empty"),
        (b"\x00\x01\x02", "questions.not-a-table"),
        (b"name;mark\nIvanov;5\n", "questions.no-header"),
        (b"<?xml version='1.0'?><document><broken></document>", "questions.not-a-survey"),
        (b"<?xml version='1.0'?><html/>", "questions.not-a-survey"),
        (b"<document><LimeSurveyDocType>Label set</LimeSurveyDocType></document>", "questions.not-a-survey"),
        (b"<?xml version='1.0' encoding='no-such'?><document/>", "questions.not-a-survey"),
    ],
)
def test_a_file_that_is_neither_table_nor_survey_is_refused(content: bytes, slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_questions(content, catalogue(), SILENT)

    assert (refused.value.slug, refused.value.field) == (slug, "file")


@pytest.mark.parametrize(
    ("content", "slug"),
    [
        (b"a" * (MOST_BYTES + 1), "questions.too-large"),
        (b"<document>" + b"<a/>" * 200_001 + b"</document>", "questions.too-many-elements"),
        (b"<document>" + b"<a>" * 1_000_000, "questions.too-many-elements"),
    ],
)
@pytest.mark.slow
def test_a_file_that_would_fill_the_memory_is_refused(content: bytes, slug: str) -> None:
    with pytest.raises(TooLarge) as refused:
        read_questions(content, catalogue(), SILENT)

    assert refused.value.slug == slug


def test_a_table_with_too_many_questions_is_refused() -> None:
    content = a_table(*({"id": f"Q{number}"} for number in range(MOST_QUESTIONS + 1)))

    with pytest.raises(TooLarge) as refused:
        read_questions(content, catalogue(), SILENT)

    assert (refused.value.slug, refused.value.facts["most"]) == ("questions.too-many", MOST_QUESTIONS)


def slugs() -> list[str]:
    """Every slug that reading a file may tell."""
    folder = Path(str(domain.__file__)).parent
    written = {
        slug for path in folder.glob("*.py") for slug in re.findall(r'"(questions\.[a-z-]+)"', path.read_text("utf-8"))
    }
    return sorted(written | {f"questions.{fault}" for fault in Fault})


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_is_told_has_words_with_facts_that_are_given(language: str) -> None:
    texts = Texts.load("services.diagnostics")
    facts = {"row", "column", "question", "type", "missing", "most", "megabytes"}

    named = {
        name
        for slug in slugs()
        for _, name, _, _ in Formatter().parse(texts.by_language[language].gettext(slug))
        if name
    }

    assert len(slugs()) > 25
    assert [slug for slug in slugs() if not texts.knows(slug, language)] == []
    assert named <= facts
