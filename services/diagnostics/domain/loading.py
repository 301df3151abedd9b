"""A catalogue version read from its folder and checked as a whole."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from chassis.refusals import Invalid
from services.diagnostics.domain.catalogue import (
    FEWEST_WORDS,
    LEVELS,
    MOST_INDICATORS,
    MOST_WORDS,
    Bilingual,
    Catalogue,
    Competency,
    Domain,
    Form,
    Forms,
    Framework,
    Indicator,
    Level,
    Profile,
    Subject,
    Weights,
)
from services.diagnostics.domain.sheet import Sheet
from services.diagnostics.scoring import Parameters

Row = TypeVar("Row")
# «1–2», «онлайн-тест» and "pupils'" count as one word each.
# The letters io and ie are one for whoever compares words.
IO_AS_IE = {0x451: 0x435}
WORD = re.compile(r"\w[\w'’–-]*")
END_OF_SENTENCE = re.compile(r"[.!?…;](\s|$)")


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the other files refer to."""

    version: str
    domains: Mapping[str, Domain]
    subjects: Mapping[str, Subject]
    levels: tuple[Level, ...]
    frameworks: Mapping[str, Framework]


def load_catalogue(folder: Path) -> Catalogue:
    """Read one version from its folder; refused as `catalogue.*` with the file and the field."""
    frame = _frame(Sheet.read(folder / "frame.toml"))
    competencies = _by(Sheet.read(folder / "competencies.toml"), "competency", lambda row: _competency(row, frame))
    targets = Sheet.read(folder / "targets.toml")
    profiles = _by(targets, "profile", lambda row: _profile(row, competencies))
    parameters, sources = _parameters(Sheet.read(folder / "scoring.toml"))
    catalogue = Catalogue(
        version=frame.version,
        domains=frame.domains,
        subjects=frame.subjects,
        levels=frame.levels,
        frameworks=frame.frameworks,
        competencies=competencies,
        indicators=_indicators(folder / "indicators", competencies),
        profiles=profiles,
        weights=_weights(targets.sheet("weights"), frame),
        forms=_forms(Sheet.read(folder / "forms.toml"), profiles, competencies=competencies, frame=frame),
        parameters=parameters,
        parameter_sources=sources,
    )
    _must_be_described(catalogue)
    return catalogue


def _must_be_described(catalogue: Catalogue) -> None:
    cells = ", ".join(f"{code} {level}" for code, level in catalogue.cells_without_indicators())
    if cells:
        raise Invalid("catalogue.indicators-missing", field="indicator", file="indicators", cells=cells)


def _by(sheet: Sheet, kind: str, read: Callable[[Sheet], tuple[str, Row]]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in sheet.sheets(kind):
        code, value = read(row)
        if code in found:
            raise row.refuse("catalogue.code-twice", "code", code=code)
        found[code] = value
    return found


def _words(row: Sheet, prefix: str = "") -> Bilingual:
    return Bilingual(row.text(f"{prefix}ru"), row.text(f"{prefix}en"))


def _frame(sheet: Sheet) -> _Frame:
    levels = tuple(
        Level(row.whole("number"), _words(row), _words(row, "anchor_"), row.text("digcompedu"))
        for row in sheet.sheets("level")
    )
    if tuple(level.number for level in levels) != LEVELS:
        raise sheet.refuse("catalogue.levels-not-five", "level")
    return _Frame(
        version=sheet.text("version"),
        domains=_by(sheet, "domain", lambda row: (row.text("letter"), Domain(row.text("letter"), _words(row)))),
        subjects=_by(sheet, "subject", lambda row: (row.text("code"), Subject(row.text("code"), _words(row)))),
        levels=levels,
        frameworks=_by(sheet, "framework", _framework),
    )


def _framework(row: Sheet) -> tuple[str, Framework]:
    return row.text("code"), Framework(row.text("code"), row.text("title"), row.text("source"))


def _competency(row: Sheet, frame: _Frame) -> tuple[str, Competency]:
    code, domain = row.text("code"), row.text("domain")
    if domain not in frame.domains or not code.startswith(domain):
        raise row.refuse("catalogue.unknown-domain", "domain", code=code)
    mapped = row.texts("frameworks")
    if any(item.partition(" ")[0] not in frame.frameworks for item in mapped):
        raise row.refuse("catalogue.unknown-framework", "frameworks", code=code)
    return code, Competency(code, domain, row.flag("has_subject"), _words(row), mapped)


def _indicators(folder: Path, competencies: Mapping[str, Competency]) -> dict[tuple[str, int], tuple[Indicator, ...]]:
    found: dict[tuple[str, int], tuple[Indicator, ...]] = {}
    taken: dict[str, Indicator] = {}
    for path in sorted(folder.glob("*.toml")):
        for row in Sheet.read(path).sheets("indicator"):
            indicator = _indicator(row, competencies)
            for key in ("ru", "en"):
                _must_be_one_phrase(row, key)
                _must_be_new(row, key, indicator=indicator, taken=taken)
            cell = code, level = indicator.competency, indicator.level
            found[cell] = (*found.get(cell, ()), indicator)
            if len(found[cell]) > MOST_INDICATORS:
                raise row.refuse("catalogue.indicators-too-many", "level", code=code, level=level, most=MOST_INDICATORS)
    return found


def _indicator(row: Sheet, competencies: Mapping[str, Competency]) -> Indicator:
    code, level = row.text("competency"), row.whole("level")
    _must_know(row, "competency", code=code, competencies=competencies)
    _must_be_level(row, "level", level)
    return Indicator(code, level, _words(row))


def _must_be_one_phrase(row: Sheet, key: str) -> None:
    if END_OF_SENTENCE.search(row.text(key)):
        raise row.refuse("catalogue.indicator-not-one-phrase", key)
    if not FEWEST_WORDS <= len(WORD.findall(row.text(key))) <= MOST_WORDS:
        raise row.refuse("catalogue.indicator-length", key, fewest=FEWEST_WORDS, most=MOST_WORDS)


def _must_be_new(row: Sheet, key: str, *, indicator: Indicator, taken: dict[str, Indicator]) -> None:
    words = " ".join(WORD.findall(row.text(key).casefold().translate(IO_AS_IE)))
    twin = taken.setdefault(words, indicator)
    if twin is not indicator:
        raise row.refuse("catalogue.indicator-twice", key, code=twin.competency, level=twin.level)


def _must_know(row: Sheet, key: str, *, code: str, competencies: Mapping[str, Competency]) -> None:
    if code not in competencies:
        raise row.refuse("catalogue.unknown-code", key, code=code)


def _must_be_level(row: Sheet, key: str, level: int) -> None:
    if level not in LEVELS:
        raise row.refuse("catalogue.level-out-of-range", key, level=level)


def _profile(row: Sheet, competencies: Mapping[str, Competency]) -> tuple[str, Profile]:
    domains, codes = row.sheet("domains"), row.sheet("codes")
    letters = {competency.domain for competency in competencies.values()}
    for letter, level in domains.wholes().items():
        if letter not in letters:
            raise domains.refuse("catalogue.unknown-domain", letter, code=letter)
        _must_be_level(domains, letter, level)
    for code, level in codes.wholes().items():
        _must_know(codes, code, code=code, competencies=competencies)
        _must_be_level(codes, code, level)
    code = row.text("code")
    profile = Profile(
        code=code,
        name=_words(row),
        is_overlay=row.flag("is_overlay"),
        by_domain=domains.wholes(),
        by_code=codes.wholes(),
        note=row.optional_text("note"),
    )
    return code, profile


def _weights(sheet: Sheet, frame: _Frame) -> Weights:
    by_domain = sheet.sheet("domains").numbers()
    if by_domain.keys() != frame.domains.keys():
        raise sheet.refuse("catalogue.unknown-domain", "domains", code=", ".join(sorted(by_domain)))
    goal = sheet.number("goal")
    if min(goal, *by_domain.values()) <= 0:
        raise sheet.refuse("catalogue.number-out-of-range", "domains")
    return Weights(by_domain=by_domain, goal=goal)


def _forms(
    sheet: Sheet, profiles: Mapping[str, Profile], *, competencies: Mapping[str, Competency], frame: _Frame
) -> Forms:
    fewest, most = sheet.whole("fewest"), sheet.whole("most")
    by_profile = _by(sheet, "form", lambda row: _form(row, competencies=competencies, frame=frame))
    if by_profile.keys() != profiles.keys():
        raise sheet.refuse("catalogue.form-for-each-profile", "form")
    for code, form in by_profile.items():
        if not profiles[code].is_overlay and not fewest <= form.size <= most:
            raise sheet.refuse("catalogue.form-size", f"form.{code}", fewest=fewest, most=most)
        for asked in form.codes:
            if profiles[code].target(competencies[asked]) is None:
                raise sheet.refuse("catalogue.form-without-target", f"form.{code}", code=asked)
    return Forms(by_profile, fewest, most, _unsuited(sheet, competencies=competencies, frame=frame))


def _form(row: Sheet, *, competencies: Mapping[str, Competency], frame: _Frame) -> tuple[str, Form]:
    codes, size, subject = row.texts("codes"), row.whole("size"), row.optional_text("default_subject")
    for code in codes:
        _must_know(row, "codes", code=code, competencies=competencies)
    if not 0 < size <= len(codes):
        raise row.refuse("catalogue.number-out-of-range", "size")
    if subject is not None and subject not in frame.subjects:
        raise row.refuse("catalogue.unknown-subject", "default_subject", subject=subject)
    return row.text("profile"), Form(row.text("profile"), size, codes, subject)


def _unsuited(sheet: Sheet, *, competencies: Mapping[str, Competency], frame: _Frame) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for row in sheet.sheets("unsuited"):
        code, subjects = row.text("code"), row.texts("subjects")
        _must_know(row, "code", code=code, competencies=competencies)
        if not frame.subjects.keys() >= set(subjects):
            raise row.refuse("catalogue.unknown-subject", "subjects", subject=", ".join(subjects))
        found[code] = frozenset(subjects)
    return found


def _parameters(sheet: Sheet) -> tuple[Parameters, dict[str, str]]:
    known = {field.name: field.type for field in fields(Parameters)}
    for name in sheet.values:
        if name not in known:
            raise sheet.refuse("catalogue.parameter-unknown", name)
    values: dict[str, float] = {}
    for name, kind in known.items():
        row = sheet.sheet(name)
        values[name] = row.whole("value") if kind is int else row.number("value")
        if values[name] <= 0:
            raise row.refuse("catalogue.number-out-of-range", "value")
    for share in ("self_share", "rater_reliability", "test_share", "interval_share"):
        if values[share] >= 1:
            raise sheet.refuse("catalogue.number-out-of-range", share)
    sources = {name: sheet.sheet(name).text("source") for name in known}
    return Parameters(**values), sources  # type: ignore[arg-type]  # whole fields were read as whole above
