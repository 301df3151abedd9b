"""The then-test: how people see their former selves after a cycle, and the self-ratings that it is held against."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Tx
from services.diagnostics.domain import Levels
from services.diagnostics.scoring import SourceKind
from services.diagnostics.store.sheets import Part
from services.diagnostics.store.tables import sheets
from services.diagnostics.store.tables_of_appeals import then_tests

MOST_PEOPLE = 5000

_new = insert(then_tests)
_SAVE = _new.on_conflict_do_update(
    index_elements=[then_tests.c.campaign_id, then_tests.c.person_id],
    set_={"answers": _new.excluded.answers, "changed_at": _new.excluded.changed_at},
)
_OF_PERSON = select(then_tests.c.answers).where(
    then_tests.c.campaign_id == bindparam("campaign"), then_tests.c.person_id == bindparam("person")
)
_OF_CAMPAIGN = (
    select(then_tests.c.person_id, then_tests.c.answers)
    .where(then_tests.c.campaign_id == bindparam("campaign"))
    .order_by(then_tests.c.person_id)
    .limit(MOST_PEOPLE)
)
_OWN_RATINGS = (
    select(sheets.c.person_id, sheets.c.answers)
    .where(
        sheets.c.campaign_id == bindparam("campaign"),
        sheets.c.source == SourceKind.SA.value,
        sheets.c.is_final,
    )
    .order_by(sheets.c.person_id)
    .limit(MOST_PEOPLE)
)


async def save(tx: Tx, part: Part, answers: Levels) -> None:
    """Keep how a person sees the former self now."""
    row = {"school_id": part.school_id, "campaign_id": part.campaign_id, "person_id": part.person_id}
    await tx.run(_SAVE, {**row, "answers": dict(answers), "changed_at": tx.now})


async def of_person(tx: Tx, campaign_id: UUID, person_id: UUID) -> Levels:
    """How a person sees the former self, by competency; empty before it was said."""
    found = await tx.value(_OF_PERSON, {"campaign": campaign_id, "person": person_id})
    return found or {}


async def of_campaign(tx: Tx, campaign_id: UUID) -> dict[UUID, Levels]:
    """How everyone in a campaign sees the former self."""
    return {row["person_id"]: row["answers"] for row in await tx.rows(_OF_CAMPAIGN, {"campaign": campaign_id})}


async def own_ratings(tx: Tx, campaign_id: UUID) -> dict[UUID, Levels]:
    """The final self-ratings of a campaign."""
    return {row["person_id"]: row["answers"] for row in await tx.rows(_OWN_RATINGS, {"campaign": campaign_id})}
