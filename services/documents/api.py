"""HTTP doors of documents: parse, act, answer."""

from datetime import date, datetime
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import File, Request, Response, UploadFile
from pydantic import BaseModel, Field

from chassis.database import Database, Row
from chassis.days import PlainDay
from chassis.description import TAG
from chassis.doors import doors, together
from chassis.etags import ETAG, Changing
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.look_doors import AUDITOR, Looks, check_auditor, look_doors
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from chassis.refusals import Missing
from contracts.documents import ConsentPurpose, PaperKind
from contracts.tracking import Basis
from services.documents import actions, domain, store
from services.documents.domain import What

_own = doors()
_FILE = {"schema": {"type": "string", "format": "binary"}}
_A_SCAN: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The scan as it was attached",
        "content": dict.fromkeys(domain.MEDIA_TYPES, _FILE),
        "headers": TAG,
    }
}
_SCAN_IS_SENT = {
    "requestBody": {
        "content": {"multipart/form-data": {"encoding": {"scan": {"contentType": ", ".join(domain.MEDIA_TYPES)}}}}
    }
}


class Consent(BaseModel):
    """A consent for one purpose, and since when it is as it is."""

    purpose: ConsentPurpose
    is_given: bool
    changed_at: datetime


class NewPaper(BaseModel):
    """A paper that was signed on paper."""

    kind: PaperKind
    cycle_id: UUID
    number: str = Field(min_length=1, max_length=40, examples=["118-о"])
    basis: Basis = Basis.LOCAL_ACT
    signed_on: PlainDay
    in_force_from: PlainDay | None = None
    pairing_ids: list[UUID] = Field(default=[], max_length=2000)


class Paper(BaseModel):
    """A registered paper."""

    paper_id: UUID
    kind: PaperKind
    cycle_id: UUID
    state: str = Field(examples=["IN_FORCE"])
    number: str
    basis: Basis
    signed_on: date
    in_force_from: date
    has_scan: bool
    is_restricted: bool = Field(description="the scan lies in the restricted archive: somebody in it was erased")
    etag: str = Field(description="of its scan, also while there is none: for `If-Match`", examples=['"0-5f2a9c01"'])


class KeptScan(BaseModel):
    """What was kept: its very bytes have this digest."""

    sha256: str = Field(
        pattern="^[0-9a-f]{64}$", examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )


class ArchivedPaper(BaseModel):
    """A paper of the restricted archive; without `retain_until` it is kept for ever."""

    paper_id: UUID
    school_id: str
    kind: PaperKind
    number: str
    signed_on: date
    archived_at: datetime
    retain_until: date | None
    sha256: str | None = Field(description="of the scan, if there is one")


def _db(request: Request) -> Database:
    return cast(Database, request.app.state.db)


@_own.get("/schools/{school}/my/consents", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def list_my_consents(request: Request, school: str, me: Me) -> list[Consent]:
    """My consents in this school, one per purpose that I ever answered."""
    async with _db(request).transaction(school) as tx:
        rows = await store.consents.consents_of(tx, school, me.me)
    return [Consent.model_validate(dict(row)) for row in rows]


@_own.put("/schools/{school}/my/consents/{purpose}", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def give_consent(request: Request, school: str, purpose: ConsentPurpose, me: Me) -> Consent:
    """Give my consent to one purpose. A repeat changes nothing."""
    return await _set_consent(request, school, me.me, purpose, is_given=True)


@_own.delete("/schools/{school}/my/consents/{purpose}", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def withdraw_consent(request: Request, school: str, purpose: ConsentPurpose, me: Me) -> Consent:
    """Withdraw my consent to one purpose. Uses under it stop; a repeat changes nothing."""
    return await _set_consent(request, school, me.me, purpose, is_given=False)


async def _set_consent(
    request: Request, school: str, person: UUID, purpose: ConsentPurpose, *, is_given: bool
) -> Consent:
    known = await actions.set_consent(_db(request), school, person, purpose, is_given=is_given)
    return Consent(purpose=purpose, is_given=known["is_given"], changed_at=known["changed_at"])


@_own.put("/schools/{school}/papers/{paper_id}", dependencies=[require("curator", "head")], status_code=201)
async def register_paper(
    request: Request, response: Response, looks: Looks, school: str, paper_id: UUID, paper: NewPaper, me: Me
) -> Paper:
    """Register a paper that was signed on paper. The id is yours to make; a repeat changes nothing (200)."""
    wanted = domain.Paper(
        paper_id=paper_id,
        kind=paper.kind,
        cycle_id=paper.cycle_id,
        number=paper.number,
        basis=paper.basis,
        signed_on=paper.signed_on,
        in_force_from=paper.in_force_from or paper.signed_on,
        pairing_ids=tuple(dict.fromkeys(paper.pairing_ids)),
    )
    if not await actions.register_paper(_db(request), school, wanted, by=me.me):
        response.status_code = 200
    async with _db(request).transaction(school) as tx:
        row = await store.papers.paper(tx, paper_id)
        people = await store.papers.people_of(tx, paper_id)
    if row is None:
        raise Missing("paper.unknown", field="paper_id")
    await looks.changed_across(What.PAPERS, people)
    return _shown(row)


@_own.get("/schools/{school}/papers", dependencies=[require("curator", "head")])
async def list_papers(request: Request, school: str, after: After = "", limit: Limit = DEFAULT) -> Page[Paper]:
    """The papers of the school, in the order of their ids."""
    async with _db(request).transaction(school) as tx:
        rows = await store.papers.papers_after(tx, school, after_id(after), limit)
    return page_of(rows, limit, key=lambda row: row["paper_id"], item=_shown)


@_own.put(
    "/schools/{school}/papers/{paper_id}/scan", dependencies=[require("curator", "head")], openapi_extra=_SCAN_IS_SENT
)
async def keep_scan(
    request: Request, looks: Looks, school: str, paper_id: UUID, scan: Annotated[UploadFile, File()], change: Changing
) -> KeptScan:
    """Attach the scan of a signed paper (PDF, PNG or JPEG, at most 10 MiB); answers with its SHA-256.

    A better scan replaces it; `If-Match` says which one it is better than, or that there was none: the paper's
    `etag`, or the `ETag` of the scan. Without it a scan that somebody else has just attached is replaced unseen.
    """
    content = await scan.read(domain.LARGEST_SCAN + 1)
    sha256 = await actions.keep_scan(_db(request), school, paper_id, content, seen=change.seen)
    change.tell(actions.tag_of_scan(sha256))
    async with _db(request).transaction(school) as tx:
        people = await store.papers.people_of(tx, paper_id)
    await looks.changed_across(What.SCANS, people)
    return KeptScan(sha256=sha256)


@_own.get(
    "/schools/{school}/papers/{paper_id}/scan",
    dependencies=[require("curator", "head")],
    response_class=Response,
    responses=_A_SCAN,
)
async def get_scan(request: Request, looks: Looks, school: str, paper_id: UUID) -> Response:
    """The scan of a paper; `ETag` is that of its bytes."""
    async with _db(request).transaction(school) as tx:
        row = await store.papers.scan(tx, paper_id)
        people = await store.papers.people_of(tx, paper_id)
    if row is None:
        raise Missing("scan.none", field="paper_id")
    await looks.exported_across(What.SCANS, people)
    return _file(paper_id, row)


def _shown(row: Row) -> Paper:
    scan = row["sha256"]
    told = {"has_scan": scan is not None, "is_restricted": row["archived_at"] is not None}
    return Paper.model_validate({**row, **told, "etag": actions.tag_of_scan(scan)})


@_own.get("/archive", dependencies=[require(AUDITOR, anywhere=True)])
async def list_archive(
    request: Request, me: Me, school: str, after: After = "", limit: Limit = DEFAULT
) -> Page[ArchivedPaper]:
    """The restricted archive of a school: signed papers by or about people who were erased."""
    check_auditor(me, school)
    async with _db(request).transaction(school) as tx:
        rows = await store.archive.archived_after(tx, school, after_id(after), limit)
    return page_of(rows, limit, key=lambda row: row["paper_id"], item=ArchivedPaper.model_validate)


@_own.get(
    "/archive/{paper_id}/scan",
    dependencies=[require(AUDITOR, anywhere=True)],
    response_class=Response,
    responses=_A_SCAN,
)
async def get_archived_scan(request: Request, looks: Looks, me: Me, paper_id: UUID, school: str) -> Response:
    """The scan of a paper of the restricted archive."""
    check_auditor(me, school)
    async with _db(request).transaction(school) as tx:
        row = await store.archive.archived_scan(tx, school, paper_id)
        people = await store.papers.people_of(tx, paper_id)
    if row is None:
        raise Missing("scan.none", field="paper_id")
    await looks.exported_across(What.ARCHIVE, people)
    return _file(paper_id, row)


def _file(paper_id: UUID, row: Row) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{paper_id}"', "X-Content-Type-Options": "nosniff"}
    headers[ETAG] = actions.tag_of_scan(row["sha256"])
    return Response(row["content"], media_type=row["media_type"], headers=headers)


router = together(_own, look_doors(What.LOOKS))
