"""The school's register of signed papers: what is registered, its scan, a new one with the pairs that wait for it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field, StringConstraints

from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import Refused, as_seen, segment
from gateway.portal.words import day

PATH = "/schools/{school}/papers"
KINDS = tuple(f"DOC{number:02}" for number in range(1, 21))
BASES = ("LOCAL_ACT", "LABOUR_351_8", "VOLUNTARY")
# Papers that stand for single pairs.
PAPERS_OF_PAIRS = ("DOC06", "DOC07", "DOC08", "DOC09", "DOC13", "DOC15")
LARGEST_SCAN = 10 * 1024 * 1024
Text = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]


class NewPaper(BaseModel):
    """What the form of a new paper says, as it was typed; the API says what is wrong with it."""

    paper_id: Text = ""
    kind: Text = "DOC08"
    cycle_id: Text = ""
    number: Text = ""
    basis: Text = "LOCAL_ACT"
    signed_on: Text = ""
    in_force_from: Text = ""
    pairing_ids: Annotated[list[Text], Field(max_length=2000)] = []


@dataclass(frozen=True, slots=True)
class ShownPaper:
    """One registered paper."""

    paper_id: str
    kind: str
    number: str
    signed_on: str
    in_force_from: str
    state: str
    has_scan: bool
    is_restricted: bool
    seen: str


@dataclass(frozen=True, slots=True)
class NotKept:
    """Why a scan was not kept: a sentence for the top of the page, and one for its field."""

    detail: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page of the register; after a refusal what was typed, or the paper whose scan was sent."""

    after: str = ""
    typed: NewPaper | None = None
    scan_of: str = ""
    wrong: Refused | None = None


def doors(portal: Portal) -> APIRouter:
    """The doors to the register."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    async def show_register(request: Request, school: str, after: str = "") -> HTMLResponse:
        reader = await _reader(portal, request, school)
        return await _show(portal, reader, school, Asked(after))

    @router.post(PATH)
    async def register(request: Request, school: str, paper: Annotated[NewPaper, Form()]) -> Response:
        reader = await _reader(portal, request, school)
        try:
            await reader.talk.put(f"{_api(school)}/papers/{segment(paper.paper_id)}", content_of(paper))
        except Refused as refused:
            return await _show(portal, reader, school, Asked(typed=paper, wrong=refused))
        return portal.lead(f"/schools/{segment(school)}/papers", "paper-registered")

    _scan_doors(router, portal)
    return router


def _scan_doors(router: APIRouter, portal: Portal) -> None:
    @router.post(PATH + "/{paper}/scan")
    async def keep_scan(
        request: Request,
        school: str,
        paper: UUID,
        scan: Annotated[UploadFile, File()],
        seen: Annotated[Text, Form()] = "",
        after: str = "",
    ) -> Response:
        reader = await _reader(portal, request, school)
        body, kind = one_file("scan", await scan.read(LARGEST_SCAN + 1))
        headers = {"content-type": kind, **as_seen(seen)}
        try:
            await reader.talk.send("PUT", f"{_api(school)}/papers/{paper}/scan", body=body, headers=headers)
        except Refused as refused:
            return await _show(portal, reader, school, Asked(after, scan_of=str(paper), wrong=refused))
        return portal.lead(f"/schools/{segment(school)}/papers", "scan-kept", **({"after": after} if after else {}))

    @router.get(PATH + "/{paper}/scan")
    async def get_scan(request: Request, school: str, paper: UUID) -> Response:
        reader = await _reader(portal, request, school)
        found = await reader.talk.send("GET", f"{_api(school)}/papers/{paper}/scan")
        headers = {
            "Content-Disposition": f'attachment; filename="{paper}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(found.body, media_type=found.headers.get("content-type"), headers=headers)


async def _reader(portal: Portal, request: Request, school: str) -> Reader:
    return await portal.reader(request, f"schools/{school}", "curator", "head")


def _api(school: str) -> str:
    return f"/api/documents/v1/schools/{segment(school)}"


def one_file(field: str, content: bytes) -> tuple[bytes, str]:
    """A body of multipart/form-data with one file, and its media type (RFC 7578); no name that somebody gave it."""
    border = f"neo-{uuid4().hex}"
    head = f'--{border}\r\nContent-Disposition: form-data; name="{field}"; filename="{field}"\r\n\r\n'
    return head.encode() + content + f"\r\n--{border}--\r\n".encode(), f"multipart/form-data; boundary={border}"


def content_of(paper: NewPaper) -> dict[str, Any]:
    """What the API is asked to register; pairs only with a paper that names pairs."""
    return {
        "kind": paper.kind,
        "cycle_id": paper.cycle_id,
        "number": paper.number,
        "basis": paper.basis,
        "signed_on": paper.signed_on,
        "in_force_from": paper.in_force_from or None,
        "pairing_ids": list(paper.pairing_ids) if paper.kind in PAPERS_OF_PAIRS else [],
    }


def not_kept(refused: Refused, say: Callable[..., str]) -> NotKept:
    """Why a scan was not kept. A browser forgets the file that was chosen, so whoever comes late is told of it."""
    if refused.is_moved_on:
        return NotKept(say("papers.scan-moved-on"), {"scan": say("papers.scan-look")})
    return NotKept(refused.detail, {"scan": refused.detail})


async def _show(portal: Portal, reader: Reader, school: str, asked: Asked) -> HTMLResponse:
    at, is_curator, wrong = segment(school), reader.frame.hat.role == "curator", asked.wrong
    page, cycles, waiting = await asyncio.gather(
        reader.talk.get(f"{_api(school)}/papers", **({"after": asked.after} if asked.after else {})),
        reader.talk.all_of(f"/api/registry/v1/schools/{at}/cycles"),
        _waiting(reader, school) if is_curator else _nobody(),
    )
    return portal.show(
        reader,
        "papers/register.html",
        status=wrong.status if wrong else 200,
        wrong=not_kept(wrong, reader.say) if wrong and asked.scan_of else wrong,
        scan_of=asked.scan_of,
        after=asked.after,
        school=school,
        papers=[shown(one, reader.language) for one in page["items"]],
        next=page["next"],
        kinds=KINDS,
        bases=BASES,
        # A paper may belong to an approved cycle only.
        cycles=[(str(one["cycle_id"]), str(one["title"])) for one in cycles if one["state"] != "DRAFT"],
        may_draw_up=is_curator,
        waiting=waiting,
        typed=asked.typed or NewPaper(paper_id=str(uuid4()), pairing_ids=[one[0] for one in waiting]),
    )


async def _waiting(reader: Reader, school: str) -> list[tuple[str, str]]:
    """The pairs that wait for a paper: their id, and the two names."""
    assignments = await reader.talk.all_of(f"/api/tracking/v1/schools/{segment(school)}/assignments", limit=200)
    waiting = [one for one in assignments if any(str(why).startswith("paper.") for why in one["waits_for"])]
    people = [str(one[side]) for one in waiting for side in ("giver_id", "taker_id")]
    names = await names_of(reader.talk, school, people) if people else {}
    return [(str(one["pairing_id"]), pair_in_words(one, names, reader.say("papers.colleague"))) for one in waiting]


async def _nobody() -> list[tuple[str, str]]:
    return []


def pair_in_words(one: Mapping[str, Any], names: Mapping[str, str], somebody: str) -> str:
    """`giver → taker`."""
    giver, taker = (names.get(str(one[side]), somebody) for side in ("giver_id", "taker_id"))
    return f"{giver} → {taker}"


def shown(one: Mapping[str, Any], language: str) -> ShownPaper:
    """One row of the register."""
    return ShownPaper(
        paper_id=str(one["paper_id"]),
        kind=str(one["kind"]).lower(),
        number=str(one["number"]),
        signed_on=day(str(one["signed_on"]), language),
        in_force_from=day(str(one["in_force_from"]), language),
        state=str(one["state"]).lower().replace("_", "-"),
        has_scan=bool(one["has_scan"]),
        is_restricted=bool(one["is_restricted"]),
        seen=str(one["etag"]),
    )
