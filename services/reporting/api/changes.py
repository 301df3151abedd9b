"""What a report says otherwise than the one that its readers knew before it."""

import json
from datetime import date
from uuid import UUID

from pydantic import BaseModel

from chassis.database import Row
from services.reporting.api.doors import Number, number_of
from services.reporting.domain import Catalogue
from services.reporting.domain.content import figures_of
from services.reporting.domain.differences import Difference, differences


class Against(BaseModel):
    """What a report is compared with: a version of itself, or the last signed report of an earlier day."""

    report_id: UUID
    version: int
    as_of: date
    is_same_report: bool


class Changed(BaseModel):
    """An indicator whose numbers differ; `is_distinguishable` is null where the two cannot be compared."""

    indicator: str
    name: str
    unit: str
    before: Number | None
    after: Number | None
    difference: float | None
    is_distinguishable: bool | None


class Changes(BaseModel):
    """What changed; `same` indicators did not. `against` is null for the first report of a school."""

    against: Against | None
    items: list[Changed]
    same: int


def changes_of(row: Row, before: Row | None, catalogue: Catalogue, language: str) -> Changes:
    """A report's differences to the one before it, in the caller's language."""
    cells = json.loads(row["content"])["cells"]
    if before is None:
        return Changes(against=None, items=[], same=0)
    found = differences(json.loads(before["content"])["cells"], cells)
    school = str(row["school_id"])
    return Changes(
        against=Against(
            report_id=before["report_id"],
            version=before["version"],
            as_of=before["as_of"],
            is_same_report=before["report_id"] == row["report_id"],
        ),
        items=[_changed(one, catalogue, school, language) for one in found],
        same=len(cells) - sum(one.after is not None for one in found),
    )


def _changed(one: Difference, catalogue: Catalogue, school: str, language: str) -> Changed:
    figures = figures_of(catalogue)
    before, after = (
        number_of(dict(cell), figures, school, language) if cell else None for cell in (one.before, one.after)
    )
    shown = after or before
    assert shown is not None, "a difference has at least one side"
    return Changed(
        indicator=one.indicator,
        name=shown.name,
        unit=shown.unit,
        before=before,
        after=after,
        difference=one.change.difference if one.change else None,
        is_distinguishable=one.change.is_distinguishable if one.change else None,
    )
