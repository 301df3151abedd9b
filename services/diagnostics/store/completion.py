"""How far people have come with a campaign: counts of what was asked and done, never an answer."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import cast

from chassis.database import Row, Tx
from services.diagnostics.domain import FEWEST_LESSONS
from services.diagnostics.scoring import SourceKind
from services.diagnostics.store.tables import sheets
from services.diagnostics.store.tables_of_instruments import (
    artefact_ratings,
    artefacts,
    observed_lessons,
    test_sittings,
)

MOST_ROWS = 20_000

_lessons = (
    select(
        observed_lessons.c.person_id,
        observed_lessons.c.author_id,
        func.count().label("begun"),
        func.count().filter(observed_lessons.c.is_final).label("done"),
    )
    .where(observed_lessons.c.campaign_id == bindparam("campaign"))
    .group_by(observed_lessons.c.person_id, observed_lessons.c.author_id)
    .subquery("lessons")
)
_is_seen = (sheets.c.source == SourceKind.OBS.value) & (func.coalesce(_lessons.c.done, 0) >= FEWEST_LESSONS)
_is_begun = or_(sheets.c.is_final, sheets.c.answers != cast({}, JSONB), func.coalesce(_lessons.c.begun, 0) > 0)
_SHEETS = (
    select(
        sheets.c.source,
        sheets.c.author_id.label("person_id"),
        func.count().label("asked"),
        func.count().filter(or_(sheets.c.is_final, _is_seen)).label("done"),
        func.bool_or(_is_begun).label("has_begun"),
    )
    .select_from(
        sheets.outerjoin(
            _lessons,
            (_lessons.c.person_id == sheets.c.person_id)
            & (_lessons.c.author_id == sheets.c.author_id)
            & (sheets.c.source == SourceKind.OBS.value),
        )
    )
    .where(sheets.c.campaign_id == bindparam("campaign"))
    .group_by(sheets.c.source, sheets.c.author_id)
    .limit(MOST_ROWS)
)
_TESTS = (
    select(
        test_sittings.c.person_id,
        func.count().label("begun"),
        func.count(test_sittings.c.finished_at).label("done"),
    )
    .where(test_sittings.c.campaign_id == bindparam("campaign"))
    .group_by(test_sittings.c.person_id)
    .limit(MOST_ROWS)
)
_ARTEFACTS = (
    select(artefacts.c.person_id, func.bool_or(artefact_ratings.c.artefact_id.is_not(None)).label("is_rated"))
    .select_from(artefacts.outerjoin(artefact_ratings, artefact_ratings.c.artefact_id == artefacts.c.artefact_id))
    .where(artefacts.c.campaign_id == bindparam("campaign"))
    .group_by(artefacts.c.person_id)
    .limit(MOST_ROWS)
)


async def of_sheets(tx: Tx, campaign_id: UUID) -> Sequence[Row]:
    """By source and author how many sheets were asked and done; two marked lessons do one of an observer's."""
    return await tx.rows(_SHEETS, {"campaign": campaign_id})


async def of_tests(tx: Tx, campaign_id: UUID) -> dict[UUID, tuple[int, int]]:
    """How many tests each person has begun and finished."""
    return {row["person_id"]: (row["begun"], row["done"]) for row in await tx.rows(_TESTS, {"campaign": campaign_id})}


async def of_artefacts(tx: Tx, campaign_id: UUID) -> dict[UUID, bool]:
    """Who handed something in, and whether any of it was rated."""
    return {row["person_id"]: row["is_rated"] for row in await tx.rows(_ARTEFACTS, {"campaign": campaign_id})}
