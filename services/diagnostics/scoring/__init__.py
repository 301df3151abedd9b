"""The arithmetic of a profile: from readings of several sources to a level, its error, a class and a change.

Pure: the standard library alone, no clock, no chance, no rows. Levels run from 1 to 5, errors are in levels.
A missing reading (`None` or 0, "not applicable", "not seen") is left out and never counts as zero.
"""

from services.diagnostics.scoring.assessment import (
    Assessment,
    CompetencyClass,
    Confidence,
    Wish,
    assess,
    confidence_of,
    need_priority,
    with_wish,
)
from services.diagnostics.scoring.change import Change, is_gap_closed, reliable_change, scale_change
from services.diagnostics.scoring.fusion import Fusion, fuse, weigh
from services.diagnostics.scoring.parameters import Parameters
from services.diagnostics.scoring.readings import (
    Reading,
    SourceKind,
    pool,
    reading_of_colleagues,
    reading_of_lessons,
    reading_of_test,
    standard_error,
)
from services.diagnostics.scoring.tally import GainTally, Tally

__all__ = [
    "Assessment",
    "Change",
    "CompetencyClass",
    "Confidence",
    "Fusion",
    "GainTally",
    "Parameters",
    "Reading",
    "SourceKind",
    "Tally",
    "Wish",
    "assess",
    "confidence_of",
    "fuse",
    "is_gap_closed",
    "need_priority",
    "pool",
    "reading_of_colleagues",
    "reading_of_lessons",
    "reading_of_test",
    "reliable_change",
    "scale_change",
    "standard_error",
    "weigh",
    "with_wish",
]
