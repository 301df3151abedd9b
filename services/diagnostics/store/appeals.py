"""Appeals: which competency of whom, and how far each has come."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.diagnostics.domain import OPEN_APPEALS, AppealState
from services.diagnostics.scoring import SourceKind
from services.diagnostics.store.owner import Owner, OwnKey
from services.diagnostics.store.sheets import SheetKey
from services.diagnostics.store.tables import profiles, sheets
from services.diagnostics.store.tables_of_appeals import appeals

MOST_APPEALS = 400


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal of one person against one measured competency; `text` is for the curator only if `is_text_shown`."""

    appeal_id: UUID
    school_id: str
    cycle_id: UUID
    campaign_id: UUID
    person_id: UUID
    competency: str
    text: str
    is_text_shown: bool
    filed_at: datetime
    changed_at: datetime
    state: AppealState = AppealState.FILED
    wanted_source: SourceKind | None = None

    @property
    def key(self) -> OwnKey:
        """The competency that it is about."""
        return OwnKey(self.school_id, self.cycle_id, self.person_id, self.competency)


_is_open = appeals.c.state.in_([state.value for state in OPEN_APPEALS])
_ONE = select(appeals).where(appeals.c.appeal_id == bindparam("appeal"), appeals.c.school_id == bindparam("school"))
_OPEN_OF = (
    select(appeals)
    .where(
        appeals.c.school_id == bindparam("school"),
        appeals.c.cycle_id == bindparam("cycle"),
        appeals.c.person_id == bindparam("person"),
        _is_open,
    )
    .order_by(appeals.c.competency)
    .limit(MOST_APPEALS)
)
_OPEN_IN = (
    select(appeals.c.person_id, appeals.c.competency)
    .where(appeals.c.school_id == bindparam("school"), appeals.c.cycle_id == bindparam("cycle"), _is_open)
    .order_by(appeals.c.appeal_id)
    .limit(100_000)
)
_MINE = (
    select(appeals)
    .where(appeals.c.school_id == bindparam("school"), appeals.c.person_id == bindparam("person"))
    .order_by(appeals.c.filed_at.desc(), appeals.c.appeal_id)
    .limit(MOST_APPEALS)
)
_FOR_CURATOR = (
    select(appeals, profiles.c.competency_class)
    .join(
        profiles,
        (profiles.c.campaign_id == appeals.c.campaign_id)
        & (profiles.c.person_id == appeals.c.person_id)
        & (profiles.c.competency == appeals.c.competency),
    )
    .where(
        appeals.c.school_id == bindparam("school"),
        appeals.c.cycle_id == bindparam("cycle"),
        appeals.c.appeal_id > bindparam("after"),
        _is_open,
    )
    .order_by(appeals.c.appeal_id)
    .limit(bindparam("limit"))
)
_ADD = insert(appeals).on_conflict_do_nothing()
_MOVE = (
    update(appeals)
    .where(appeals.c.appeal_id == bindparam("appeal"))
    .values(state=bindparam("new_state"), wanted_source=bindparam("wanted"), changed_at=bindparam("now"))
)
_AUTHORS = (
    select(sheets.c.author_id)
    .where(
        sheets.c.campaign_id == bindparam("campaign"),
        sheets.c.person_id == bindparam("person"),
        sheets.c.source == bindparam("as_source"),
    )
    .order_by(sheets.c.author_id)
    .limit(100)
)
_ASK = insert(sheets).on_conflict_do_nothing()


def _appeal(row: Row) -> Appeal:
    wanted = row["wanted_source"]
    fields = {name: row[name] for name in Appeal.__dataclass_fields__}
    return Appeal(**{**fields, "state": AppealState(row["state"]), "wanted_source": wanted and SourceKind(wanted)})


async def one(tx: Tx, school: str, appeal_id: UUID) -> Appeal | None:
    """An appeal of a school."""
    row = await tx.row(_ONE, {"appeal": appeal_id, "school": school})
    return None if row is None else _appeal(row)


async def open_of(tx: Tx, owner: Owner) -> dict[str, Appeal]:
    """A person's appeals of a cycle that are not settled yet, by competency."""
    return {row["competency"]: _appeal(row) for row in await tx.rows(_OPEN_OF, owner.parameters)}


async def open_in(tx: Tx, school: str, cycle: UUID) -> dict[UUID, set[str]]:
    """The competencies under appeal in a cycle, by person."""
    found: dict[UUID, set[str]] = {}
    for row in await tx.rows(_OPEN_IN, {"school": school, "cycle": cycle}):
        found.setdefault(row["person_id"], set()).add(row["competency"])
    return found


async def of_person(tx: Tx, school: str, person: UUID) -> list[Appeal]:
    """All appeals of a person, the newest first."""
    return [_appeal(row) for row in await tx.rows(_MINE, {"school": school, "person": person})]


async def for_curator(tx: Tx, school: str, cycle: UUID, *, after: UUID, limit: int) -> Sequence[Row]:
    """The appeals of a cycle that are not settled yet with the class of each, a page and one more."""
    return await tx.rows(_FOR_CURATOR, {"school": school, "cycle": cycle, "after": after, "limit": limit + 1})


async def add(tx: Tx, appeal: Appeal) -> bool:
    """Write a new appeal down; false when its id is taken."""
    return await tx.run(_ADD, {**asdict(appeal), "state": appeal.state.value, "wanted_source": None}) == 1


async def move(tx: Tx, appeal: Appeal) -> None:
    """Keep the state of an appeal and what it waits for."""
    wanted = appeal.wanted_source
    await tx.run(
        _MOVE,
        {
            "appeal": appeal.appeal_id,
            "new_state": appeal.state.value,
            "wanted": wanted and wanted.value,
            "now": appeal.changed_at,
        },
    )


async def asked(tx: Tx, appeal: Appeal, source: SourceKind) -> list[UUID]:
    """Who was asked about the person in the disputed measurement, as one kind of source."""
    wanted = {"campaign": appeal.campaign_id, "person": appeal.person_id, "as_source": source.value}
    return [row["author_id"] for row in await tx.rows(_AUTHORS, wanted)]


async def ask(tx: Tx, school: str, key: SheetKey, *, codes: Sequence[str]) -> None:
    """Lay out an empty sheet on a few competencies for one more author."""
    row = {"school_id": school, **asdict(key), "source": key.source.value, "codes": list(codes)}
    await tx.run(_ASK, {**row, "answers": {}, "lessons": 1, "is_final": False})
