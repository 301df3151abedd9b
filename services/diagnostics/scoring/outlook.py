"""How surely a level is known, and which further source would make it surest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.diagnostics.scoring.assessment import Assessment
from services.diagnostics.scoring.fusion import fuse, pool
from services.diagnostics.scoring.parameters import Parameters
from services.diagnostics.scoring.readings import HIGHEST, LOWEST, Reading, SourceKind


@dataclass(frozen=True, slots=True)
class Band:
    """Where a level lies by all that is known, in levels from 1 to 5."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Offered:
    """A source that could still be asked: so many colleagues, lessons or tasks of it."""

    kind: SourceKind
    count: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a further source would do to the standard error, in levels, if it agreed with what is known."""

    source: Offered
    before: float
    after: float


def band_of(assessment: Assessment, parameters: Parameters) -> Band:
    """The level with the error that a class is held against, 1.28 of it either way: eight times in ten it is there."""
    reach = parameters.certainty * assessment.error
    return Band(max(LOWEST, assessment.level - reach), min(HIGHEST, assessment.level + reach))


def surest_source(readings: Sequence[Reading], offered: Sequence[Offered], parameters: Parameters) -> Outlook | None:
    """The offered source that would shrink the error most, taken to agree with what the others say.

    A kind of source that has not spoken goes before more of the same: it sees from another side. `None` when
    nothing is known yet, nothing is offered, or nothing of it would help.
    """
    return surest_sources([(readings, offered)], parameters)[0]


def surest_sources(
    cases: Sequence[tuple[Sequence[Reading], Sequence[Offered]]], parameters: Parameters
) -> list[Outlook | None]:
    """The surest further source of each case, all of them at once: a profile is twenty."""
    found: list[Outlook | None] = [None] * len(cases)
    choices = {number: choice for number, case in enumerate(cases) if (choice := _choice(*case))}
    if not choices:
        return found
    now = fuse(pool([cases[number][0] for number in choices]), parameters)
    asked = zip(choices.items(), now.levels, strict=True)
    would_be = [
        [*cases[number][0], Reading(each.kind, float(level), each.count)]
        for (number, choice), level in asked
        for each in choice
    ]
    then, first = fuse(pool(would_be), parameters).errors, 0
    for (number, choice), error in zip(choices.items(), now.errors, strict=True):
        errors = then[first : first + len(choice)]
        best, first = int(np.argmin(errors)), first + len(choice)
        if errors[best] < error:
            found[number] = Outlook(choice[best], float(error), float(errors[best]))
    return found


def _choice(readings: Sequence[Reading], offered: Sequence[Offered]) -> list[Offered]:
    """What could be asked further where something is known already."""
    spoken = {reading.kind for reading in readings if reading.level}
    return ([each for each in offered if each.kind not in spoken] or list(offered)) if spoken else []
