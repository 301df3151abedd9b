"""A school's report on its way: computed, reviewed, signed, submitted, accepted or returned."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from chassis.database import Database, Row, Tx
from chassis.etags import check_seen, tag_of
from chassis.refusals import Conflict, Missing
from contracts.reporting import ReportAccepted, ReportReturned, ReportSigned, ReportSubmitted
from services.reporting.domain import (
    Catalogue,
    Report,
    Signature,
    Signing,
    State,
    begins_anew,
    canonical,
    digest,
    sign,
    step,
    verify,
)
from services.reporting.domain.content import Cell, Cycle, Subject, cells_of, check_as_of, content_of
from services.reporting.domain.counters import counters_of
from services.reporting.domain.days import day_at, end_of
from services.reporting.store import knowledge, reports, sums

ReportFact = type[ReportSubmitted | ReportReturned | ReportAccepted]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a curator asks to be computed; `version` only where a published report is to be corrected.

    `seen` is the tag of the report that the curator looked at.
    """

    report_id: UUID
    school: str
    cycle_id: UUID
    as_of: date
    version: int | None = None
    seen: str | None = None


async def _cycle(tx: Tx, school: str, cycle_id: UUID) -> Cycle:
    row = await knowledge.cycle(tx, school, cycle_id)
    if row is None or row["starts_on"] is None:
        raise Missing("report.unknown-cycle", field="cycle_id")
    return Cycle(cycle_id, row["starts_on"], row["ends_on"], row["stage"])


async def live_cells(db: Database, catalogue: Catalogue, school: str, cycle_id: UUID) -> tuple[Cell, ...]:
    """The true numbers of a school as they are now; they never leave it."""
    async with db.transaction(school) as tx:
        zone = await knowledge.zone_of(tx, school)
        subject = Subject(school, await _cycle(tx, school, cycle_id), day_at(tx.now, zone))
        counted = await sums.sums(tx, subject, until=tx.now, zone=zone)
    return cells_of(catalogue, counters_of(catalogue, counted))


async def compute_report(db: Database, catalogue: Catalogue, wanted: Wanted, *, by: UUID) -> bool:
    """Freeze the numbers of a school as of a day; after a return, or as a correction that is asked for, anew.

    False when this report stands computed already. Raises Conflict for another report of the same day.
    """
    async with db.transaction(wanted.school) as tx:
        await tx.lock(f"report/{wanted.school}/{wanted.cycle_id}/{wanted.as_of}")
        known = await reports.locked(tx, wanted.report_id)
        _check_seen(known if known and known["school_id"] == wanted.school else None, wanted.seen)
        if known is not None and not _must_compute(known, wanted):
            return False
        content = await _content(tx, catalogue, wanted)
        version = await _begin(tx, known, wanted)
        frozen = {"content": canonical(content), "sha256": digest(content), "computed_by": by, "computed_at": tx.now}
        same = {"report_id": wanted.report_id, "school_id": wanted.school}
        await reports.add_version(tx, {**same, "version": version, **frozen})
    return True


def _must_compute(known: Row, wanted: Wanted) -> bool:
    if _is_other(known, wanted):
        raise Conflict("report.id-taken", field="report_id")
    return begins_anew(_report(known), wanted.version)


async def _begin(tx: Tx, known: Row | None, wanted: Wanted) -> int:
    """The first version of a new report, or the next one of a known report."""
    if known is not None:
        version = int(known["version"]) + 1
        seen = known["revision"]
        await reports.move(tx, wanted.report_id, to=State.COMPUTED.value, version=version, seen=seen)
        return version
    if await reports.of_date(tx, wanted.school, wanted.cycle_id, wanted.as_of) is not None:
        raise Conflict("report.date-taken", field="as_of")
    row = {"report_id": wanted.report_id, "school_id": wanted.school, "cycle_id": wanted.cycle_id}
    if not await reports.add(tx, {**row, "as_of": wanted.as_of}):
        raise Conflict("report.id-taken", field="report_id")
    return 1


def _is_other(known: Row, wanted: Wanted) -> bool:
    asked = (wanted.school, wanted.cycle_id, wanted.as_of)
    return (known["school_id"], known["cycle_id"], known["as_of"]) != asked


def _report(row: Row) -> Report:
    return Report(row["school_id"], row["as_of"], row["version"], State(row["state"]))


async def _content(tx: Tx, catalogue: Catalogue, wanted: Wanted) -> dict[str, object]:
    cycle = await _cycle(tx, wanted.school, wanted.cycle_id)
    zone = await knowledge.zone_of(tx, wanted.school)
    check_as_of(wanted.as_of, cycle, today=day_at(tx.now, zone))
    subject, until = Subject(wanted.school, cycle, wanted.as_of), end_of(wanted.as_of, zone)
    counted = await sums.sums(tx, subject, until=until, zone=zone)
    campaigns = await sums.campaigns(tx, subject, until=until)
    return content_of(subject, catalogue, counters_of(catalogue, counted), campaigns=campaigns)


async def _locked(tx: Tx, school: str, report_id: UUID, seen: str | None) -> Row:
    row = await reports.locked(tx, report_id)
    if row is None or row["school_id"] != school:
        raise Missing("report.unknown", field="report_id")
    _check_seen(row, seen)
    return row


def tag_of_report(row: Row) -> str:
    """The tag of a report: it changes with every step and with every new version."""
    return tag_of(row["revision"])


def _check_seen(row: Row | None, seen: str | None) -> None:
    if row is None:
        check_seen(seen, None)
    else:
        check_seen(seen, tag_of_report(row), state=row["state"], version=row["version"])


async def _move(tx: Tx, row: Row, to: State, what: Mapping[str, object]) -> None:
    moved = step(_report(row), to)
    await reports.move(tx, row["report_id"], to=moved.state.value, version=moved.version, seen=row["revision"])
    await reports.note(tx, row["report_id"], row["version"], what)


async def _announce(tx: Tx, row: Row, fact: ReportFact) -> None:
    await tx.emit(
        fact(
            school_id=row["school_id"],
            report_id=row["report_id"],
            cycle_id=row["cycle_id"],
            version=row["version"],
            revision=row["revision"] + 1,
            occurred_at=tx.now,
        )
    )


async def review_report(db: Database, school: str, report_id: UUID, *, by: UUID, seen: str | None = None) -> None:
    """The curator has read the numbers."""
    async with db.transaction(school) as tx:
        row = await _locked(tx, school, report_id, seen)
        await _move(tx, row, State.REVIEWED, {"reviewed_by": by, "reviewed_at": tx.now})


async def sign_report(
    db: Database, school: str, report_id: UUID, *, by: UUID, authenticated_at: int, seen: str | None = None
) -> str:
    """The head signs; returns the SHA-256 of what was signed.

    Forbidden when the head signed in too long ago (real time), Conflict when the frozen content was changed.
    """
    signing = Signing(str(by), "head", datetime.fromtimestamp(authenticated_at, UTC))
    async with db.transaction(school) as tx:
        row = await _locked(tx, school, report_id, seen)
        content = _thawed(row)
        signature = sign(content, signing, now=datetime.now(UTC))
        what = {
            "signed_by": by,
            "signed_role": signature.role,
            "signed_sha256": signature.sha256,
            "signature_kind": signature.kind,
            "signed_at": signature.at,
        }
        await _move(tx, row, State.SIGNED, what)
        await tx.emit(
            ReportSigned(
                school_id=school,
                report_id=report_id,
                cycle_id=row["cycle_id"],
                version=row["version"],
                sha256=signature.sha256,
                revision=row["revision"] + 1,
                occurred_at=tx.now,
            )
        )
    return signature.sha256


def _thawed(row: Row) -> dict[str, Any]:
    """The frozen content; Conflict when it is not what was frozen."""
    content: dict[str, Any] = json.loads(row["content"])
    if digest(content) != row["sha256"]:
        raise Conflict("report.content-changed")
    return content


def verify_signature(row: Row) -> None:
    """Verify the signature under a version; Conflict when the content is not what was signed."""
    content = _thawed(row)
    at = row["signed_at"]
    verify(Signature(str(row["signed_by"]), row["signed_role"], at, row["signed_sha256"]), content)


async def submit_report(db: Database, school: str, report_id: UUID, *, seen: str | None = None) -> None:
    """The signed report goes up; its signature is verified again."""
    async with db.transaction(school) as tx:
        row = await _locked(tx, school, report_id, seen)
        if row["signed_by"] is not None:
            verify_signature(row)
        await _move(tx, row, State.SUBMITTED, {"submitted_at": tx.now})
        await _announce(tx, row, ReportSubmitted)


async def accept_report(db: Database, school: str, report_id: UUID, *, by: UUID, seen: str | None = None) -> None:
    """The district accepts; the signature is verified again."""
    async with db.transaction(school) as tx:
        row = await _locked(tx, school, report_id, seen)
        if row["signed_by"] is not None:
            verify_signature(row)
        await _move(tx, row, State.ACCEPTED, {"decided_by": by, "accepted_at": tx.now})
        await _announce(tx, row, ReportAccepted)


async def return_report(
    db: Database, school: str, report_id: UUID, *, by: UUID, reason: str, seen: str | None = None
) -> None:
    """The district sends it back to be corrected as a new version."""
    async with db.transaction(school) as tx:
        row = await _locked(tx, school, report_id, seen)
        what = {"decided_by": by, "returned_at": tx.now, "return_reason": reason}
        await _move(tx, row, State.RETURNED, what)
        await _announce(tx, row, ReportReturned)
