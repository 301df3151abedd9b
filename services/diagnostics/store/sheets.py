"""The sheets that people fill in about themselves and about each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Boolean, Integer, String, Text, Uuid, bindparam, column, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import Row, Tx
from services.diagnostics.domain import AnswerSheet, CampaignState, Targets
from services.diagnostics.scoring import SourceKind
from services.diagnostics.store.owner import Owner
from services.diagnostics.store.tables import campaigns, participants, sheets

MOST_SHEETS = 2000


@dataclass(frozen=True, slots=True)
class SheetKey:
    """Who says something of whom, in which campaign, and as what."""

    campaign_id: UUID
    person_id: UUID
    source: SourceKind
    author_id: UUID


@dataclass(frozen=True, slots=True)
class Part:
    """A person's part in a campaign: what is asked, against which targets, and how often it has been scored."""

    school_id: str
    campaign_id: UUID
    cycle_id: UUID
    wave: int
    state: CampaignState
    person_id: UUID
    targets: Targets
    scored_revision: int

    @property
    def owner(self) -> Owner:
        """The person, whose profile is the person's own."""
        return Owner(self.school_id, self.cycle_id, self.person_id)


# One statement for the door that everyone goes through in the same two weeks. The person's row is held, so that
# two authors are scored one after the other; the campaign is shared, so that it cannot close in between.
_HELD = text("""
    select participants.school_id, participants.campaign_id, participants.cycle_id, campaigns.wave, campaigns.state,
           participants.person_id, participants.codes, participants.targets, participants.scored_revision,
           sheets.answers, sheets.lessons, sheets.is_final
    from sheets
    join participants using (campaign_id, person_id)
    join campaigns using (campaign_id)
    where campaign_id = :campaign and person_id = :person and source = :as_source and author_id = :author
    for update of participants for share of campaigns
""").columns(
    column("school_id", Text),
    column("campaign_id", Uuid),
    column("cycle_id", Uuid),
    column("wave", Integer),
    column("state", String),
    column("person_id", Uuid),
    column("codes", ARRAY(Text)),
    column("targets", ARRAY(Integer)),
    column("scored_revision", Integer),
    column("answers", JSONB),
    column("lessons", Integer),
    column("is_final", Boolean),
)
_THIS = (
    sheets.c.campaign_id == bindparam("campaign"),
    sheets.c.person_id == bindparam("person"),
    sheets.c.source == bindparam("as_source"),
    sheets.c.author_id == bindparam("author"),
)
_FILL = (
    update(sheets)
    .where(*_THIS)
    .values(
        answers=bindparam("new_answers", type_=JSONB),
        lessons=bindparam("new_lessons"),
        is_final=bindparam("now_final"),
        changed_at=bindparam("now"),
    )
)
_FINAL = (
    select(sheets.c.source, sheets.c.answers, sheets.c.lessons)
    .where(sheets.c.campaign_id == bindparam("campaign"), sheets.c.person_id == bindparam("person"), sheets.c.is_final)
    .order_by(sheets.c.source, sheets.c.author_id)
    .limit(100)
)
_RAISE = (
    update(participants)
    .where(participants.c.campaign_id == bindparam("campaign"), participants.c.person_id == bindparam("person"))
    .values(scored_revision=bindparam("new_revision"))
)
_MINE = (
    select(
        campaigns.c.campaign_id,
        campaigns.c.cycle_id,
        campaigns.c.wave,
        campaigns.c.closes_on,
        sheets.c.person_id,
        sheets.c.source,
        sheets.c.answers,
        sheets.c.is_final,
        participants.c.codes,
    )
    .join(campaigns, campaigns.c.campaign_id == sheets.c.campaign_id)
    .join(
        participants,
        (participants.c.campaign_id == sheets.c.campaign_id) & (participants.c.person_id == sheets.c.person_id),
    )
    .where(
        sheets.c.school_id == bindparam("school"),
        sheets.c.author_id == bindparam("author"),
        campaigns.c.state == CampaignState.OPEN.value,
    )
    .order_by(campaigns.c.opened_at, campaigns.c.campaign_id, sheets.c.source, sheets.c.person_id)
    .limit(MOST_SHEETS)
)


def _parameters(key: SheetKey) -> dict[str, UUID | str]:
    return {
        "campaign": key.campaign_id,
        "person": key.person_id,
        "as_source": key.source.value,
        "author": key.author_id,
    }


async def held(tx: Tx, key: SheetKey) -> tuple[Part, AnswerSheet] | None:
    """A sheet that was laid out for its author, with the part of the person it is about; held for this transaction."""
    row = await tx.row(_HELD, _parameters(key))
    if row is None:
        return None
    part = Part(
        school_id=row["school_id"],
        campaign_id=row["campaign_id"],
        cycle_id=row["cycle_id"],
        wave=row["wave"],
        state=CampaignState(row["state"]),
        person_id=row["person_id"],
        targets=dict(zip(row["codes"], row["targets"], strict=True)),
        scored_revision=row["scored_revision"],
    )
    return part, AnswerSheet(key.source, row["answers"], is_final=row["is_final"], lessons=row["lessons"])


async def fill(tx: Tx, key: SheetKey, sheet: AnswerSheet) -> None:
    """Keep what stands on a sheet now."""
    filled = {
        "new_answers": dict(sheet.answers),
        "new_lessons": sheet.lessons,
        "now_final": sheet.is_final,
        "now": tx.now,
    }
    await tx.run(_FILL, {**_parameters(key), **filled})


async def final_about(tx: Tx, part: Part) -> list[AnswerSheet]:
    """All final sheets about a person in a campaign."""
    rows = await tx.rows(_FINAL, {"campaign": part.campaign_id, "person": part.person_id})
    return [AnswerSheet(SourceKind(row["source"]), row["answers"], lessons=row["lessons"]) for row in rows]


async def raise_revision(tx: Tx, part: Part, revision: int) -> None:
    """Say how often a person has been scored."""
    await tx.run(_RAISE, {"campaign": part.campaign_id, "person": part.person_id, "new_revision": revision})


async def laid_out_for(tx: Tx, school: str, author: UUID) -> Sequence[Row]:
    """The sheets of open campaigns that wait for an author or were filled in already, campaign by campaign."""
    return await tx.rows(_MINE, {"school": school, "author": author})
