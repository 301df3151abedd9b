"""What open pairings have lost since they were proposed, for the curator to see; and offers that were taken back.

A school sees the side of its own people alone.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from chassis.database import Row, Tx
from services.matching.domain import OPEN_STATES
from services.matching.store.tables import bans, consents, members, misfits, needs, offers, pairings, releases

_PLATFORM_CONSENT = "PD_PLATFORM"
_MOST_ROWS = 1_000_000
LOSSES = (
    "strength-withdrawn",
    "offer-withdrawn",
    "need-withdrawn",
    "giver-left",
    "taker-left",
    "giver-consent-withdrawn",
    "taker-consent-withdrawn",
    "pair-banned",
)

_giver_is_ours = pairings.c.giver_school == bindparam("school")
_taker_is_ours = pairings.c.taker_school == bindparam("school")
_has_strength = (
    select(releases.c.person_id)
    .where(
        releases.c.school_id == pairings.c.giver_school,
        releases.c.cycle_id == pairings.c.cycle_id,
        releases.c.person_id == pairings.c.giver_id,
        releases.c.competency == pairings.c.competency,
        releases.c.released_revision > releases.c.withdrawn_revision,
        releases.c.strength_revision > releases.c.withdrawn_revision,
    )
    .exists()
)
_has_need = (
    select(needs.c.person_id)
    .where(
        needs.c.school_id == pairings.c.taker_school,
        needs.c.cycle_id == pairings.c.cycle_id,
        needs.c.person_id == pairings.c.taker_id,
        needs.c.competency == pairings.c.competency,
        needs.c.is_declared,
    )
    .exists()
)
_has_no_offer = (
    select(offers.c.person_id)
    .where(
        offers.c.school_id == pairings.c.giver_school,
        offers.c.cycle_id == pairings.c.cycle_id,
        offers.c.person_id == pairings.c.giver_id,
        offers.c.competency == pairings.c.competency,
        ~offers.c.is_declared,
    )
    .exists()
)


def _takes_part(side: str) -> ColumnElement[bool]:
    return (
        select(members.c.person_id)
        .where(
            members.c.school_id == pairings.c[f"{side}_school"],
            members.c.person_id == pairings.c[f"{side}_id"],
            members.c.is_teacher,
            ~members.c.has_left,
        )
        .exists()
    )


def _has_withdrawn(side: str) -> ColumnElement[bool]:
    return (
        select(consents.c.person_id)
        .where(
            consents.c.school_id == pairings.c[f"{side}_school"],
            consents.c.person_id == pairings.c[f"{side}_id"],
            consents.c.purpose == _PLATFORM_CONSENT,
            ~consents.c.is_given,
        )
        .exists()
    )


_is_forbidden = or_(
    select(bans.c.giver_id)
    .where(
        bans.c.school_id == bindparam("school"),
        bans.c.giver_id == pairings.c.giver_id,
        bans.c.taker_id == pairings.c.taker_id,
    )
    .exists(),
    select(misfits.c.giver_id)
    .where(
        misfits.c.school_id == bindparam("school"),
        misfits.c.cycle_id == pairings.c.cycle_id,
        misfits.c.giver_id == pairings.c.giver_id,
        misfits.c.taker_id == pairings.c.taker_id,
    )
    .exists(),
)
_CONDITIONS = (
    and_(_giver_is_ours, ~_has_strength),
    and_(_giver_is_ours, _has_no_offer),
    and_(_taker_is_ours, ~_has_need),
    and_(_giver_is_ours, ~_takes_part("giver")),
    and_(_taker_is_ours, ~_takes_part("taker")),
    and_(_giver_is_ours, _has_withdrawn("giver")),
    and_(_taker_is_ours, _has_withdrawn("taker")),
    _is_forbidden,
)
_LOST = select(
    pairings.c.pairing_id, *(condition.label(loss) for loss, condition in zip(LOSSES, _CONDITIONS, strict=True))
).where(
    pairings.c.pairing_id.in_(bindparam("pairings", expanding=True)),
    pairings.c.state.in_(sorted(OPEN_STATES)),
    ~pairings.c.is_completed,
)
_WITHDRAWN_OFFERS = (
    select(offers.c.person_id, offers.c.competency)
    .where(offers.c.school_id == bindparam("school"), offers.c.cycle_id == bindparam("cycle"), ~offers.c.is_declared)
    .order_by(offers.c.person_id, offers.c.competency)
    .limit(_MOST_ROWS)
)


async def losses_of(tx: Tx, school: str, pairing_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """What each of these pairings has lost, as far as this school knows; those that lost nothing are not there."""
    if not pairing_ids:
        return {}
    rows = await tx.rows(_LOST, {"school": school, "pairings": list(pairing_ids)})
    lost = {row["pairing_id"]: [loss for loss in LOSSES if row[loss]] for row in rows}
    return {pairing: losses for pairing, losses in lost.items() if losses}


async def withdrawn_offers(tx: Tx, school: str, cycle: UUID) -> set[tuple[UUID, str]]:
    """Whose offer of what was taken back in a cycle: people who share that no longer."""
    rows: Sequence[Row] = await tx.rows(_WITHDRAWN_OFFERS, {"school": school, "cycle": cycle})
    return {(row["person_id"], row["competency"]) for row in rows}
