"""The sheets that people fill in about themselves and about each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Integer,
    String,
    Text,
    Uuid,
    bindparam,
    column,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import Row, Tx
from services.diagnostics.domain import AnswerSheet, CampaignState, Instrument, Targets
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
    opens_on: date | None
    instruments: frozenset[Instrument]

    @property
    def owner(self) -> Owner:
        """The person, whose profile is the person's own."""
        return Owner(self.school_id, self.cycle_id, self.person_id)


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A sheet that was laid out for its author: about whose part, what is asked, and what stands on it.

    One that is `is_by_default` was laid out at the opening, any other by the curator's own will.
    """

    part: Part
    asked: tuple[str, ...]
    known: AnswerSheet
    is_by_default: bool


# One statement for the door that everyone goes through in the same two weeks. The person's row is held, so that
# two authors are scored one after the other; the campaign is shared, so that it cannot close in between.
_PART = """
    participants.school_id, participants.campaign_id, participants.cycle_id, campaigns.wave, campaigns.state,
    campaigns.opens_on, campaigns.instruments,
    participants.person_id, participants.codes, participants.targets, participants.scored_revision
"""
_PART_COLUMNS: tuple[ColumnElement[object], ...] = (
    column("school_id", Text),
    column("campaign_id", Uuid),
    column("cycle_id", Uuid),
    column("wave", Integer),
    column("state", String),
    column("opens_on", Date),
    column("instruments", ARRAY(Text)),
    column("person_id", Uuid),
    column("codes", ARRAY(Text)),
    column("targets", ARRAY(Integer)),
    column("scored_revision", Integer),
)
_HELD = text(f"""
    select {_PART}, sheets.answers, sheets.lessons, sheets.is_final, sheets.codes as asked
    from sheets
    join participants using (campaign_id, person_id)
    join campaigns using (campaign_id)
    where campaign_id = :campaign and person_id = :person and source = :as_source and author_id = :author
    for update of participants for share of campaigns
""").columns(  # noqa: S608  constants only
    *_PART_COLUMNS,
    column("answers", JSONB),
    column("lessons", Integer),
    column("is_final", Boolean),
    column("asked", ARRAY(Text)),
)
_PART_HELD = text(f"""
    select {_PART}
    from participants
    join campaigns using (campaign_id)
    where campaign_id = :campaign and person_id = :person
    for update of participants for share of campaigns
""").columns(*_PART_COLUMNS)  # noqa: S608  constants only
_PART_SEEN = text(f"""
    select {_PART}
    from participants
    join campaigns using (campaign_id)
    where campaign_id = :campaign and person_id = :person and participants.school_id = :school
""").columns(*_PART_COLUMNS)  # noqa: S608  constants only
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
        campaigns.c.opens_on,
        campaigns.c.closes_on,
        campaigns.c.instruments,
        sheets.c.person_id,
        sheets.c.source,
        sheets.c.answers,
        sheets.c.is_final,
        func.coalesce(sheets.c.codes, participants.c.codes).label("codes"),
        sheets.c.codes.is_(None).label("is_by_default"),
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


async def held(tx: Tx, key: SheetKey) -> LaidOut | None:
    """A sheet that was laid out for its author, with the part of the person it is about; held for this transaction."""
    row = await tx.row(_HELD, _parameters(key))
    if row is None:
        return None
    known = AnswerSheet(key.source, row["answers"], is_final=row["is_final"], lessons=row["lessons"])
    return LaidOut(_part(row), tuple(row["asked"] or row["codes"]), known, is_by_default=row["asked"] is None)


async def held_part(tx: Tx, campaign_id: UUID, person_id: UUID) -> Part | None:
    """A person's part in a campaign, held for this transaction."""
    row = await tx.row(_PART_HELD, {"campaign": campaign_id, "person": person_id})
    return None if row is None else _part(row)


async def seen_part(tx: Tx, school: str, campaign_id: UUID, person_id: UUID) -> Part | None:
    """A person's part in a campaign, to read it only."""
    row = await tx.row(_PART_SEEN, {"campaign": campaign_id, "person": person_id, "school": school})
    return None if row is None else _part(row)


def _part(row: Row) -> Part:
    return Part(
        school_id=row["school_id"],
        campaign_id=row["campaign_id"],
        cycle_id=row["cycle_id"],
        wave=row["wave"],
        state=CampaignState(row["state"]),
        person_id=row["person_id"],
        targets=dict(zip(row["codes"], row["targets"], strict=True)),
        scored_revision=row["scored_revision"],
        opens_on=row["opens_on"],
        instruments=frozenset(Instrument(each) for each in row["instruments"]),
    )


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
