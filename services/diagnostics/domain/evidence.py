"""From filled sheets to a scored profile: which sources count, what each of them says, what follows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chassis.refusals import Conflict
from services.diagnostics.domain.audience import Targets
from services.diagnostics.domain.campaign import is_colleagues_mark_shown
from services.diagnostics.domain.forms import check_answers
from services.diagnostics.scoring import (
    Assessment,
    Case,
    Parameters,
    Reading,
    SourceKind,
    Wish,
    assess_all,
    reading_of_colleagues,
)

Answers = Mapping[str, int | None]
FEWEST_LESSONS = 2
# What tests, lessons and artefacts say, by competency.
Measured = Mapping[str, tuple[Reading, ...]]


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """What one author says of one person; `None` is "not applicable" or "not seen". `lessons` belong to OBS."""

    source: SourceKind
    answers: Answers
    is_final: bool = True
    lessons: int = 1


@dataclass(frozen=True, slots=True)
class Scored:
    """A competency's assessment and the readings behind it."""

    assessment: Assessment
    readings: tuple[Reading, ...]


def fill(known: AnswerSheet, new: AnswerSheet, *, form: Iterable[str]) -> AnswerSheet | None:
    """The sheet with the new answers added to what was saved before; `None` when a final sheet is just repeated.

    A final sheet is never changed: refused as `answers.already-final`. For the rest see `check_answers`.
    """
    answers = {**known.answers, **new.answers}
    if known.is_final:
        if answers == known.answers and new.lessons == known.lessons:
            return None
        raise Conflict("answers.already-final", field="answers")
    check_answers(form, answers, is_final=new.is_final)
    return AnswerSheet(new.source, answers, is_final=new.is_final, lessons=new.lessons)


def may_change_profile(sheets: Sequence[AnswerSheet], source: SourceKind, parameters: Parameters) -> bool:
    """Can a sheet from this source, the newest of the final ones, change what is scored?"""
    if source is not SourceKind.P360:
        return True
    return is_colleagues_mark_shown(sum(sheet.source is source for sheet in sheets), parameters)


def score(
    targets: Targets,
    sheets: Sequence[AnswerSheet],
    *,
    wishes: Mapping[str, Wish],
    parameters: Parameters,
    measured: Measured | None = None,
) -> dict[str, Scored]:
    """Score a person from the final sheets and what other instruments measured; empty while too few sources speak.

    Colleagues count for a competency only when enough of them saw it: from fewer, together with the person's own
    answers, the mark of one colleague could be worked out.
    """
    others = measured or {}
    readings = {
        code: _seen_often_enough((*_readings(code, sheets, parameters), *others.get(code, ()))) for code in targets
    }
    kinds = {reading.kind for found in readings.values() for reading in found}
    if len(kinds) < parameters.scored_sources:
        return {}
    cases = [Case(readings[code], target, wishes.get(code)) for code, target in targets.items()]
    return {
        code: Scored(assessment, readings[code])
        for code, assessment in zip(targets, assess_all(cases, parameters), strict=True)
        if assessment is not None
    }


def _seen_often_enough(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """One lesson is no evidence: what was observed counts from two lessons on, by whomever (D2.6)."""
    if sum(reading.count for reading in readings if reading.kind is SourceKind.OBS) >= FEWEST_LESSONS:
        return readings
    return tuple(reading for reading in readings if reading.kind is not SourceKind.OBS)


def _readings(code: str, sheets: Sequence[AnswerSheet], parameters: Parameters) -> tuple[Reading, ...]:
    spoken = [sheet for sheet in sheets if sheet.answers.get(code)]
    alone = [
        Reading(sheet.source, sheet.answers[code], sheet.lessons)
        for sheet in spoken
        if sheet.source is not SourceKind.P360
    ]
    levels = [sheet.answers[code] for sheet in spoken if sheet.source is SourceKind.P360]
    joint = reading_of_colleagues(levels) if is_colleagues_mark_shown(len(levels), parameters) else None
    return (*alone, joint) if joint is not None else tuple(alone)
