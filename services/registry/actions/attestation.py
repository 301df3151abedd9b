"""Attestation: decisions by hand and by staff file, mistakes taken back, days on which nobody need show anything."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

from chassis.database import Database, Tx
from chassis.refusals import Conflict, Missing
from contracts.registry import AttestationRecorded
from services.registry.actions import members, places, staff
from services.registry.domain.attestation import (
    Colleague,
    Decision,
    Exemption,
    Kind,
    check_decision,
    check_exemption,
)
from services.registry.domain.people import Membership
from services.registry.domain.places import Place
from services.registry.store import attestation as store
from services.registry.store import people
from services.registry.store.attestation import Record

FILE, CURATOR = "FILE", "CURATOR"
NOBODY = UUID(int=0)


async def record_decision(db: Database, school: str, new: Record, *, by: UUID) -> bool:
    """Record a decision by hand; false when this very record is there. Raises Missing, Invalid, Conflict."""
    async with db.transaction(school) as tx:
        place = await _locked(tx, school, new.person_id)
        known = await store.record(tx, new.record_id)
        if known is not None:
            if (known.person_id, known.decision) != (new.person_id, new.decision):
                raise Conflict("attestation.id-taken", field="record_id")
            return False
        so_far = await store.records_of(tx, school, [new.person_id])
        standing = [one.decision for one in so_far if not one.is_withdrawn]
        check_decision(new.decision, standing, today=place.day_of(tx.now))
        await _record(tx, school, replace(new, revision=_next(so_far, new.decision.kind)), by=by)
    return True


async def _locked(tx: Tx, school: str, person_id: UUID) -> Place:
    place = await places.school(tx, school)
    await tx.lock(members.lock_of(school))
    if await people.membership(tx, school, person_id) is None:
        raise Missing("person.unknown", field="person_id")
    return place


def _next(so_far: Sequence[Record], kind: Kind) -> int:
    return max((one.revision for one in so_far if one.decision.kind is kind), default=0) + 1


async def _record(tx: Tx, school: str, new: Record, *, by: UUID | None) -> None:
    if not await store.save(tx, school, new, by=by):
        raise Conflict("attestation.id-taken", field="record_id")
    await _announce(tx, school, new)


async def _announce(tx: Tx, school: str, record: Record, *, is_withdrawn: bool = False) -> None:
    await tx.emit(
        AttestationRecorded(
            school_id=school,
            person_id=record.person_id,
            kind=record.decision.kind.value,
            decided_on=record.decision.decided_on,
            valid_until=record.decision.term.valid_until,
            record_id=record.record_id,
            is_withdrawn=is_withdrawn,
            revision=record.revision,
            occurred_at=tx.now,
        )
    )


async def withdraw_record(db: Database, school: str, person_id: UUID, record_id: UUID, *, by: UUID) -> bool:
    """Take a mistaken record back; false when it was taken back before. Raises Missing."""
    async with db.transaction(school) as tx:
        await _locked(tx, school, person_id)
        so_far = await store.records_of(tx, school, [person_id])
        found = next((one for one in so_far if one.record_id == record_id), None)
        if found is None:
            raise Missing("attestation.unknown", field="record_id")
        if found.is_withdrawn:
            return False
        await _withdraw(tx, school, replace(found, revision=_next(so_far, found.decision.kind)), by=by)
    return True


async def _withdraw(tx: Tx, school: str, record: Record, *, by: UUID | None) -> None:
    await store.withdraw(tx, record.record_id, by=by, revision=record.revision)
    await _announce(tx, school, record, is_withdrawn=True)


async def exempt(db: Database, school: str, person_id: UUID, span: Exemption, *, by: UUID) -> bool:
    """Keep up to which day somebody need not show fitness for the post; why is nobody's business here."""
    check_exemption(span.first, span.last)
    async with db.transaction(school) as tx:
        await _locked(tx, school, person_id)
        return await store.exempt(tx, school, person_id, span, by=by)


async def take_in(tx: Tx, changes: Sequence[members.Change]) -> None:
    """Record the decisions that a staff file brought; a record by hand of the same decision stands."""
    told = [(change.after, staff.decisions(change.before, change.after)) for change in changes]
    told = [(after, decisions) for after, decisions in told if decisions]
    if not told:
        return
    school = told[0][0].place_id
    so_far = _by_person(await store.records_of(tx, school, [after.person_id for after, _ in told]))
    for after, decisions in told:
        for decision in decisions if after.person_id in so_far else ():
            await _take_in(tx, school, after.person_id, decision, so_far[after.person_id])
    first = [(after, decisions) for after, decisions in told if after.person_id not in so_far]
    await _record_first(tx, school, first)


async def _record_first(tx: Tx, school: str, told: Sequence[tuple[Membership, Sequence[Decision]]]) -> None:
    """Record the decisions about people of whom none was known, all of them at once."""
    new = [
        Record(uuid4(), after.person_id, decision, FILE, revision=1)
        for after, decisions in told
        for decision in decisions
    ]
    await store.save_all(tx, school, new)
    for record in new:
        await _announce(tx, school, record)


def _by_person(records: Sequence[Record]) -> dict[UUID, list[Record]]:
    found: dict[UUID, list[Record]] = defaultdict(list)
    for one in records:
        found[one.person_id].append(one)
    return found


async def _take_in(tx: Tx, school: str, person_id: UUID, decision: Decision, known: Sequence[Record]) -> None:
    revision = _next(known, decision.kind)
    for one in known:
        is_same = (one.decision.kind, one.decision.decided_on) == (decision.kind, decision.decided_on)
        if one.is_withdrawn or not is_same:
            continue
        if one.source != FILE or replace(one.decision, position=decision.position) == decision:
            return
        await _withdraw(tx, school, replace(one, revision=revision), by=None)
        revision += 1
    await _record(tx, school, Record(uuid4(), person_id, decision, FILE, revision), by=None)


async def carry(tx: Tx, from_school: str, to_school: str, person_ids: Sequence[UUID]) -> None:
    """Let the decisions and exemptions of people who go over be known at the successor as well."""
    there = _by_person(await store.records_of(tx, to_school, person_ids))
    for record in await store.records_of(tx, from_school, person_ids):
        known = there[record.person_id]
        if not record.is_withdrawn and not _is_known(known, record.decision):
            new = replace(record, record_id=uuid4(), revision=_next(known, record.decision.kind))
            await _record(tx, to_school, new, by=None)
            known.append(new)
    await store.carry_exemptions(tx, from_school, to_school, person_ids)


def _is_known(known: Sequence[Record], decision: Decision) -> bool:
    same = (decision.kind, decision.decided_on)
    return any((one.decision.kind, one.decision.decided_on) == same and not one.is_withdrawn for one in known)


async def staff_on(tx: Tx, school: str, day: date) -> Mapping[UUID, Colleague]:
    """The people who counted in the school on a day, with all that attestation has to know of them."""
    rows = await store.staff_on(tx, school, day, after=NOBODY, limit=store.MOST_PEOPLE)
    return await store.colleagues(tx, school, rows)
