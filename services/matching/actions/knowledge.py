"""What other services announce: taken in by id and revision, so that order and repeats do not matter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis import looks
from chassis.database import Tx
from contracts.matching import AvailabilityErased
from services.matching.actions import pairings
from services.matching.store import districts, edits, knowledge
from services.matching.store.knowledge import Topic

_PLATFORM_CONSENT = "PD_PLATFORM"
_TEACHER = "teacher"


@dataclass(frozen=True, slots=True)
class Membership:
    """What a person is in a school."""

    school: str
    person: UUID
    roles: tuple[str, ...]
    manager: UUID | None
    subjects: tuple[str, ...]
    left_on: date | None
    absent_from: date | None
    absent_to: date | None
    revision: int


async def know_member(tx: Tx, membership: Membership) -> None:
    """Keep who teaches in the school, what, under whom, and until when not; who has left is taken out."""
    has_left = membership.left_on is not None
    told = {
        "is_teacher": _TEACHER in membership.roles and not has_left,
        "manager_id": None if has_left else membership.manager,
        "has_left": has_left,
        "subjects": list(membership.subjects),
        "absent_from": membership.absent_from,
        "absent_to": membership.absent_to,
        "revision": membership.revision,
    }
    is_news = await knowledge.save_member(tx, membership.school, membership.person, told)
    if is_news and has_left:
        await _take_out(tx, membership.school, membership.person)


async def know_leaver(tx: Tx, school: str, person: UUID, *, revision: int) -> None:
    """A leaver's proposals expire and pairs dissolve, unless the person has come back since."""
    if await knowledge.save_leaver(tx, school, person, revision=revision):
        await _take_out(tx, school, person)


async def forget_person(tx: Tx, schools: tuple[str, ...], person: UUID, *, revision: int) -> None:
    """Delete what is an erased person's own; pairings and runs with their edits keep the bare id."""
    for school in schools:
        await knowledge.save_erased(tx, school, person)
        await _take_out(tx, school, person)
    await knowledge.forget(tx, person)
    await edits.forget(tx, person)
    await looks.forget_person(tx, person)
    await tx.emit(AvailabilityErased(person_id=person, school_ids=schools, revision=revision, occurred_at=tx.now))


async def know_cycle(tx: Tx, school: str, cycle: UUID, *, dates: tuple[date, date], revision: int) -> None:
    """Keep which cycles there are, and until when."""
    await knowledge.save_school(tx, school)
    await knowledge.save_cycle_dates(tx, school, cycle, dates=dates, revision=revision)


async def know_stage(tx: Tx, school: str, cycle: UUID, *, stage: str, revision: int) -> None:
    """Keep at which stage a cycle is."""
    await knowledge.save_cycle_stage(tx, school, cycle, stage=stage, revision=revision)


async def know_diagnosed(tx: Tx, row: Mapping[str, object], *, school: str, person: UUID) -> None:
    """Keep who is ready."""
    if not await knowledge.is_erased(tx, school, person):
        await knowledge.save_diagnosed(tx, {**row, "school_id": school, "person_id": person})


async def know_release(tx: Tx, topic: Topic, *, competency_class: str, level10: int, revision: int) -> None:
    """Keep a level that its owner released to matching."""
    if not await _is_erased(tx, topic):
        await knowledge.save_release(tx, topic, competency_class=competency_class, level10=level10, revision=revision)


async def know_withdrawal(tx: Tx, topic: Topic, *, revision: int) -> None:
    """A release was taken back: its level is forgotten, and a strength that rested on it is none."""
    if not await _is_erased(tx, topic):
        await knowledge.save_withdrawal(tx, topic, revision=revision)


async def know_strength(tx: Tx, topic: Topic, *, revision: int) -> None:
    """Keep a strength confirmed by evidence; it counts while its release stands."""
    if not await _is_erased(tx, topic):
        await knowledge.save_strength(tx, topic, revision=revision)


async def know_need(tx: Tx, topic: Topic, *, priority1000: int | None, revision: int) -> None:
    """Keep a need; without a priority it was withdrawn."""
    if not await _is_erased(tx, topic):
        await knowledge.save_need(
            tx, topic, is_declared=priority1000 is not None, priority1000=priority1000 or 0, revision=revision
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """How somebody would share a competency."""

    formats: tuple[str, ...]
    minutes: int
    is_outside_school: bool


async def know_offer(tx: Tx, topic: Topic, offer: Offer | None, *, revision: int) -> None:
    """Keep an offer; without content it was withdrawn."""
    if await _is_erased(tx, topic):
        return
    kept = offer or Offer(formats=(), minutes=0, is_outside_school=False)
    row = {
        "is_declared": offer is not None,
        "formats": list(kept.formats),
        "minutes": kept.minutes,
        "is_outside_school": kept.is_outside_school,
    }
    await knowledge.save_offer(tx, topic, row, revision=revision)


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent of a person for one purpose, given or taken back."""

    school: str
    person: UUID
    purpose: str
    is_given: bool
    revision: int


async def know_consent(tx: Tx, consent: Consent) -> None:
    """Keep a consent; who takes back the one for the platform is proposed to nobody from then on.

    Who takes back the one for the district is proposed to nobody outside the own school.
    """
    if await knowledge.is_erased(tx, consent.school, consent.person):
        return
    is_news = await knowledge.save_consent(
        tx,
        consent.school,
        consent.person,
        consent.purpose,
        is_given=consent.is_given,
        revision=consent.revision,
    )
    if not is_news or consent.is_given:
        return
    if consent.purpose in (_PLATFORM_CONSENT, districts.DISTRICT_CONSENT):
        await districts.drop(tx, consent.school, consent.person)
    if consent.purpose == _PLATFORM_CONSENT:
        await pairings.stop_proposals(tx, consent.school, consent.person)
    elif consent.purpose == districts.DISTRICT_CONSENT:
        await pairings.stop_crossing(tx, consent.school, consent.person)


async def know_place(tx: Tx, row: Mapping[str, object]) -> None:
    """Keep what was said of a place: which school lies in which district, and when."""
    await districts.save_place(tx, row)


async def _take_out(tx: Tx, school: str, person: UUID) -> None:
    """What curators are asked about the person falls away, proposals expire, pairs dissolve."""
    await districts.drop(tx, school, person)
    await pairings.take_out(tx, school, person)


async def know_misfit(tx: Tx, school: str, cycle: UUID, *, pairing_id: UUID, two: tuple[UUID, UUID]) -> None:
    """A pair asked for another match: not these two again in this cycle, and the taker's need is open again."""
    giver, taker = two
    await knowledge.save_misfit(tx, school, cycle, giver, taker)
    await pairings.dissolve(tx, pairing_id)


async def _is_erased(tx: Tx, topic: Topic) -> bool:
    return await knowledge.is_erased(tx, topic.school_id, topic.person_id)
