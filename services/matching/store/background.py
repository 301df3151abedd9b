"""What is known of two people beside their task: subjects, free times, how a topic is offered, earlier pairings."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from chassis.database import Row, Tx
from services.matching.domain import PairingState
from services.matching.store.tables import availability, matches, members, offers, pairings

_MOST_OF_A_PAGE = 5_000
_people = any_(bindparam("people", type_=ARRAY(Uuid)))

_SUBJECTS = (
    select(members.c.person_id, members.c.subjects)
    .where(members.c.school_id == bindparam("school"), members.c.person_id == _people)
    .limit(_MOST_OF_A_PAGE)
)
_FREE_TIMES = (
    select(availability.c.person_id, availability.c.slots)
    .where(availability.c.school_id == bindparam("school"), availability.c.person_id == _people)
    .limit(_MOST_OF_A_PAGE)
)
_OFFERED = (
    select(offers.c.person_id, offers.c.competency, offers.c.formats)
    .where(
        offers.c.school_id == bindparam("school"),
        offers.c.cycle_id == bindparam("cycle"),
        offers.c.person_id == _people,
        offers.c.is_declared,
    )
    .limit(_MOST_OF_A_PAGE)
)
_EARLIER = (
    select(pairings.c.giver_id, pairings.c.taker_id)
    .where(
        pairings.c.giver_id == _people,
        pairings.c.cycle_id != bindparam("cycle"),
        pairings.c.state.in_([PairingState.FORMED.value, PairingState.DISSOLVED.value]),
    )
    .limit(_MOST_OF_A_PAGE)
)
_GIVEN_BY = (
    select(matches.c.giver_id, matches.c.taker_id)
    .where(
        matches.c.run_id == bindparam("run"),
        matches.c.variant == bindparam("variant"),
        matches.c.giver_id == _people,
    )
    .limit(_MOST_OF_A_PAGE)
)


async def subjects_of(tx: Tx, school: str, people: Collection[UUID]) -> Sequence[Row]:
    """What people of the school teach, as far as the registry has said."""
    return await tx.rows(_SUBJECTS, {"school": school, "people": sorted(people)})


async def free_times_of(tx: Tx, school: str, people: Collection[UUID]) -> Sequence[Row]:
    """The free times that people of the school entered."""
    return await tx.rows(_FREE_TIMES, {"school": school, "people": sorted(people)})


async def offered_by(tx: Tx, school: str, cycle: UUID, people: Collection[UUID]) -> Sequence[Row]:
    """In which formats people of the school offer which topics."""
    return await tx.rows(_OFFERED, {"school": school, "cycle": cycle, "people": sorted(people)})


async def earlier_pairs_of(tx: Tx, cycle: UUID, givers: Collection[UUID]) -> Sequence[Row]:
    """Pairs of these givers that were formed in other cycles."""
    return await tx.rows(_EARLIER, {"cycle": cycle, "people": sorted(givers)})


async def given_by(tx: Tx, run_id: UUID, variant: str, givers: Collection[UUID]) -> Sequence[Row]:
    """Whom these people teach in one result of a run."""
    return await tx.rows(_GIVEN_BY, {"run": run_id, "variant": variant, "people": sorted(givers)})
