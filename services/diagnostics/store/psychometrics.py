"""Orders of psychometrics, and the answers of one school that go into them, without anybody's id.

The city has no way around row security: an order walks over the list of schools and reads each in a transaction of
that school alone. Leases are real time: they guard against dead workers, not against the calendar.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from chassis.database import Row, Tx
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


_real_now = func.clock_timestamp()
_is_open: ColumnElement[bool] = orders.c.state.in_([state.value for state in OPEN_ORDERS])
_is_mine = and_(orders.c.order_id == bindparam("this_order"), orders.c.worker == bindparam("me"), _is_open)
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
_free = (
    select(orders.c.order_id)
    .where(
        _is_open,
        or_(
            orders.c.worker.is_(None),
            orders.c.beat_at < _real_now - func.make_interval(0, 0, 0, 0, 0, 0, bindparam("lease")),
        ),
    )
    .order_by(orders.c.ordered_at)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_ADD = insert(orders).on_conflict_do_nothing()
_ONE = select(*_TOLD, orders.c.figures).where(orders.c.order_id == bindparam("order"))
_AFTER = (
    select(*_TOLD).where(orders.c.order_id > bindparam("after")).order_by(orders.c.order_id).limit(bindparam("limit"))
)
_CLAIM = (
    update(orders)
    .where(orders.c.order_id == _free)
    .values(
        worker=bindparam("me"),
        beat_at=_real_now,
        claims=orders.c.claims + 1,
        state=OrderState.COLLECTING.value,
        schools_done=0,
        parts_done=0,
    )
    .returning(orders.c.order_id, orders.c.catalogue_version, orders.c.claims)
)
_BEAT = (
    update(orders)
    .where(_is_mine)
    .values(
        beat_at=_real_now,
        state=bindparam("new_state"),
        schools=bindparam("all_schools"),
        schools_done=bindparam("read_schools"),
        parts=bindparam("all_parts"),
        parts_done=bindparam("made_parts"),
    )
)
_HAND_BACK = (
    update(orders)
    .where(orders.c.worker == bindparam("me"), _is_open)
    .values(worker=None, beat_at=None, claims=orders.c.claims - 1)
)
_END = (
    update(orders)
    .where(_is_mine)
    .values(
        state=bindparam("new_state"),
        figures=bindparam("new_figures", type_=JSONB),
        reason=bindparam("why"),
        finished_at=bindparam("now"),
        worker=None,
        beat_at=None,
    )
)
_CANCEL = (
    update(orders)
    .where(orders.c.order_id == bindparam("this_order"), _is_open)
    .values(state=OrderState.CANCELLED.value, finished_at=bindparam("now"), worker=None, beat_at=None)
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
    return await tx.run(_CANCEL, {"this_order": order_id, "now": tx.now}) == 1


async def claim(tx: Tx, worker: UUID, *, lease_seconds: float) -> Row | None:
    """Take the oldest order that nobody works on, or whose worker has been silent for longer than the lease."""
    return await tx.row(_CLAIM, {"me": worker, "lease": lease_seconds})


async def beat(tx: Tx, order_id: UUID, worker: UUID, progress: Progress) -> bool:
    """Show that the worker lives and how far it is; false when the order is no longer its own, say cancelled."""
    wanted = {
        "this_order": order_id,
        "me": worker,
        "new_state": progress.state.value,
        "all_schools": progress.schools,
        "read_schools": progress.schools_done,
        "all_parts": progress.parts,
        "made_parts": progress.parts_done,
    }
    return await tx.run(_BEAT, wanted) == 1


async def hand_back(tx: Tx, worker: UUID) -> None:
    """Leave what this worker holds to another; an orderly departure does not count as a claim."""
    await tx.run(_HAND_BACK, {"me": worker})


async def end(
    tx: Tx, order_id: UUID, worker: UUID, *, figures: Mapping[str, Any] | None = None, reason: str | None = None
) -> bool:
    """Keep the figures, or the reason why there are none; false when the order is no longer this worker's."""
    state = OrderState.DONE if reason is None else OrderState.FAILED
    wanted = {"this_order": order_id, "me": worker, "new_state": state.value, "why": reason, "now": tx.now}
    return await tx.run(_END, {**wanted, "new_figures": figures}) == 1


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
