"""Orders of psychometrics, and the answers of one school that go into them, without anybody's id.

The city has no way around row security: an order walks over the list of schools and reads each in a transaction of
that school alone.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from chassis.database import Row, Tx
from chassis.leases import Waiting, leases
from services.diagnostics.domain import FIRST_WAVE, OPEN_ORDERS, CampaignState, OrderState
from services.diagnostics.scoring import SourceKind
from services.diagnostics.store.tables import campaigns, participants, schools, sheets
from services.diagnostics.store.tables_of_appeals import psychometric_orders as orders
from services.diagnostics.store.tables_of_instruments import test_answers, test_sittings

MOST_PEOPLE = 5000
MOST_TESTS = 100_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an order has come: schools read, and then figures computed."""

    state: OrderState
    schools: int
    schools_done: int
    parts: int = 0
    parts_done: int = 0

    @property
    def columns(self) -> dict[str, object]:
        """Where an order keeps it."""
        return {**asdict(self), "state": self.state.value}


_TOLD = [
    orders.c[name]
    for name in (
        "order_id",
        "state",
        "catalogue_version",
        "schools",
        "schools_done",
        "parts",
        "parts_done",
        "reason",
        "ordered_at",
        "finished_at",
    )
]
LEASES = leases(
    Waiting(
        table=orders,
        key=orders.c.order_id,
        order=[orders.c.ordered_at],
        is_open=orders.c.state.in_([state.value for state in OPEN_ORDERS]),
        begun={"state": OrderState.COLLECTING.value, "schools_done": 0, "parts_done": 0},
        is_kept=True,
    )
)
_ADD = insert(orders).on_conflict_do_nothing()
_ONE = select(*_TOLD, orders.c.figures).where(orders.c.order_id == bindparam("order"))
_AFTER = (
    select(*_TOLD).where(orders.c.order_id > bindparam("after")).order_by(orders.c.order_id).limit(bindparam("limit"))
)
_SCHOOLS = (
    select(schools.c.school_id)
    .where(schools.c.school_id > bindparam("after"))
    .order_by(schools.c.school_id)
    .limit(bindparam("limit"))
)
_HOW_MANY = select(func.count()).select_from(schools)
# A person stands in one campaign of a school once; of several years only the newest counts.
_CAMPAIGN = (
    select(campaigns.c.campaign_id)
    .where(
        campaigns.c.school_id == bindparam("school"),
        campaigns.c.catalogue_version == bindparam("version"),
        campaigns.c.wave == FIRST_WAVE,
        campaigns.c.state == CampaignState.CLOSED.value,
    )
    .order_by(campaigns.c.opened_at.desc())
    .limit(1)
)
_OWN = (
    select(participants.c.codes, sheets.c.answers)
    .join(
        participants,
        (participants.c.campaign_id == sheets.c.campaign_id) & (participants.c.person_id == sheets.c.person_id),
    )
    .where(sheets.c.campaign_id == bindparam("campaign"), sheets.c.source == SourceKind.SA.value, sheets.c.is_final)
    .limit(MOST_PEOPLE)
)
_COLLEAGUES = (
    select(func.jsonb_agg(sheets.c.answers, type_=JSONB).label("given"))
    .where(sheets.c.campaign_id == bindparam("campaign"), sheets.c.source == SourceKind.P360.value, sheets.c.is_final)
    .group_by(sheets.c.person_id)
    .limit(MOST_PEOPLE)
)
_TESTS = (
    select(
        test_answers.c.competency,
        test_answers.c.form,
        func.jsonb_object_agg(test_answers.c.item_id, test_answers.c.is_right, type_=JSONB).label("given"),
    )
    .join(
        test_sittings,
        (test_sittings.c.campaign_id == test_answers.c.campaign_id)
        & (test_sittings.c.person_id == test_answers.c.person_id)
        & (test_sittings.c.competency == test_answers.c.competency),
    )
    .where(test_answers.c.campaign_id == bindparam("campaign"), test_sittings.c.finished_at.is_not(None))
    .group_by(test_answers.c.person_id, test_answers.c.competency, test_answers.c.form)
    .limit(MOST_TESTS)
)


async def add(tx: Tx, order_id: UUID, *, version: str) -> bool:
    """Ask for figures on the instruments of a version; false when the order stands already."""
    row = {"order_id": order_id, "state": OrderState.ORDERED.value, "catalogue_version": version}
    counts = dict.fromkeys(("schools", "schools_done", "parts", "parts_done", "claims"), 0)
    return await tx.run(_ADD, {**row, **counts, "ordered_at": tx.now}) == 1


async def one(tx: Tx, order_id: UUID) -> Row | None:
    """An order with its figures, if they are there."""
    return await tx.row(_ONE, {"order": order_id})


async def after(tx: Tx, order_id: UUID, limit: int) -> Sequence[Row]:
    """Orders without their figures, a page and one more."""
    return await tx.rows(_AFTER, {"after": order_id, "limit": limit + 1})


async def cancel(tx: Tx, order_id: UUID) -> bool:
    """End an order that is still going on; false when it is not."""
    return await LEASES.remove(tx, order_id, state=OrderState.CANCELLED.value, finished_at=tx.now)


async def schools_after(tx: Tx, school: str, *, limit: int) -> list[str]:
    """The ids of the schools that ever had a campaign, a page."""
    return [row["school_id"] for row in await tx.rows(_SCHOOLS, {"after": school, "limit": limit})]


async def how_many_schools(tx: Tx) -> int:
    """How many schools ever had a campaign."""
    return int(await tx.value(_HOW_MANY))


async def newest_campaign(tx: Tx, school: str, *, version: str) -> UUID | None:
    """The newest closed first wave of a school on a version of the catalogue."""
    return await tx.value(_CAMPAIGN, {"school": school, "version": version})  # type: ignore[no-any-return]  # a uuid column


async def own_answers(tx: Tx, campaign_id: UUID) -> Sequence[Row]:
    """Forms and self-ratings, without anybody's id."""
    return await tx.rows(_OWN, {"campaign": campaign_id})


async def colleagues_answers(tx: Tx, campaign_id: UUID) -> Sequence[Row]:
    """What colleagues said, a row for each person rated, without anybody's id."""
    return await tx.rows(_COLLEAGUES, {"campaign": campaign_id})


async def tests(tx: Tx, campaign_id: UUID) -> Sequence[Row]:
    """Finished tests, right or wrong by task, without anybody's id."""
    return await tx.rows(_TESTS, {"campaign": campaign_id})
