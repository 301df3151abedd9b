"""Indicator passports: what is counted over what, read from data so that an analyst edits no code.

A catalogue is one JSON document with a version. A passport with `"each": "domain"` stands for one indicator
per competency domain; `{domain}` and `{domain_name}` are filled in.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Literal, TypeVar

from chassis.refusals import Invalid, Missing

Unit = Literal["share", "mean", "count"]
Direction = Literal["up", "down"]
Threshold = Literal["staff", "sensitive"]
Words = Mapping[str, str]

Choice = TypeVar("Choice", bound=str)

UNITS: tuple[Unit, ...] = ("share", "mean", "count")
DIRECTIONS: tuple[Direction, ...] = ("up", "down")
THRESHOLDS: tuple[Threshold, ...] = ("staff", "sensitive")
LANGUAGES = ("ru", "en")


@dataclass(frozen=True, slots=True)
class Beside:
    """A figure that is always shown next to an indicator, such as the response rate of a survey.

    `is_complement_open`: those who are missing from the numerator may be told apart (who did not answer
    is no answer).
    """

    code: str
    name: Words
    unit: Unit
    numerator: str
    denominator: str | None
    is_complement_open: bool = False


@dataclass(frozen=True, slots=True)
class Passport:
    """One indicator; numerator and denominator are names of counters that a place keeps.

    A mean is sum over count, and `squares` names the sum of squares behind its interval. `threshold` chooses
    the suppression rule: `staff` or `sensitive`.
    """

    code: str
    name: Words
    definition: Words
    unit: Unit
    numerator: str
    denominator: str | None
    direction: Direction
    threshold: Threshold
    version: str
    valid_from: date
    squares: str | None = None
    target: float | None = None
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """A sum of counters, each times its factor, that is zero (`is_exact`) or at most zero at every place.

    Whoever reads the published tables knows it: mentors and mentees less those in both roles are all engaged.
    """

    terms: tuple[tuple[str, int], ...]
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The passports of one version and what is known to hold between their counters."""

    version: str
    passports: Mapping[str, Passport]
    relations: tuple[Relation, ...] = ()

    def passport(self, code: str) -> Passport:
        """The passport of an indicator; Missing when the version has none."""
        if code not in self.passports:
            raise Missing("report.unknown-indicator", code=code, version=self.version)
        return self.passports[code]


Entry = dict[str, object]


def load_catalogue(version: str = "2026.1") -> Catalogue:
    """The catalogue that is shipped with the service; Missing for a version that is not."""
    shipped = {entry.name: entry for entry in (files("services.reporting") / "indicators").iterdir()}
    if f"{version}.json" not in shipped:
        raise Missing("report.unknown-catalogue", version=version)
    return read_catalogue(shipped[f"{version}.json"].read_text(encoding="utf-8"))


def read_catalogue(document: str) -> Catalogue:
    """Read and check a catalogue; Invalid names the passport and the field that is wrong."""
    try:
        raw = json.loads(document)
        domains, entries, version = raw["domains"], raw["passports"], str(raw["version"])
        written = [one for entry in entries for one in _spread(entry, domains)]
        known = [one for entry in raw.get("relations", ()) for one in _spread(entry, domains)]
        relations = tuple(_relation(one) for one in known)
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise Invalid("report.catalogue-unreadable") from broken
    passports: dict[str, Passport] = {}
    for entry in written:
        passport = _passport(entry)
        if passport.code in passports:
            raise Invalid("report.indicator-twice", code=passport.code)
        passports[passport.code] = passport
    return Catalogue(version=version, passports=passports, relations=relations)


def _relation(entry: Entry) -> Relation:
    terms = entry["terms"]
    if not isinstance(terms, list):
        raise TypeError(terms)
    return Relation(tuple((str(counter), int(factor)) for counter, factor in terms), entry["is_exact"] is True)


def _spread(entry: Entry, domains: Mapping[str, Words]) -> list[Entry]:
    """One entry per domain where the passport says so, else the entry itself."""
    if entry.get("each") != "domain":
        return [entry]
    plain = {key: value for key, value in entry.items() if key != "each"}
    return [
        {key: _fill(value, letter=letter, names=names, language="ru") for key, value in plain.items()}
        for letter, names in domains.items()
    ]


def _fill(value: object, *, letter: str, names: Words, language: str) -> object:
    if isinstance(value, str):
        return value.replace("{domain}", letter).replace("{domain_name}", names[language])
    if isinstance(value, dict):
        return {
            key: _fill(inner, letter=letter, names=names, language=key if key in LANGUAGES else language)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_fill(inner, letter=letter, names=names, language=language) for inner in value]
    return value


def _passport(entry: Entry) -> Passport:
    code = str(entry.get("code", ""))
    unit = _one_of(code, entry, "unit", allowed=UNITS)
    passport = Passport(
        code=code,
        name=_words(code, entry, "name"),
        definition=_words(code, entry, "definition"),
        unit=unit,
        numerator=_counter(code, entry, "numerator"),
        denominator=None if unit == "count" else _counter(code, entry, "denominator"),
        direction=_one_of(code, entry, "direction", allowed=DIRECTIONS),
        threshold=_one_of(code, entry, "threshold", allowed=THRESHOLDS),
        version=_text(code, entry, "version"),
        valid_from=_day(code, entry),
        squares=_counter(code, entry, "squares") if unit == "mean" else None,
        target=_target(code, entry),
        beside=_besides(code, entry),
    )
    if unit == "count" and entry.get("denominator") is not None:
        raise _wrong(code, "denominator")
    return passport


def _wrong(code: str, name: str) -> Invalid:
    return Invalid("report.passport-wrong", field=name, code=code)


def _text(code: str, entry: Entry, name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(code, name)
    return value


def _counter(code: str, entry: Entry, name: str) -> str:
    value = _text(code, entry, name)
    if not value.replace("_", "").isalnum() or not value.isascii():
        raise _wrong(code, name)
    return value


def _words(code: str, entry: Entry, name: str) -> Words:
    value = entry.get(name)
    if not isinstance(value, dict) or set(value) != set(LANGUAGES):
        raise _wrong(code, name)
    return {language: _text(code, value, language) for language in LANGUAGES}


def _one_of(code: str, entry: Entry, name: str, *, allowed: tuple[Choice, ...]) -> Choice:
    for choice in allowed:
        if entry.get(name) == choice:
            return choice
    raise _wrong(code, name)


def _day(code: str, entry: Entry) -> date:
    try:
        return date.fromisoformat(_text(code, entry, "valid_from"))
    except ValueError as broken:
        raise _wrong(code, "valid_from") from broken


def _target(code: str, entry: Entry) -> float | None:
    target = entry.get("target")
    if target is None:
        return None
    if isinstance(target, bool) or not isinstance(target, int | float):
        raise _wrong(code, "target")
    return float(target)


def _besides(code: str, entry: Entry) -> tuple[Beside, ...]:
    listed = entry.get("beside", [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise _wrong(code, "beside")
    return tuple(_beside(code, one) for one in listed)


def _beside(code: str, entry: Entry) -> Beside:
    unit = _one_of(code, entry, "unit", allowed=UNITS)
    if unit == "mean":
        raise _wrong(code, "unit")
    return Beside(
        code=_text(code, entry, "code"),
        name=_words(code, entry, "name"),
        unit=unit,
        numerator=_counter(code, entry, "numerator"),
        denominator=None if unit == "count" else _counter(code, entry, "denominator"),
        is_complement_open=entry.get("is_complement_open") is True,
    )
