"""A questionnaire as the teacher walks through it: one competency a screen, how far one is, where one goes on. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.portal.catalogue import Catalogue

NOT_APPLICABLE = "none"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet about oneself (no `person`) or a colleague; `answers` are levels, None for "not applicable"."""

    campaign: str
    person: str | None
    closes_on: str
    wave: int
    codes: Sequence[str]
    answers: Mapping[str, int | None]
    minutes_left: int
    is_final: bool

    @property
    def is_own(self) -> bool:
        """Is it about the reader?"""
        return self.person is None

    @property
    def path(self) -> str:
        """The page of the sheet below the school, and the API's door of it below `my`."""
        about = "self" if self.person is None else f"colleagues/{self.person}"
        return f"forms/{self.campaign}/{about}"

    @property
    def missing(self) -> Sequence[str]:
        """What nobody spoke to yet, in the order of the sheet."""
        return [code for code in self.codes if code not in self.answers]

    @property
    def is_begun(self) -> bool:
        """Was anything answered, and is anything left?"""
        return bool(self.answers) and bool(self.missing) and not self.is_final

    def place(self, code: str) -> int:
        """Where a competency stands on the sheet, from 1 on; 0 for one that is not asked."""
        return self.codes.index(code) + 1 if code in self.codes else 0

    def before(self, code: str) -> str | None:
        """The competency on the screen before."""
        place = self.place(code)
        return self.codes[place - 2] if place > 1 else None

    def after(self, code: str) -> str | None:
        """The competency on the next screen."""
        place = self.place(code)
        return self.codes[place] if place < len(self.codes) else None


@dataclass(frozen=True, slots=True)
class Option:
    """One of the sentences to choose from; `value` is the level, or `none` for "not applicable"."""

    value: str
    name: str
    sentence: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A competency on the overview: its name and what was chosen, empty while nothing was."""

    code: str
    name: str
    chosen: str
    is_open: bool


def own_sheet(forms: Sequence[Mapping[str, Any]], campaign: str) -> Sheet | None:
    """My own sheet of a campaign, if it asks me about myself."""
    form = _form(forms, campaign)
    own = form.get("self") if form else None
    if form is None or own is None:
        return None
    return _sheet(form, own, person=None, is_final=own["is_final"])


def sheet_about(forms: Sequence[Mapping[str, Any]], campaign: str, person: str) -> Sheet | None:
    """The sheet about a colleague, if the campaign asks me about this one."""
    form = _form(forms, campaign)
    found = next((one for one in (form or {}).get("colleagues", ()) if one["person_id"] == person), None)
    if form is None or found is None:
        return None
    return _sheet(form, found, person=person, is_final=found["is_done"])


def _form(forms: Sequence[Mapping[str, Any]], campaign: str) -> Mapping[str, Any] | None:
    return next((one for one in forms if str(one["campaign_id"]) == campaign), None)


def _sheet(form: Mapping[str, Any], found: Mapping[str, Any], *, person: str | None, is_final: bool) -> Sheet:
    return Sheet(
        campaign=str(form["campaign_id"]),
        person=person,
        closes_on=form["closes_on"],
        wave=form["wave"],
        codes=found["competencies"],
        answers=found["answers"],
        minutes_left=found["minutes_left"],
        is_final=is_final,
    )


def options_of(sheet: Sheet, code: str, catalogue: Catalogue) -> Sequence[Option]:
    """The five sentences of a competency, with the one that was chosen."""
    chosen = sheet.answers.get(code)
    return [
        Option(str(level), name, sentence, is_chosen=level == chosen)
        for level, name, sentence in catalogue.sentences(code)
    ]


def is_not_applicable(sheet: Sheet, code: str) -> bool:
    """Was "not applicable" chosen?"""
    return code in sheet.answers and sheet.answers[code] is None


def lines_of(sheet: Sheet, catalogue: Catalogue, not_applicable: str) -> Sequence[Line]:
    """The overview, in the order of the sheet."""
    return [_line(sheet, code, catalogue, not_applicable) for code in sheet.codes]


def _line(sheet: Sheet, code: str, catalogue: Catalogue, not_applicable: str) -> Line:
    level = sheet.answers.get(code)
    chosen = catalogue.levels[level] if level is not None else not_applicable
    is_open = code not in sheet.answers
    return Line(code, catalogue.name(code), "" if is_open else chosen, is_open)


def level_of(chosen: str) -> int | None:
    """The level that a form's value stands for; None for "not applicable"."""
    return None if chosen == NOT_APPLICABLE else int(chosen)
