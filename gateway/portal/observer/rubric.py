"""A rubric as a page shows it and as its form comes back: signs with marks, or no occasion for a competency. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.portal.catalogue import Catalogue

# The field of a competency's box "no occasion", and of one sign's marks.
NO_OCCASION, SIGN = "none-", "mark-"


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign to look for: its field, its words, the mark given so far."""

    field: str
    words: str
    mark: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """The signs of one competency; `has_no_occasion` when the lesson did not show it."""

    code: str
    name: str
    letter: str
    signs: Sequence[Sign]
    has_no_occasion: bool

    @property
    def is_marked(self) -> bool:
        """Is there nothing left to mark?"""
        return self.has_no_occasion or all(sign.mark is not None for sign in self.signs)


Marks = Mapping[str, Sequence[int | None] | None]


def parts_of(rubrics: Sequence[Mapping[str, Any]], marks: Marks, catalogue: Catalogue, language: str) -> list[Part]:
    """The rubric of one person or artefact with what was marked so far."""
    return [_part(rubric, marks, catalogue, language) for rubric in rubrics]


def _part(rubric: Mapping[str, Any], marks: Marks, catalogue: Catalogue, language: str) -> Part:
    code = str(rubric["competency"])
    given = marks.get(code, ())
    signs = [
        Sign(f"{SIGN}{code}-{number}", str(one[language]), _at(given, number))
        for number, one in enumerate(rubric["criteria"])
    ]
    return Part(code, catalogue.name(code), catalogue.domain(code).letter, signs, code in marks and given is None)


def _at(given: Sequence[int | None] | None, number: int) -> int | None:
    return given[number] if given and number < len(given) else None


def marks_in(form: Mapping[str, str], rubrics: Sequence[Mapping[str, Any]]) -> dict[str, list[int | None] | None]:
    """What a form says, a competency nobody touched left out; a mark that is none of the rubric's counts as no mark."""
    found: dict[str, list[int | None] | None] = {}
    for rubric in rubrics:
        code, highest = str(rubric["competency"]), int(rubric["highest"])
        fields = [form.get(f"{SIGN}{code}-{number}", "") for number in range(len(rubric["criteria"]))]
        if form.get(f"{NO_OCCASION}{code}"):
            found[code] = None
        elif any(fields):
            found[code] = [_mark(one, highest) for one in fields]
    return found


def _mark(written: str, highest: int) -> int | None:
    return int(written) if written.isascii() and written.isdecimal() and int(written) <= highest else None


def unmarked(marks: Marks) -> list[str]:
    """The competencies that were begun and not marked to the end."""
    return [code for code, given in marks.items() if given is not None and None in given]
