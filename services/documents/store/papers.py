"""Registered papers, the pairs that they are about, and their scans."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select, union
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.documents.store.tables import pairings, paper_pairings, papers, scans

_SAVE_PAPER = insert(papers).on_conflict_do_nothing()
_SAVE_COVER = insert(paper_pairings).on_conflict_do_nothing()
_OF_SCAN = select(scans.c.sha256).where(scans.c.paper_id == papers.c.paper_id).scalar_subquery().label("sha256")
_PAPER = select(papers, _OF_SCAN).where(papers.c.paper_id == bindparam("paper"))
_PAPERS = (
    select(papers, _OF_SCAN)
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
_OF_PAPER = pairings.join(paper_pairings, paper_pairings.c.pairing_id == pairings.c.pairing_id)
_PEOPLE = union(
    *(
        select(pairings.c[f"{side}_school"].label("school"), pairings.c[f"{side}_id"].label("person_id"))
        .select_from(_OF_PAPER)
        .where(paper_pairings.c.paper_id == bindparam("paper"))
        for side in ("giver", "taker")
    )
).limit(10000)
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


async def paper(tx: Tx, paper_id: UUID) -> Row | None:
    """A paper, and the `sha256` of its scan if there is one."""
    return await tx.row(_PAPER, {"paper": paper_id})


async def papers_after(tx: Tx, school: str, after: UUID, limit: int) -> Sequence[Row]:
    """The papers of a school with the `sha256` of their scans, a page and one more."""
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


async def people_of(tx: Tx, paper_id: UUID) -> list[tuple[str, UUID | None]]:
    """The people of the pairs that a paper is about, each with the own school."""
    return [(row["school"], row["person_id"]) for row in await tx.rows(_PEOPLE, {"paper": paper_id})]


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
