"""The arithmetic of a profile: from readings of several sources to a level, its error, a class and a change.

Pure: the standard library and numpy, no clock, no chance, no rows. Levels run from 1 to 5, errors are in levels.
A missing reading (`None` or 0, "not applicable", "not seen") is left out and never counts as zero.
"""

from services.diagnostics.scoring.assessment import (
    Assessment,
    Case,
    CompetencyClass,
    Confidence,
    Wish,
    assess,
    assess_all,
    need_priority,
    with_wish,
)
from services.diagnostics.scoring.change import (
    Change,
    Scale,
    Wave,
    is_gap_closed,
    may_compare,
    reliable_change,
    scale_change,
)
from services.diagnostics.scoring.estimates import Estimate
from services.diagnostics.scoring.fusion import Evidence, Fusion, fuse, pool, weigh
from services.diagnostics.scoring.groups import (
    GroupChange,
    Movement,
    ResponseShift,
    group_change,
    hedges_g,
    response_shift,
)
from services.diagnostics.scoring.outlook import Band, Offered, Outlook, band_of, surest_source, surest_sources
from services.diagnostics.scoring.parameters import Parameters
from services.diagnostics.scoring.readings import (
    Reading,
    SourceKind,
    reading_of_colleagues,
    reading_of_lessons,
    reading_of_test,
    standard_error,
)
from services.diagnostics.scoring.tally import GainTally, Tally

__all__ = [
    "Assessment",
    "Band",
    "Case",
    "Change",
    "CompetencyClass",
    "Confidence",
    "Estimate",
    "Evidence",
    "Fusion",
    "GainTally",
    "GroupChange",
    "Movement",
    "Offered",
    "Outlook",
    "Parameters",
    "Reading",
    "ResponseShift",
    "Scale",
    "SourceKind",
    "Tally",
    "Wave",
    "Wish",
    "assess",
    "assess_all",
    "band_of",
    "fuse",
    "group_change",
    "hedges_g",
    "is_gap_closed",
    "may_compare",
    "need_priority",
    "pool",
    "reading_of_colleagues",
    "reading_of_lessons",
    "reading_of_test",
    "reliable_change",
    "response_shift",
    "scale_change",
    "standard_error",
    "surest_source",
    "surest_sources",
    "weigh",
    "with_wish",
]
