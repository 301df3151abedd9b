"""Tables and queries of documents: the only place here with SQL."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Database, Row, Tx, tenant_table
from chassis.outbox import announcing, house_tables
from contracts.documents import ConsentGiven, ConsentWithdrawn

metadata = MetaData()
house_tables(metadata)

members = tenant_table(
    "members",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("is_member", Boolean, nullable=False),
    Column("is_erased", Boolean, nullable=False, server_default=text("false")),
    Column("revision", Integer, nullable=False),
    is_key=True,
)

cycles = tenant_table("cycles", metadata, Column("cycle_id", Uuid, primary_key=True))

pairings = tenant_table(
    "pairings",
    metadata,
    Column("pairing_id", Uuid, primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("giver_id", Uuid),
    Column("taker_id", Uuid),
    Index("pairings_by_giver", "giver_id"),
    Index("pairings_by_taker", "taker_id"),
    schools=("giver_school", "taker_school"),
)

consents = tenant_table(
    "consents",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("purpose", String(40), primary_key=True),
    Column("is_given", Boolean, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("revision", Integer, nullable=False),
    is_key=True,
)

papers = tenant_table(
    "papers",
    metadata,
    Column("paper_id", Uuid, primary_key=True),
    Column("kind", String(5), nullable=False),
    Column("cycle_id", Uuid, nullable=False),
    Column("state", String(20), nullable=False),
    Column("number", String(40), nullable=False),
    Column("basis", Text, nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("in_force_from", Date, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("registered_by", Uuid, nullable=False),
    Column("archived_at", DateTime(timezone=True)),
    Column("retain_until", Date),
    Index("papers_by_school", "school_id", "paper_id"),
    Index("papers_archived", "school_id", "paper_id", postgresql_where=text("archived_at is not null")),
)

paper_pairings = tenant_table(
    "paper_pairings",
    metadata,
    Column("paper_id", Uuid, ForeignKey("papers.paper_id"), primary_key=True),
    Column("pairing_id", Uuid, primary_key=True),
)

scans = tenant_table(
    "scans",
    metadata,
    Column("paper_id", Uuid, ForeignKey("papers.paper_id"), primary_key=True),
    Column("media_type", String(80), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

# The restricted archive: what was signed by or about somebody who was erased, and must still be kept. Only the
# personal-data officer opens it; the line of the paper (kind, number, days) stays in the school's list.
archived_scans = tenant_table(
    "archived_scans",
    metadata,
    Column("paper_id", Uuid, ForeignKey("papers.paper_id"), primary_key=True),
    Column("archived_at", DateTime(timezone=True), nullable=False),
    Column("media_type", String(80), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

_new_member = insert(members)
_SAVE_MEMBER = _new_member.on_conflict_do_update(
    index_elements=[members.c.school_id, members.c.person_id],
    set_={"is_member": _new_member.excluded.is_member, "revision": _new_member.excluded.revision},
    where=(members.c.revision < _new_member.excluded.revision) & ~members.c.is_erased,
)
_SAVE_ERASED = _new_member.on_conflict_do_update(
    index_elements=[members.c.school_id, members.c.person_id],
    set_={"is_member": False, "is_erased": True},
)
_ERASED = select(members.c.person_id).where(
    members.c.school_id == bindparam("school"), members.c.person_id == bindparam("person"), members.c.is_erased
)
_SAVE_CYCLE = insert(cycles).on_conflict_do_nothing()
_new_pairing = insert(pairings)
_SAVE_PAIRING = _new_pairing.on_conflict_do_update(
    index_elements=[pairings.c.pairing_id],
    set_={"giver_id": _new_pairing.excluded.giver_id, "taker_id": _new_pairing.excluded.taker_id},
    where=pairings.c.giver_id.is_(None),
)
_SAVE_PAPER = insert(papers).on_conflict_do_nothing()
_SAVE_COVER = insert(paper_pairings).on_conflict_do_nothing()

_CONSENTS = (
    select(consents)
    .where(consents.c.school_id == bindparam("school"), consents.c.person_id == bindparam("person"))
    .order_by(consents.c.purpose)
    .limit(50)
)
# The hot path of a consent: one statement to look, one to change and announce (docs/adr/0018).
# `case` names the school before a row is looked for.
_CONSENT = """
    select case when set_config('app.schools', $1, true) is not null then jsonb_build_object(
        'is_erased', exists (select from members where school_id = $1 and person_id = $2 and is_erased),
        'known', (
            select jsonb_build_object('is_given', is_given, 'changed_at', changed_at, 'revision', revision)
            from consents where school_id = $1 and person_id = $2 and purpose = $3
        )
    ) end as found
"""
_CHANGE_CONSENT = announcing("""
    saved as (
        insert into consents (school_id, person_id, purpose, is_given, changed_at, revision)
        select $11::text, $12::uuid, $13::text, $14::boolean, $15::timestamptz, $16::int from setting
        where case when setting.set_config is not null then not exists (
            select from members where school_id = $11::text and person_id = $12::uuid and is_erased
        ) end
        on conflict (school_id, person_id, purpose) do update
            set is_given = excluded.is_given, changed_at = excluded.changed_at, revision = excluded.revision
            where consents.revision = excluded.revision - 1
        returning true
    )
""")
_PAPER = select(papers).where(papers.c.paper_id == bindparam("paper"))
_PAPERS = (
    select(
        papers,
        select(func.count()).where(scans.c.paper_id == papers.c.paper_id).scalar_subquery().label("scans"),
    )
    .where(papers.c.school_id == bindparam("school"), papers.c.paper_id > bindparam("after"))
    .order_by(papers.c.paper_id)
    .limit(bindparam("limit"))
)
_COVERED = (
    select(paper_pairings.c.pairing_id)
    .where(paper_pairings.c.paper_id == bindparam("paper"))
    .order_by(paper_pairings.c.pairing_id)
    .limit(5000)
)
_KNOWN_PAIRINGS = select(pairings.c.pairing_id).where(pairings.c.pairing_id.in_(bindparam("ids", expanding=True)))
_KNOWN_CYCLE = select(cycles.c.cycle_id).where(cycles.c.cycle_id == bindparam("cycle"))
_new_scan = insert(scans)
_SAVE_SCAN = _new_scan.on_conflict_do_update(
    index_elements=[scans.c.paper_id],
    set_={
        "media_type": _new_scan.excluded.media_type,
        "sha256": _new_scan.excluded.sha256,
        "content": _new_scan.excluded.content,
    },
)
_SCAN = select(scans).where(scans.c.paper_id == bindparam("paper"))
_is_of_person = or_(pairings.c.giver_id == bindparam("person"), pairings.c.taker_id == bindparam("person"))
# A pair of two schools has papers in both, and a fact about a person names the person's own schools only.
_SEE_PARTNERS = text("""
    select set_config('app.schools', current_setting('app.schools') || coalesce(
        (select ',' || string_agg(distinct school, ',') from (
            select giver_school as school, giver_id, taker_id from pairings
            union all select taker_school, giver_id, taker_id from pairings
        ) as both_sides where giver_id = :person or taker_id = :person), ''), true)
""").bindparams(bindparam("person", type_=Uuid))
_OPEN_PAPERS_OF = (
    select(papers.c.paper_id, papers.c.kind, papers.c.signed_on)
    .where(
        papers.c.archived_at.is_(None),
        papers.c.paper_id.in_(
            select(paper_pairings.c.paper_id)
            .join(pairings, pairings.c.pairing_id == paper_pairings.c.pairing_id)
            .where(_is_of_person)
        ),
    )
    .order_by(papers.c.paper_id)
    .limit(5000)
)
_ARCHIVE_PAPER = (
    update(papers)
    .where(papers.c.paper_id == bindparam("paper"))
    .values(archived_at=bindparam("now"), retain_until=bindparam("until"))
)
_ARCHIVE_SCAN = text("""
    with gone as (delete from scans where paper_id = :paper returning school_id, paper_id, media_type, sha256, content)
    insert into archived_scans (school_id, paper_id, archived_at, media_type, sha256, content)
    select school_id, paper_id, :now, media_type, sha256, content from gone
""").bindparams(bindparam("paper", type_=Uuid), bindparam("now", type_=DateTime(timezone=True)))
_ARCHIVED = (
    select(papers, archived_scans.c.sha256)
    .outerjoin(archived_scans, archived_scans.c.paper_id == papers.c.paper_id)
    .where(
        papers.c.school_id == bindparam("school"),
        papers.c.archived_at.is_not(None),
        papers.c.paper_id > bindparam("after"),
    )
    .order_by(papers.c.paper_id)
    .limit(bindparam("limit"))
)
_ARCHIVED_SCAN = select(archived_scans).where(
    archived_scans.c.paper_id == bindparam("paper"), archived_scans.c.school_id == bindparam("school")
)
_CONCERNS_ERASED = (
    select(paper_pairings.c.paper_id)
    .join(pairings, pairings.c.pairing_id == paper_pairings.c.pairing_id)
    .join(members, or_(members.c.person_id == pairings.c.giver_id, members.c.person_id == pairings.c.taker_id))
    .where(paper_pairings.c.paper_id == bindparam("paper"), members.c.is_erased)
    .limit(1)
)
_FORGET_CONSENTS = delete(consents).where(consents.c.person_id == bindparam("person"))


async def save_member(tx: Tx, school: str, person: UUID, *, is_member: bool, revision: int) -> None:
    """Keep what registry said last of a membership; older news changes nothing."""
    await tx.run(_SAVE_MEMBER, {"school_id": school, "person_id": person, "is_member": is_member, "revision": revision})


async def save_cycle(tx: Tx, school: str, cycle: UUID) -> None:
    """Know a cycle."""
    await tx.run(_SAVE_CYCLE, {"school_id": school, "cycle_id": cycle})


async def save_erased(tx: Tx, school: str, person: UUID) -> None:
    """Keep for good that a person is erased, whatever news comes late."""
    row = {"school_id": school, "person_id": person, "is_member": False, "is_erased": True, "revision": 0}
    await tx.run(_SAVE_ERASED, row)


async def is_erased(tx: Tx, school: str, person: UUID) -> bool:
    """Was this person forgotten?"""
    return await tx.row(_ERASED, {"school": school, "person": person}) is not None


async def save_pairing(tx: Tx, row: dict[str, str | UUID]) -> None:
    """Know a formed pair and its two people."""
    await tx.run(_SAVE_PAIRING, row)


async def consent(db: Database, school: str, person: UUID, purpose: str) -> tuple[Row | None, bool]:
    """The consent of a person for a purpose, given or withdrawn; and whether this person was erased."""
    ((found,),) = (row.values() for row in await db.look(_CONSENT, school, person, purpose))
    return found["known"], found["is_erased"]


async def consents_of(tx: Tx, school: str, person: UUID) -> Sequence[Row]:
    """All consents that a person gave or withdrew in a school."""
    return await tx.rows(_CONSENTS, {"school": school, "person": person})


async def change_consent(db: Database, fact: ConsentGiven | ConsentWithdrawn) -> bool:
    """Write a consent down and announce it; false when another change was faster."""
    is_given = isinstance(fact, ConsentGiven)
    change = (fact.school_id, fact.person_id, fact.purpose, is_given, fact.occurred_at, fact.revision)
    return await db.announce(_CHANGE_CONSENT, fact, *change)


async def forget_consents(tx: Tx, person: UUID) -> None:
    """Delete the consents of an erased person in the schools of this transaction."""
    await tx.run(_FORGET_CONSENTS, {"person": person})


async def open_papers_of(tx: Tx, person: UUID) -> Sequence[Row]:
    """The papers about a person's pairs, in the partners' schools too, that do not lie in the archive yet."""
    await tx.rows(_SEE_PARTNERS, {"person": person})
    return await tx.rows(_OPEN_PAPERS_OF, {"person": person})


async def archive_paper(tx: Tx, paper_id: UUID, *, retain_until: date | None) -> None:
    """Move a paper's scan into the restricted archive; without a date it is kept for ever."""
    await tx.run(_ARCHIVE_PAPER, {"paper": paper_id, "now": tx.now, "until": retain_until})
    await tx.run(_ARCHIVE_SCAN, {"paper": paper_id, "now": tx.now})


async def concerns_erased(tx: Tx, paper_id: UUID) -> bool:
    """Is the paper about a pair of somebody who was erased?"""
    return await tx.row(_CONCERNS_ERASED, {"paper": paper_id}) is not None


async def archived_after(tx: Tx, school: str, after: UUID, limit: int) -> Sequence[Row]:
    """The restricted archive of a school, a page and one more."""
    return await tx.rows(_ARCHIVED, {"school": school, "after": after, "limit": limit + 1})


async def archived_scan(tx: Tx, school: str, paper_id: UUID) -> Row | None:
    """A scan of the restricted archive."""
    return await tx.row(_ARCHIVED_SCAN, {"school": school, "paper": paper_id})


async def paper(tx: Tx, paper_id: UUID) -> Row | None:
    """A paper."""
    return await tx.row(_PAPER, {"paper": paper_id})


async def papers_after(tx: Tx, school: str, after: UUID, limit: int) -> Sequence[Row]:
    """The papers of a school, a page and one more."""
    return await tx.rows(_PAPERS, {"school": school, "after": after, "limit": limit + 1})


async def save_paper(tx: Tx, row: Row) -> bool:
    """Register a paper; false when it had been registered before."""
    return await tx.run(_SAVE_PAPER, row) == 1


async def cover(tx: Tx, school: str, paper_id: UUID, pairing_ids: Sequence[UUID]) -> None:
    """Say which pairs a paper is about."""
    if pairing_ids:
        rows = [{"school_id": school, "paper_id": paper_id, "pairing_id": one} for one in pairing_ids]
        await tx.run(_SAVE_COVER, rows)


async def covered_by(tx: Tx, paper_id: UUID) -> list[UUID]:
    """The pairs that a paper is about."""
    return [row["pairing_id"] for row in await tx.rows(_COVERED, {"paper": paper_id})]


async def known_pairings(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the pairs that are known here."""
    return {row["pairing_id"] for row in await tx.rows(_KNOWN_PAIRINGS, {"ids": list(ids)})}


async def knows_cycle(tx: Tx, cycle: UUID) -> bool:
    """Is the cycle known here?"""
    return await tx.row(_KNOWN_CYCLE, {"cycle": cycle}) is not None


async def save_scan(tx: Tx, school: str, paper_id: UUID, *, media_type: str, sha256: str, content: bytes) -> None:
    """Keep the scan of a signed paper; a better scan replaces it."""
    row = {
        "school_id": school,
        "paper_id": paper_id,
        "media_type": media_type,
        "sha256": sha256,
        "content": content,
    }
    await tx.run(_SAVE_SCAN, row)


async def scan(tx: Tx, paper_id: UUID) -> Row | None:
    """The scan of a paper."""
    return await tx.row(_SCAN, {"paper": paper_id})
