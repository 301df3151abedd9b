"""The tables of a LimeSurvey structure: safe reading of its XML, and the questions that its rows make up.

The layout follows what LimeSurvey writes: each table has `rows/row`, one element per field. Since version 4
(DBVersion 400 and above) words stand in `question_l10ns`, `answer_l10ns` and `group_l10ns`; before that a row was
repeated for each language and held the words itself. Both are read.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from chassis.refusals import Invalid, TooLarge

MOST_ELEMENTS: Final = 200_000
_TABLES: Final = (
    "groups",
    "group_l10ns",
    "questions",
    "subquestions",
    "question_l10ns",
    "answers",
    "answer_l10ns",
)
_KINDS_OF_FILE: Final = ("Survey", "Group", "Question")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Option:
    """An answer or a subquestion: its code, its assessment value and its words by language."""

    code: str
    value: int
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a survey with the names of its group; words and help by language."""

    code: str
    type: str
    groups: tuple[str, ...]
    words: Mapping[str, str]
    help: Mapping[str, str]
    answers: tuple[Option, ...]
    parts: tuple[Option, ...]
    has_other: bool
    is_conditional: bool


def is_survey(content: bytes) -> bool:
    """Whether the bytes begin as XML rather than as a table."""
    start = content[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start.startswith((b"<?xml", b"<document", b"<!"))


def questions_in(content: bytes) -> tuple[Question, ...]:
    """The questions in the order of groups; refused as `questions.not-a-survey` or `questions.document-type`."""
    tables = _tables(content)
    survey = _Survey(
        groups=_by(tables["group_l10ns"] + tables["groups"], "gid"),
        answers=_by([row for row in tables["answers"] if _is_first_scale(row)], "qid"),
        answer_words=_by(tables["answer_l10ns"], "aid"),
        parts=_by([row for row in tables["subquestions"] if _is_first_scale(row)], "parent_qid"),
        words=_words(row for name in ("question_l10ns", "questions", "subquestions") for row in tables[name]),
    )
    places = {row.get("gid", ""): _whole(row.get("group_order")) for row in reversed(tables["groups"])}
    asked = _once((row for row in tables["questions"] if row.get("parent_qid", "0") in ("", "0")), "qid")
    asked.sort(key=lambda row: (places.get(row.get("gid", ""), 0), _whole(row.get("question_order"))))
    return tuple(_question(row, survey) for row in asked)


@dataclass(frozen=True, slots=True)
class _Survey:
    """The rows by what they belong to: group, question, answer; words by question and language."""

    groups: Mapping[str, list[Row]]
    answers: Mapping[str, list[Row]]
    answer_words: Mapping[str, list[Row]]
    parts: Mapping[str, list[Row]]
    words: Mapping[str, Mapping[str, Row]]


class _PlainTree(ET.TreeBuilder):
    """A tree of elements and text only, refused as soon as it is something else or grows too large."""

    def __init__(self) -> None:
        super().__init__()
        self._elements = 0

    def doctype(self, name: str, pubid: str | None, system: str | None) -> NoReturn:
        """Entities can only be declared in a document type, and LimeSurvey writes none: refuse both at once.

        An entity that repeats others grows a small file into gigabytes, an outer one reads the server's own files.
        """
        raise Invalid("questions.document-type", field="file")

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        """Count, so that a few megabytes of tags do not become hundreds of megabytes of elements."""
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise TooLarge("questions.too-many-elements", field="file")
        return super().start(tag, attrs)


def _tables(content: bytes) -> dict[str, list[Row]]:
    parser = ET.XMLParser(target=_PlainTree())  # noqa: S314  (the builder refuses document types, thus entities)
    try:
        parser.feed(content)
        root = parser.close()
    except (ET.ParseError, LookupError, ValueError) as broken:
        raise Invalid("questions.not-a-survey", field="file") from broken
    if root.tag != "document" or root.findtext("LimeSurveyDocType", "").strip() not in _KINDS_OF_FILE:
        raise Invalid("questions.not-a-survey", field="file")
    return {
        name: [{field.tag: (field.text or "").strip() for field in row} for row in root.iterfind(f"{name}/rows/row")]
        for name in _TABLES
    }


def _words(rows: Iterable[Row]) -> dict[str, dict[str, Row]]:
    """Rows that speak a language, by question and language."""
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        if "language" in row and "question" in row:
            found.setdefault(row.get("qid", ""), {}).setdefault(_language(row), row)
    return found


def _question(row: Row, survey: _Survey) -> Question:
    qid = row.get("qid", "")
    spoken = survey.words.get(qid, {})
    names = (one.get("group_name", "") for one in survey.groups.get(row.get("gid", ""), []))
    return Question(
        code=row.get("title", ""),
        type=row.get("type", ""),
        groups=tuple(name for name in names if name),
        words={language: one["question"] for language, one in spoken.items()},
        help={language: one.get("help", "") for language, one in spoken.items()},
        answers=_answers(qid, survey),
        parts=_parts(qid, survey),
        has_other=row.get("other") == "Y",
        is_conditional=row.get("relevance", "") not in ("", "1"),
    )


def _answers(qid: str, survey: _Survey) -> tuple[Option, ...]:
    mine = _by(survey.answers.get(qid, []), "code")
    options = sorted((rows[0] for rows in mine.values()), key=lambda row: _whole(row.get("sortorder")))
    found = []
    for option in options:
        told = survey.answer_words.get(option.get("aid", ""), []) if "aid" in option else []
        told = told or [row for row in mine[option.get("code", "")] if "answer" in row]
        words = {_language(row): row.get("answer", "") for row in told}
        found.append(Option(option.get("code", ""), _whole(option.get("assessment_value")), words))
    return tuple(found)


def _parts(qid: str, survey: _Survey) -> tuple[Option, ...]:
    parts = _once(survey.parts.get(qid, []), "qid")
    parts.sort(key=lambda row: _whole(row.get("question_order")))
    found = []
    for part in parts:
        spoken = survey.words.get(part.get("qid", ""), {})
        words = {language: one["question"] for language, one in spoken.items()}
        found.append(Option(part.get("title", ""), 0, words))
    return tuple(found)


def _by(rows: Iterable[Row], key: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.get(key, ""), []).append(row)
    return found


def _is_first_scale(row: Row) -> bool:
    """The second scale belongs to kinds of questions that are not read."""
    return row.get("scale_id", "0") in ("", "0")


def _once(rows: Iterable[Row], key: str) -> list[Row]:
    """The first row of each key: an older file repeats it for each language."""
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(row.get(key, ""), row)
    return list(found.values())


def _language(row: Row) -> str:
    """`ru` of `ru`, `en` of `en-GB`."""
    return row.get("language", "").partition("-")[0].casefold()


def _whole(text: str | None) -> int:
    return int(text) if text and text.lstrip("-").isdecimal() and text.isascii() else 0
