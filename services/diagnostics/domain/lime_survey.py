"""Questions from a LimeSurvey structure (.lss, .lsg, .lsq), under the conventions that its format leaves room for.

Single choice (`L`, `!`, `O`), several choices (`M`, `P`) and ranking (`R`) are read; other kinds are passed over with
a warning. What LimeSurvey has no field for is told so: the name of a group begins with the competency and may go
on with forms and level («I01 AB 3»); the help text of a question is its explanation; right options bear a code that
begins with KEY or an assessment value above zero; a ranking stands in the right order.
"""

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Final

from services.diagnostics.domain.items import LETTERS, Fault, Kind
from services.diagnostics.domain.question_rows import Problem, Written, are_forms, latin
from services.diagnostics.domain.question_tables import one_line
from services.diagnostics.domain.survey_tables import Option, Question, is_survey, questions_in

__all__ = ["is_survey", "questions_of_survey"]

_KINDS: Final = {
    "L": Kind.ONE,
    "!": Kind.ONE,
    "O": Kind.ONE,
    "M": Kind.SEVERAL,
    "P": Kind.SEVERAL,
    "R": Kind.ORDER,
}
_LANGUAGES: Final = ("ru", "en")
_KEY: Final = "KEY"
_COMPETENCY: Final = re.compile(r"[A-Z]\d\d(\.[A-Z]+)?")
_LEVEL: Final = re.compile(r"[1-5]")
_WORD: Final = re.compile(r"[\w.]+")
_TAG: Final = re.compile(r"(/?)([A-Za-z][A-Za-z0-9]*)")
_HIDDEN: Final = frozenset({"script", "style"})
_INLINE: Final = frozenset({"b", "strong", "i", "em", "u", "s", "span", "sub", "sup", "a", "font", "small"})
_LEVELLED: Final = "0123456789+-−"
_RAISED: Final = {
    "sup": (str.maketrans(_LEVELLED, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻"), "^"),
    "sub": (str.maketrans(_LEVELLED, "₀₁₂₃₄₅₆₇₈₉₊₋₋"), "_"),
}
# ExpressionScript: in LimeSurvey a brace that touches a letter is reckoned out, here it would stay as it is.
_EXPRESSION: Final = re.compile(r"\{[A-Za-z]")


def questions_of_survey(content: bytes) -> tuple[list[Written], list[Problem]]:
    """The questions of a survey in its order; refused as `questions.not-a-survey` where the file is none."""
    written: list[Written] = []
    problems: list[Problem] = []
    for number, question in enumerate(questions_in(content), start=1):
        kind = _KINDS.get(question.type)
        if kind is None:
            facts = {"question": question.code, "type": question.type}
            problems.append(Problem(number, "kind", "questions.type-skipped", "warning", facts))
            continue
        cells = _cells(question, kind)
        problems += _losses(number, question, cells)
        if len(_options(question, kind)) > len(LETTERS):
            problems.append(Problem(number, "a_ru", f"questions.{Fault.OPTIONS_UNFIT}"))
        written.append(Written(number, {name: plain(text) for name, text in cells.items()}))
    return written, problems


def plain(text: str) -> str:
    """The words of a piece of HTML in one line, without scripts and styles.

    Each sign is looked at once. The parser of the standard library takes minutes for a few thousand unclosed tags.
    """
    first, *pieces = _without_comments(text).split("<")
    words, is_hidden = [first], False
    for piece in pieces:
        tag, closed, rest = piece.partition(">")
        name = _TAG.match(tag) if closed else None
        if name is None:
            # A sign of comparison.
            words.append("" if is_hidden else f"<{piece}")
            continue
        is_hidden = name[1] == "" if name[2].casefold() in _HIDDEN else is_hidden
        words.append("" if is_hidden else f"{_space(name[2])}{_raised(name[0].casefold(), rest)}")
    return one_line(unescape("".join(words)))


def _space(tag: str) -> str:
    """What parts the words around a tag: a letter may be bold inside a word, a new line may not."""
    return "" if tag.casefold() in _INLINE else " "


def _raised(tag: str, text: str) -> str:
    """Powers and indices as signs of their own: 10<sup>6</sup> is not 106."""
    if tag not in _RAISED or not text:
        return text
    signs, mark = _RAISED[tag]
    return text.translate(signs) if set(text) <= set(_LEVELLED) else f"{mark}{text}"


def _without_comments(text: str) -> str:
    first, *rest = text.split("<!--")
    return first + "".join(piece.partition("-->")[2] for piece in rest)


def _cells(question: Question, kind: Kind) -> dict[str, str]:
    cells = {"id": question.code, "kind": str(kind), **_marks(question.groups)}
    for language in _LANGUAGES:
        cells[f"question_{language}"] = question.words.get(language, "")
        cells[f"explanation_{language}"] = question.help.get(language, "")
    options = _options(question, kind)
    # A ranking is listed in the right order: sorted by its words it does not give the key away.
    shown = sorted(options, key=_first_words) if kind is Kind.ORDER else options
    for letter, option in zip(LETTERS, shown, strict=False):
        cells |= {f"{letter}_{language}": option.words.get(language, "") for language in _LANGUAGES}
    right = [option for option in options if kind is Kind.ORDER or _is_right(option)]
    cells["key"] = " ".join(LETTERS[place] for option in right if (place := shown.index(option)) < len(LETTERS))
    return cells


def _options(question: Question, kind: Kind) -> Sequence[Option]:
    """Several choices are subquestions, single choice is answers; a ranking was answers and is subquestions now."""
    return question.parts if kind is Kind.SEVERAL or not question.answers else question.answers


def _is_right(option: Option) -> bool:
    return option.value > 0 or option.code.upper().startswith(_KEY)


def _first_words(option: Option) -> str:
    return option.words.get("ru") or option.words.get("en") or ""


def _marks(groups: Sequence[str]) -> dict[str, str]:
    """Competency, forms and level out of the name of a group, whatever else the name says."""
    for name in groups:
        first, *rest = [word.strip(".") for word in _WORD.findall(latin(plain(name)))] or [""]
        if _COMPETENCY.fullmatch(first):
            forms = rest.pop(0) if rest and are_forms(rest[0]) else ""
            level = rest[0] if rest and _LEVEL.fullmatch(rest[0]) else ""
            return {"competency": first, "forms": forms, "level": level}
    return {}


def _losses(number: int, question: Question, cells: dict[str, str]) -> Iterator[Problem]:
    """What LimeSurvey shows and a test cannot: pictures and expressions keep a question out, the rest is told."""
    facts = {"question": question.code}
    for name, text in cells.items():
        if "<img" in text.casefold():
            yield Problem(number, name, "questions.picture-lost", facts=facts)
        if _EXPRESSION.search(text):
            yield Problem(number, name, "questions.expression", facts=facts)
    if question.has_other:
        yield Problem(number, "key", "questions.other-dropped", "warning", facts)
    if question.is_conditional:
        yield Problem(number, "question_ru", "questions.condition-dropped", "warning", facts)
