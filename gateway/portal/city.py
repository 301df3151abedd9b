"""The city's published totals as the start page shows them: a number with its count, interval and definition.

They are read from reporting's public door, which answers with what was published and nothing else: a hidden cell
arrives hidden and has no number.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import lru_cache
from typing import Any, Literal, Self

from babel.dates import format_date
from babel.numbers import format_decimal
from pydantic import BaseModel, ValidationError
from starlette.types import ASGIApp

from chassis.refusals import Unavailable
from chassis.texts import Texts
from gateway.upstream import ask

OPEN_CITY = "/v1/open/city"
KNOWN_REASONS = frozenset({"protected", "merged", "small-denominator"})
# The catalogue of indicators writes what is counted per domain of competence with the domain's letter: GAPS_D.
_BY_DOMAIN = re.compile(r".+_[A-Z](\..+)?")
BOUNDS = frozenset({"at-most", "at-least"})


class Wording(BaseModel):
    """A text of a catalogue in both languages."""

    ru: str
    en: str

    def in_language(self, language: str) -> str:
        """The one that the reader understands."""
        return self.en if language == "en" else self.ru


class Definition(BaseModel):
    """What an indicator counts; `unit` is share, mean or count."""

    code: str
    name: Wording
    definition: Wording
    unit: str = "share"


@dataclass(frozen=True, slots=True)
class Cell:
    """An indicator at a place as it was published; shares and their intervals lie in 0…1.

    A share of few people near an end is published as a bound only: `reason` is at-most or at-least.
    """

    place: str = ""
    place_name: str | None = None
    kind: str = ""
    indicator: str = ""
    n_num: float | None = None
    n_den: float | None = None
    value: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    is_hidden: bool = False
    reason: str | None = None
    bound: float | None = None

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """A number as our own service tells it, whatever else it tells with it."""
        return cls(**{name: told[name] for name in _FIELDS if name in told})


_FIELDS = tuple(one.name for one in fields(Cell))


class Publication(BaseModel):
    """What the city published last, and for which day."""

    title: str
    as_of: date


class OpenCity(BaseModel):
    """The newest publication; the city's cells stand before those of the districts."""

    publication: Publication | None = None
    cells: list[Cell] = []
    definitions: list[Definition] = []


State = Literal["published", "nothing-yet", "away"]


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell in words: the number, what it is counted from, how sure it is, or why it is hidden."""

    number: str
    counted: str
    interval: str
    hidden_because: str
    bar: tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator across the places, the city first; None where nothing was published for a place."""

    name: str
    definition: str
    cells: tuple[Shown | None, ...]
    is_by_domain: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """What the start page shows of the city."""

    state: State
    title: str = ""
    as_of: str = ""
    places: tuple[str, ...] = ()
    main: tuple[Line, ...] = ()
    by_domain: tuple[Line, ...] = ()


@dataclass(slots=True)
class Published:
    """The newest published totals, the same for everybody: laid out once in each language until others are told."""

    reporting: ASGIApp | None
    texts: Texts
    told: bytes = b""
    laid_out: dict[str, Totals] = field(default_factory=dict)

    async def totals(self, language: str) -> Totals:
        """The totals in words; a reporting that is away or not understood says so on the page."""
        if self.reporting is None:
            return Totals("away")
        try:
            answer = await ask("reporting", self.reporting, OPEN_CITY)
            if answer.status == 404:
                return Totals("nothing-yet")
            return self._lay_out(answer.body, language) if answer.status == 200 else Totals("away")
        except (Unavailable, ValidationError):
            return Totals("away")

    def _lay_out(self, told: bytes, language: str) -> Totals:
        if told != self.told:
            self.told, self.laid_out = told, {}
        if language not in self.laid_out:
            self.laid_out[language] = in_words(OpenCity.model_validate_json(told), self.texts, language)
        return self.laid_out[language]


def in_words(city: OpenCity, texts: Texts, language: str) -> Totals:
    """Lay the cells out by indicator and place, in the order in which they were published."""
    if city.publication is None or not city.cells:
        return Totals("nothing-yet")
    heads = {cell.place: cell for cell in city.cells}
    places = tuple(heads)
    by_slot = {(cell.indicator, cell.place): cell for cell in city.cells}
    words = CellWords(texts, language)
    rows = [(one, [by_slot.get((one.code, place)) for place in places]) for one in city.definitions]
    lines = [words.line(one, cells) for one, cells in rows if any(cells)]
    return Totals(
        state="published",
        title=city.publication.title,
        as_of=format_date(city.publication.as_of, "d MMMM y", locale=language),
        places=tuple(words.place(cell) for cell in heads.values()),
        main=tuple(line for line in lines if not line.is_by_domain),
        by_domain=tuple(line for line in lines if line.is_by_domain),
    )


@dataclass(frozen=True, slots=True)
class CellWords:
    """Published cells in the words of one language; `interval` is the slug of how an interval is said."""

    texts: Texts
    language: str
    interval: str = "city.interval"

    def place(self, cell: Cell) -> str:
        """The name of a cell's place; the city is called by what it is."""
        if cell.kind == "city":
            return self._say("city.whole")
        return cell.place_name or cell.place.rpartition("/")[2]

    def line(self, one: Definition, cells: Sequence[Cell | None]) -> Line:
        """An indicator across places."""
        return Line(
            name=one.name.in_language(self.language),
            definition=one.definition.in_language(self.language),
            cells=tuple(self.cell(cell, one.unit) for cell in cells),
            is_by_domain=_BY_DOMAIN.fullmatch(one.code) is not None,
        )

    def cell(self, cell: Cell | None, unit: str) -> Shown | None:
        """A number with its count and interval, or why it is hidden."""
        return None if cell is None else _in_words(self, cell, unit)

    def told(self, cell: Cell, unit: str) -> Shown:
        """The same of a cell that is there."""
        if cell.is_hidden:
            reason = cell.reason if cell.reason in KNOWN_REASONS else "protected"
            return Shown("", "", "", self._say(f"city.hidden.{reason}"), None)
        return Shown(
            self._number(cell, unit), self._counted(cell, unit), self._interval(cell, unit), "", _bar(cell, unit)
        )

    def _number(self, cell: Cell, unit: str) -> str:
        if unit == "count":
            return self._decimal(cell.n_num, "#,##0")
        if cell.value is None and cell.reason in BOUNDS:
            return self._say(f"city.{cell.reason}", bound=self.measure(cell.bound, unit))
        return self.measure(cell.value, unit)

    def measure(self, value: float | None, unit: str) -> str:
        """A bare value: a share as per cent, anything else as a decimal."""
        if value is None or unit != "share":
            return self._decimal(value, "#,##0.00")
        return self._say("city.percent", value=self._percent(value))

    def _percent(self, share: float) -> str:
        return self._decimal(share * 100, "#,##0" if share >= 0.1 or share == 0 else "#,##0.0")

    def _counted(self, cell: Cell, unit: str) -> str:
        if unit == "count" or cell.n_den is None or cell.n_num is None:
            return ""
        if unit == "mean":
            return self._say("city.counted-mean", whole=self._decimal(cell.n_den, "#,##0"))
        part, whole = self._decimal(cell.n_num, "#,##0"), self._decimal(cell.n_den, "#,##0")
        return self._say("city.counted", part=part, whole=whole)

    def _interval(self, cell: Cell, unit: str) -> str:
        if cell.ci_low is None or cell.ci_high is None:
            return ""
        low = self._percent(cell.ci_low) if unit == "share" else self.measure(cell.ci_low, unit)
        return self._say(self.interval, low=low, high=self.measure(cell.ci_high, unit))

    def _decimal(self, value: float | None, pattern: str) -> str:
        return "—" if value is None else _written(round(value, len(pattern.partition(".")[2])), pattern, self.language)

    def _say(self, slug: str, **facts: str) -> str:
        return self.texts.say(slug, self.language, **facts)


@lru_cache(maxsize=5_000)
def _in_words(words: CellWords, cell: Cell, unit: str) -> Shown:
    """What was published changes no more, and everybody looks at the newest of it."""
    return words.told(cell, unit)


@lru_cache(maxsize=20_000)
def _written(value: float, pattern: str, language: str) -> str:
    """A rounded number in words; a table of a city writes the same ones over and over."""
    return str(format_decimal(value, pattern, locale=language)).replace("-", "\N{MINUS SIGN}")


def _bar(cell: Cell, unit: str) -> tuple[int, int, int] | None:
    """Where value, low and high end of the interval stand on a scale of a thousand; only a share has one."""
    if unit != "share" or cell.value is None:
        return None
    low = cell.value if cell.ci_low is None else cell.ci_low
    high = cell.value if cell.ci_high is None else cell.ci_high
    return round(cell.value * 1000), round(low * 1000), round(high * 1000)


def headline(lines: Sequence[Line], most: int = 4) -> list[Line]:
    """The first lines in which the city itself has a number: they stand large at the top."""
    return [line for line in lines if line.cells[0] is not None and not line.cells[0].hidden_because][:most]
