"""What documents does: one verb, one transaction."""

from hashlib import sha256
from uuid import UUID

from chassis import looks
from chassis.database import Database, Row, Tx
from chassis.etags import check_seen, tag_of
from chassis.refusals import Conflict, Forbidden, Missing
from contracts.documents import (
    ConsentGiven,
    ConsentPurpose,
    ConsentsErased,
    ConsentWithdrawn,
    DocumentInForce,
    DocumentSigned,
)
from contracts.documents import PaperKind as Kind
from services.documents import domain
from services.documents.store import archive, consents, knowledge, papers


async def set_consent(db: Database, school: str, person: UUID, purpose: ConsentPurpose, *, is_given: bool) -> Row:
    """A person consents to one purpose or takes the consent back; a repeat changes nothing.

    Nobody asks why a consent is taken back (152-ФЗ ст. 9 ч. 2). Gives the consent as it then is.
    """
    fact = ConsentGiven if is_given else ConsentWithdrawn
    # Nearly every consent is a person's first word on its purpose: that is tried before anybody looks.
    known: Row | None = None
    is_known = is_given
    while True:
        if not is_known:
            known, is_erased = await consents.consent(db, school, person, purpose)
            if is_erased:
                raise Forbidden("identity.erased")
            if (known is not None and known["is_given"]) == is_given:
                return known or {"is_given": False, "changed_at": db.clock.now()}
        now, revision = db.clock.now(), (known["revision"] if known else 0) + 1
        change = fact(school_id=school, person_id=person, purpose=purpose, revision=revision, occurred_at=now)
        # Of two at once one wins; the other looks again at what there is now.
        if await consents.change_consent(db, change):
            return {"is_given": is_given, "changed_at": now}
        is_known = False


async def register_paper(db: Database, school: str, paper: domain.Paper, *, by: UUID) -> bool:
    """A curator registers a paper that was signed on paper; it is in force from its date. False when known."""
    async with db.transaction(school) as tx:
        known = await papers.paper(tx, paper.paper_id)
        if known is not None:
            if known["school_id"] != school or known["kind"] != paper.kind or known["number"] != paper.number:
                raise Conflict("paper.id-taken", field="paper_id")
            return False
        if not await knowledge.knows_cycle(tx, paper.cycle_id):
            raise Missing("paper.unknown-cycle", field="cycle_id")
        found = await knowledge.known_pairings(tx, paper.pairing_ids)
        domain.check_paper(paper, today=tx.now.date(), known=found)
        await papers.save_paper(
            tx,
            {
                "school_id": school,
                "paper_id": paper.paper_id,
                "kind": paper.kind,
                "cycle_id": paper.cycle_id,
                "state": "IN_FORCE",
                "number": paper.number,
                "basis": paper.basis,
                "signed_on": paper.signed_on,
                "in_force_from": paper.in_force_from,
                "registered_at": tx.now,
                "registered_by": by,
                "archived_at": None,
                "retain_until": None,
            },
        )
        await papers.cover(tx, school, paper.paper_id, paper.pairing_ids)
        await _announce(tx, school, paper)
    return True


async def _announce(tx: Tx, school: str, paper: domain.Paper) -> None:
    kind = Kind(paper.kind)
    await tx.emit(
        DocumentSigned(
            school_id=school,
            document_id=paper.paper_id,
            kind=kind,
            signed_on=paper.signed_on,
            occurred_at=tx.now,
        )
    )
    for pairing_id in paper.pairing_ids or (None,):
        await tx.emit(
            DocumentInForce(
                school_id=school,
                document_id=paper.paper_id,
                kind=kind,
                basis=paper.basis,
                cycle_id=paper.cycle_id,
                pairing_id=pairing_id,
                in_force_from=paper.in_force_from,
                occurred_at=tx.now,
            )
        )


def tag_of_scan(digest: str | None) -> str:
    """The tag of a paper's scan: that of its very bytes; a paper without a scan has a tag too."""
    return tag_of(0, digest) if digest else tag_of(0)


def _lock_of(paper_id: UUID) -> str:
    return f"scan/{paper_id}"


async def keep_scan(db: Database, school: str, paper_id: UUID, content: bytes, *, seen: str | None = None) -> str:
    """Keep the scan of a registered paper, or a better one in place of the one seen; returns its SHA-256.

    Of two who each saw the paper without a scan one attaches it, the other is told.
    """
    media_type = domain.media_type_of(content)
    digest = sha256(content).hexdigest()
    async with db.transaction(school) as tx:
        await tx.lock(_lock_of(paper_id))
        known = await papers.paper(tx, paper_id)
        if known is None:
            raise Missing("paper.unknown", field="paper_id")
        check_seen(seen, tag_of_scan(known["sha256"]), is_there=known["sha256"] is not None)
        if known["archived_at"] is not None or await archive.concerns_erased(tx, paper_id):
            raise Conflict("scan.restricted", field="paper_id", legal=[])
        await papers.save_scan(tx, school, paper_id, media_type=media_type, sha256=digest, content=content)
    return digest


async def know_member(tx: Tx, school: str, person: UUID, *, is_member: bool, revision: int) -> None:
    """Keep who belongs to the school."""
    await knowledge.save_member(tx, school, person, is_member=is_member, revision=revision)


async def know_cycle(tx: Tx, school: str, cycle: UUID) -> None:
    """Keep which cycles there are."""
    await knowledge.save_cycle(tx, school, cycle)


async def know_pairing(tx: Tx, row: dict[str, str | UUID]) -> None:
    """Keep which pairs there are, and of whom: papers are about them."""
    await knowledge.save_pairing(tx, row)


async def forget_person(tx: Tx, person: UUID, schools: tuple[str, ...], *, revision: int) -> None:
    """Delete an erased person's consents, and move the scans of papers about the person to the restricted archive."""
    for school in schools:
        await knowledge.save_erased(tx, school, person)
    await consents.forget_consents(tx, person)
    await looks.forget_person(tx, person)
    for paper in await archive.open_papers_of(tx, person):
        # A scan that is being attached at this moment goes the same way.
        await tx.lock(_lock_of(paper["paper_id"]))
        until = domain.retain_until(paper["kind"], paper["signed_on"])
        await archive.archive_paper(tx, paper["paper_id"], retain_until=until)
    await tx.emit(ConsentsErased(person_id=person, school_ids=schools, revision=revision, occurred_at=tx.now))
