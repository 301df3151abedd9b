"""What a school's report says: its counters and the cells that follow from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.refusals import Conflict, Invalid
from services.reporting.domain.indicators import Value, evaluate
from services.reporting.domain.passports import Beside, Catalogue, Direction, Passport, Unit, Words


@dataclass(frozen=True, slots=True)
class Figure:
    """What an indicator, or a figure beside one, is called and how it is defined.

    `numerator` and `denominator` are names of counters; a figure beside an indicator has no direction of its own.
    """

    code: str
    name: Words
    definition: Words
    unit: Unit
    version: str
    numerator: str
    denominator: str | None
    valid_from: date
    direction: Direction | None = None
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A true number of a school."""

    figure: Figure
    value: Value


@dataclass(frozen=True, slots=True)
class Cycle:
    """A school's mentoring cycle: its first and last day, its stage where one was heard of."""

    cycle_id: UUID
    starts_on: date
    ends_on: date
    stage: str | None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about."""

    school: str
    cycle: Cycle
    as_of: date


@dataclass(frozen=True, slots=True)
class Campaign:
    """A closed campaign of the cycle: how many were invited, how many profiles were scored."""

    wave: int
    invited: int
    scored: int


def figures_of(catalogue: Catalogue) -> dict[str, Figure]:
    """Every indicator and what stands beside it, by code, in the order of the catalogue."""
    return {figure.code: figure for figure in _figures(catalogue)}


def _figures(catalogue: Catalogue) -> Iterable[Figure]:
    for one in catalogue.passports.values():
        yield _main(one)
        for beside in one.beside:
            yield _beside(one, beside)


def _main(one: Passport) -> Figure:
    return Figure(
        one.code,
        one.name,
        one.definition,
        one.unit,
        one.version,
        one.numerator,
        one.denominator,
        one.valid_from,
        direction=one.direction,
        target=one.target,
    )


def _beside(passport: Passport, one: Beside) -> Figure:
    # A figure beside an indicator is defined by its name and by the passport that it stands in.
    code, version = f"{passport.code}.{one.code}", passport.version
    return Figure(code, one.name, one.name, one.unit, version, one.numerator, one.denominator, passport.valid_from)


def cells_of(catalogue: Catalogue, counters: Mapping[str, float]) -> tuple[Cell, ...]:
    """The value of every indicator, and of what stands beside it; raises Invalid where counters contradict."""
    figures = figures_of(catalogue)
    found: list[Cell] = []
    for passport in catalogue.passports.values():
        value = evaluate(passport, counters)
        found.append(Cell(figures[passport.code], value))
        found += [Cell(figures[f"{passport.code}.{code}"], beside) for code, beside in value.beside.items()]
    return tuple(found)


def check_as_of(as_of: date, cycle: Cycle, *, today: date) -> None:
    """Invalid for a date that has not come yet or lies before the cycle."""
    if as_of > today:
        raise Invalid("report.as-of-in-future", field="as_of", today=today.isoformat())
    if as_of < cycle.starts_on:
        raise Invalid("report.as-of-before-cycle", field="as_of", starts_on=cycle.starts_on.isoformat())


def content_of(
    subject: Subject, catalogue: Catalogue, counters: Mapping[str, float], *, campaigns: Sequence[Campaign]
) -> dict[str, object]:
    """The content that is frozen, signed and sent up."""
    return {
        "school": subject.school,
        "cycle_id": subject.cycle.cycle_id,
        "stage": subject.cycle.stage,
        "as_of": subject.as_of,
        "catalogue": catalogue.version,
        "campaigns": [{"wave": one.wave, "invited": one.invited, "scored": one.scored} for one in campaigns],
        "counters": dict(counters),
        "cells": [_written(cell) for cell in cells_of(catalogue, counters)],
    }


def counters_in(content: Mapping[str, object]) -> dict[str, float]:
    """The counters of a frozen report; Conflict when what was frozen has none."""
    counters = content.get("counters")
    if not isinstance(counters, dict):
        raise Conflict("report.content-changed")
    return {str(name): float(count) for name, count in counters.items()}


def _written(cell: Cell) -> dict[str, object]:
    value = cell.value
    return {
        "indicator": cell.figure.code,
        "unit": value.unit,
        "n_num": value.n_num,
        "n_den": value.n_den,
        "value": value.value,
        "ci_low": value.ci_low,
        "ci_high": value.ci_high,
        "definition_version": cell.figure.version,
    }
