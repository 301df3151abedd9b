"""Records of attestation, exemptions, and what of a person decides about them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.registry.domain.attestation import Colleague, Decision, Exemption, Kind, Term
from services.registry.store.batches import batch
from services.registry.store.tables import attestation_records as records

# Twenty decisions in a working life are many; a school has up to ten thousand people.
MOST_RECORDS = 200_000
MOST_PEOPLE = 50_000

_SAVE = insert(records).on_conflict_do_nothing()
_SAVE_ALL = batch(
    records,
    [column.name for column in records.c if not column.name.startswith("withdrawn")],
    "on conflict do nothing",
)
_RECORD = select(records).where(records.c.record_id == bindparam("record"))
_OF_PEOPLE = text("""
    select record_id, person_id, kind, position, decided_on, valid_until, order_no, source, is_term_guessed, revision,
           withdrawn_at
    from attestation_records where school_id = :school and person_id = any(:people)
    order by person_id, decided_on, record_id limit :limit
""")
_WITHDRAW = (
    update(records)
    .where(records.c.record_id == bindparam("record"), records.c.withdrawn_at.is_(None))
    .values(withdrawn_at=bindparam("now"), withdrawn_by=bindparam("by"), revision=bindparam("number"))
)
_EXEMPT = text("""
    insert into attestation_exemptions (school_id, person_id, valid_from, valid_to, recorded_by, recorded_at)
    values (:school, :person, :first, :last, :by, :now)
    on conflict (school_id, person_id, valid_from) do update
    set valid_to = excluded.valid_to, recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at
    where attestation_exemptions.valid_to <> excluded.valid_to
""")
_EXEMPTIONS = text("""
    select person_id, valid_from, valid_to from attestation_exemptions
    where school_id = :school and person_id = any(:people) order by person_id, valid_from limit :limit
""")
_CARRY_EXEMPTIONS = text("""
    insert into attestation_exemptions (school_id, person_id, valid_from, valid_to, recorded_by, recorded_at)
    select cast(:to as text), person_id, valid_from, valid_to, recorded_by, recorded_at from attestation_exemptions
    where school_id = :from and person_id = any(:people)
    on conflict do nothing
""")
# The pedagogical staff of a day by the rule of form ОО-1; who counts at a successor now counted here before.
_STAFF = text("""
    select person_id, joined_on, staff ->> 'hired_on' as hired_on, absent_from, absent_to from memberships
    where school_id = :school and person_id > :after and joined_on <= :day and (left_on is null or left_on > :day)
      and (counts_in_staff or counted_to >= :day)
    order by person_id limit :limit
""").bindparams(bindparam("day", type_=Date), bindparam("after", type_=Uuid))
_ONE = text("""
    select person_id, joined_on, staff ->> 'hired_on' as hired_on, absent_from, absent_to from memberships
    where school_id = :school and person_id = :person
""").bindparams(bindparam("person", type_=Uuid))


@dataclass(frozen=True, slots=True)
class Record:
    """A decision as it is kept: by whom, since when, and whether it was a mistake."""

    record_id: UUID
    person_id: UUID
    decision: Decision
    source: str
    revision: int
    is_withdrawn: bool = False


async def staff_on(tx: Tx, school: str, day: date, *, after: UUID, limit: int) -> Sequence[Row]:
    """The people who counted on a day: `person_id, joined_on, hired_on, absent_from, absent_to`."""
    return await tx.rows(_STAFF, {"school": school, "day": day, "after": after, "limit": limit})


async def one(tx: Tx, school: str, person_id: UUID) -> Row | None:
    """One person of the school, counted or not."""
    return await tx.row(_ONE, {"school": school, "person": person_id})


async def colleagues(tx: Tx, school: str, people: Sequence[Row]) -> dict[UUID, Colleague]:
    """What attestation has to know of these people."""
    ids = [row["person_id"] for row in people]
    decisions, spans = await decisions_of(tx, school, ids), await _exemptions_of(tx, school, ids)
    return {row["person_id"]: _colleague(row, decisions, spans) for row in people}


def _colleague(row: Row, decisions: dict[UUID, list[Decision]], spans: dict[UUID, list[Exemption]]) -> Colleague:
    hired_on = date.fromisoformat(row["hired_on"]) if row["hired_on"] else None
    return Colleague(
        in_post_since=hired_on or row["joined_on"],
        decisions=tuple(decisions.get(row["person_id"], ())),
        exemptions=tuple(spans.get(row["person_id"], ())),
        absent_from=row["absent_from"],
        absent_to=row["absent_to"],
    )


async def decisions_of(tx: Tx, school: str, person_ids: Sequence[UUID]) -> dict[UUID, list[Decision]]:
    """The decisions about these people that stand."""
    found: dict[UUID, list[Decision]] = defaultdict(list)
    for record in await records_of(tx, school, person_ids):
        if not record.is_withdrawn:
            found[record.person_id].append(record.decision)
    return found


async def _exemptions_of(tx: Tx, school: str, person_ids: Sequence[UUID]) -> dict[UUID, list[Exemption]]:
    found: dict[UUID, list[Exemption]] = defaultdict(list)
    if person_ids:
        wanted = {"school": school, "people": list(person_ids), "limit": MOST_PEOPLE}
        for row in await tx.rows(_EXEMPTIONS, wanted):
            found[row["person_id"]].append(Exemption(row["valid_from"], row["valid_to"]))
    return found


async def records_of(tx: Tx, school: str, person_ids: Sequence[UUID]) -> list[Record]:
    """All records about these people, mistaken ones too."""
    if not person_ids:
        return []
    wanted = {"school": school, "people": list(person_ids), "limit": MOST_RECORDS}
    return [record_in(row) for row in await tx.rows(_OF_PEOPLE, wanted)]


async def record(tx: Tx, record_id: UUID) -> Record | None:
    """A record of one of the schools of this transaction."""
    row = await tx.row(_RECORD, {"record": record_id})
    return record_in(row) if row else None


async def save(tx: Tx, school: str, new: Record, *, by: UUID | None) -> bool:
    """Write a record down; false when its id is taken, be it in another school."""
    return await tx.run(_SAVE, _row(school, new, by, tx)) == 1


async def save_all(tx: Tx, school: str, new: Sequence[Record]) -> None:
    """Write records down that have ids of their own and were told by nobody yet."""
    await _SAVE_ALL.write(tx, [_row(school, one, None, tx) for one in new])


async def withdraw(tx: Tx, record_id: UUID, *, by: UUID | None, revision: int) -> None:
    """A record was a mistake; it stays to be seen and counts for nothing."""
    await tx.run(_WITHDRAW, {"record": record_id, "now": tx.now, "by": by, "number": revision})


async def exempt(tx: Tx, school: str, person_id: UUID, span: Exemption, *, by: UUID) -> bool:
    """Keep up to which day somebody need not show fitness; false when it is kept so."""
    row = {"school": school, "person": person_id, "first": span.first, "last": span.last, "by": by, "now": tx.now}
    return await tx.run(_EXEMPT, row) == 1


async def carry_exemptions(tx: Tx, from_school: str, to_school: str, person_ids: Sequence[UUID]) -> None:
    """Keep the exemptions of these people at another school too."""
    await tx.run(_CARRY_EXEMPTIONS, {"to": to_school, "from": from_school, "people": list(person_ids)})


def record_in(row: Row) -> Record:
    """The record that a row describes."""
    term = Term(row["valid_until"], is_guessed=row["is_term_guessed"])
    return Record(
        record_id=row["record_id"],
        person_id=row["person_id"],
        decision=Decision(Kind(row["kind"]), row["decided_on"], term, row["position"], row["order_no"]),
        source=row["source"],
        revision=row["revision"],
        is_withdrawn=row["withdrawn_at"] is not None,
    )


def _row(school: str, one: Record, by: UUID | None, tx: Tx) -> dict[str, object]:
    return {
        "school_id": school,
        "record_id": one.record_id,
        "person_id": one.person_id,
        "kind": one.decision.kind.value,
        "position": one.decision.position,
        "decided_on": one.decision.decided_on,
        "valid_until": one.decision.term.valid_until,
        "order_no": one.decision.order_no,
        "source": one.source,
        "is_term_guessed": one.decision.term.is_guessed,
        "revision": one.revision,
        "recorded_at": tx.now,
        "recorded_by": by,
    }
