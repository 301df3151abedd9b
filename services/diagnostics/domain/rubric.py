"""The rubric of lessons and artefacts: marks of evidence against observable indicators, and the level they make.

An observer marks what was seen and never a level. The criteria of a competency are the plainer indicators of its
levels 2 to 5; at level 1 there is nothing to be seen but words (D2.4, D2.6).
"""

from collections.abc import Iterable, Mapping, Sequence

from chassis.refusals import Invalid
from services.diagnostics.domain.catalogue import Catalogue, Indicator
from services.diagnostics.scoring import Reading, SourceKind, reading_of_lessons

RUBRIC_LEVELS = (2, 3, 4, 5)
# Of a lesson: not seen, once, several times, all the time. Of an artefact: no, in part, in full.
HIGHEST_OF_LESSON = 3
HIGHEST_OF_ARTEFACT = 2
# From this mark on a criterion is met: several times in a lesson, in full in an artefact.
MET = 2
MOST_LESSONS = 10

# By competency one mark for each criterion; `None` says that there was no occasion to see it.
Marks = Mapping[str, Sequence[int] | None]


def rubric_for(catalogue: Catalogue, code: str) -> tuple[Indicator, ...]:
    """The criteria of a competency, the easiest first; refused as `catalogue.*` for an unknown code."""
    bare = catalogue.competency(code).code
    return tuple(catalogue.indicators[bare, level][0] for level in RUBRIC_LEVELS)


def level_of(marks: Sequence[int]) -> int:
    """The level that marks make: the highest whose criterion is met; 2 for what was only tried, else 1.

    A behaviour seen once is a try, whatever level it belongs to: level 2 is "tries", level 3 "does it regularly".
    """
    met = [level for level, mark in zip(RUBRIC_LEVELS, marks, strict=True) if mark >= MET]
    if met:
        return max(met)
    return RUBRIC_LEVELS[0] if any(marks) else 1


def check_marks(asked: Iterable[str], marks: Marks, *, highest: int) -> None:
    """One mark per criterion of what was asked; refused as `rubric.not-assigned` or `rubric.marks-unfit`."""
    allowed = set(asked)
    for code, given in marks.items():
        if code not in allowed:
            raise Invalid("rubric.not-assigned", field=f"marks.{code}", code=code)
        if given is not None and not _do_marks_suit(given, highest):
            raise Invalid("rubric.marks-unfit", field=f"marks.{code}", code=code, highest=highest)


def _do_marks_suit(given: Sequence[int], highest: int) -> bool:
    return len(given) == len(RUBRIC_LEVELS) and all(0 <= mark <= highest for mark in given)


def readings_of_lessons(lessons: Iterable[Marks]) -> dict[str, tuple[Reading, ...]]:
    """What observed lessons say, by competency: the mean level of those in which there was an occasion."""
    found = {code: reading_of_lessons(levels) for code, levels in _levels(lessons).items()}
    return {code: (reading,) for code, reading in found.items() if reading is not None}


def readings_of_artefacts(ratings: Iterable[Marks]) -> dict[str, tuple[Reading, ...]]:
    """What ratings of artefacts say, by competency."""
    return {
        code: tuple(Reading(SourceKind.ART, level) for level in levels) for code, levels in _levels(ratings).items()
    }


def _levels(marked: Iterable[Marks]) -> dict[str, list[int]]:
    levels: dict[str, list[int]] = {}
    for marks in marked:
        for code, given in marks.items():
            if given is not None:
                levels.setdefault(code, []).append(level_of(given))
    return levels
