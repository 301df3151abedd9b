"""The restricted archive: what was signed by or about somebody who was erased, and must still be kept."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, or_, select, text, update

from chassis.database import Row, Tx
from services.documents.store.tables import archived_scans, members, pairings, paper_pairings, papers

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
