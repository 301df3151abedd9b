"""Campaigns and who takes part in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.diagnostics.domain import ALL_INSTRUMENTS, AudienceKind, CampaignState, Instrument, Invitation, Targets
from services.diagnostics.scoring import SourceKind
from services.diagnostics.store.tables import campaigns, participants, schools, sheets

MOST_PEOPLE = 5000
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as it stands in the school."""

    school_id: str
    campaign_id: UUID
    cycle_id: UUID
    wave: int
    closes_on: date
    catalogue_version: str
    invited: int
    opened_at: datetime
    opened_by: UUID
    state: CampaignState = CampaignState.OPEN
    opens_on: date | None = None
    audience: AudienceKind = AudienceKind.ALL
    role_profiles: frozenset[str] = frozenset()
    instruments: frozenset[Instrument] = ALL_INSTRUMENTS


_COLUMNS = [
    campaigns.c[name]
    for name in (
        "school_id",
        "campaign_id",
        "cycle_id",
        "wave",
        "closes_on",
        "catalogue_version",
        "invited",
        "opened_at",
        "opened_by",
        "state",
        "opens_on",
        "audience",
        "role_profiles",
        "instruments",
    )
]
_ONE = select(*_COLUMNS).where(campaigns.c.campaign_id == bindparam("campaign"))
_LOCKED = _ONE.with_for_update()
_OVERDUE = (
    select(*_COLUMNS)
    .where(
        campaigns.c.school_id == bindparam("school"),
        campaigns.c.state == CampaignState.OPEN.value,
        campaigns.c.closes_on < bindparam("today"),
    )
    .order_by(campaigns.c.campaign_id)
    .limit(10)
    .with_for_update(skip_locked=True)
)
_OF_CYCLE = select(*_COLUMNS).where(campaigns.c.cycle_id == bindparam("cycle")).order_by(campaigns.c.wave).limit(2)
_AFTER = (
    select(*_COLUMNS)
    .where(campaigns.c.school_id == bindparam("school"), campaigns.c.campaign_id > bindparam("after"))
    .order_by(campaigns.c.campaign_id)
    .limit(bindparam("limit"))
)
_SAVE = insert(campaigns).on_conflict_do_nothing()
_CLOSE = (
    update(campaigns)
    .where(campaigns.c.campaign_id == bindparam("campaign"), campaigns.c.state == CampaignState.OPEN.value)
    .values(state=CampaignState.CLOSED.value, closed_at=bindparam("now"))
)
_ADD_PARTICIPANT = insert(participants)
_ADD_SHEET = insert(sheets)
_FORMS = (
    select(participants.c.person_id, participants.c.codes, participants.c.targets, participants.c.scored_revision)
    .where(participants.c.campaign_id == bindparam("campaign"))
    .order_by(participants.c.person_id)
    .limit(MOST_PEOPLE)
)
_SCORED = select(func.count()).where(
    participants.c.campaign_id == bindparam("campaign"), participants.c.scored_revision > 0
)
_DONE = (
    select(sheets.c.source, func.count().label("asked"), func.count().filter(sheets.c.is_final).label("done"))
    .where(sheets.c.campaign_id == bindparam("campaign"))
    .group_by(sheets.c.source)
    .limit(len(SourceKind))
)
_new_school = insert(schools)
_EXPECT_CLOSE = _new_school.on_conflict_do_update(
    index_elements=[schools.c.school_id],
    set_={"next_close": func.least(schools.c.next_close, _new_school.excluded.next_close)},
)
_NEXT_CLOSE = (
    update(schools)
    .where(schools.c.school_id == bindparam("school"))
    .values(
        next_close=select(func.min(campaigns.c.closes_on))
        .where(campaigns.c.school_id == bindparam("school"), campaigns.c.state == CampaignState.OPEN.value)
        .scalar_subquery()
    )
)
_DUE_SCHOOLS = (
    select(schools.c.school_id)
    .where(schools.c.next_close < bindparam("today"))
    .order_by(schools.c.next_close)
    .limit(bindparam("limit"))
)


def _campaign(row: Row) -> Campaign:
    read = {
        "state": CampaignState(row["state"]),
        "audience": AudienceKind(row["audience"]),
        "role_profiles": frozenset(row["role_profiles"]),
        "instruments": frozenset(Instrument(each) for each in row["instruments"]),
    }
    return Campaign(**{**row, **read})


async def one(tx: Tx, campaign_id: UUID) -> Campaign | None:
    """A campaign."""
    row = await tx.row(_ONE, {"campaign": campaign_id})
    return None if row is None else _campaign(row)


async def locked(tx: Tx, campaign_id: UUID) -> Campaign | None:
    """A campaign that nobody else may touch, and into which no answer may come, before this transaction ends."""
    row = await tx.row(_LOCKED, {"campaign": campaign_id})
    return None if row is None else _campaign(row)


async def overdue(tx: Tx, school: str, today: date) -> list[Campaign]:
    """The school's open campaigns whose last day is over; those that someone else is closing are passed over."""
    return [_campaign(row) for row in await tx.rows(_OVERDUE, {"school": school, "today": today})]


async def of_cycle(tx: Tx, cycle: UUID) -> dict[int, Campaign]:
    """The campaigns of a cycle by wave."""
    return {row["wave"]: _campaign(row) for row in await tx.rows(_OF_CYCLE, {"cycle": cycle})}


async def after(tx: Tx, school: str, campaign_id: UUID, limit: int) -> list[Campaign]:
    """The campaigns of a school, a page and one more."""
    return [
        _campaign(row) for row in await tx.rows(_AFTER, {"school": school, "after": campaign_id, "limit": limit + 1})
    ]


async def save(tx: Tx, campaign: Campaign) -> bool:
    """Write a new campaign down; false when its id or its wave is taken."""
    row = {column.name: getattr(campaign, column.name) for column in _COLUMNS}
    written = {
        "state": campaign.state.value,
        "audience": campaign.audience.value,
        "role_profiles": sorted(campaign.role_profiles),
        "instruments": sorted(each.value for each in campaign.instruments),
    }
    if await tx.run(_SAVE, {**row, **written}) != 1:
        return False
    await tx.run(_EXPECT_CLOSE, {"school_id": campaign.school_id, "next_close": campaign.closes_on})
    return True


async def invite(tx: Tx, campaign: Campaign, invitations: Sequence[Invitation]) -> None:
    """Freeze the forms, and lay out an empty sheet for everyone who is asked about somebody."""
    mine = {"school_id": campaign.school_id, "campaign_id": campaign.campaign_id}
    people = [
        {
            **mine,
            "person_id": each.person_id,
            "cycle_id": campaign.cycle_id,
            "codes": list(each.targets),
            "targets": list(each.targets.values()),
            "scored_revision": 0,
        }
        for each in invitations
    ]
    empty = {**mine, "answers": {}, "lessons": 1, "is_final": False}
    rows = [
        {**empty, "person_id": each.person_id, "source": source.value, "author_id": author}
        for each in invitations
        for source, author in _authors(each)
    ]
    await tx.run(_ADD_PARTICIPANT, people)
    await tx.run(_ADD_SHEET, rows)


def _authors(invitation: Invitation) -> Iterable[tuple[SourceKind, UUID]]:
    if invitation.is_self_asked:
        yield SourceKind.SA, invitation.person_id
    for rater in invitation.raters:
        yield SourceKind.P360, rater
    if invitation.observer is not None:
        yield SourceKind.OBS, invitation.observer


async def forms(tx: Tx, campaign_id: UUID, *, is_scored: bool = False) -> dict[UUID, Targets]:
    """The frozen forms of a campaign, code to target, by person; with `is_scored` of the scored people only."""
    rows = await tx.rows(_FORMS, {"campaign": campaign_id})
    return {
        row["person_id"]: dict(zip(row["codes"], row["targets"], strict=True))
        for row in rows
        if row["scored_revision"] or not is_scored
    }


async def scored(tx: Tx, campaign_id: UUID) -> int:
    """How many people have a scored profile."""
    return int(await tx.value(_SCORED, {"campaign": campaign_id}))


async def done(tx: Tx, campaign_id: UUID) -> dict[SourceKind, tuple[int, int]]:
    """How many sheets of each source were laid out, and how many are final."""
    rows = await tx.rows(_DONE, {"campaign": campaign_id})
    return {SourceKind(row["source"]): (row["asked"], row["done"]) for row in rows}


async def close(tx: Tx, campaign: Campaign) -> None:
    """End a campaign, and say when the next of its school is due."""
    await tx.run(_CLOSE, {"campaign": campaign.campaign_id, "now": tx.now})
    await tx.run(_NEXT_CLOSE, {"school": campaign.school_id})


async def due_schools(tx: Tx, today: date, *, limit: int = 50) -> list[str]:
    """The schools with a campaign whose last day is over."""
    return [row["school_id"] for row in await tx.rows(_DUE_SCHOOLS, {"today": today, "limit": limit})]
