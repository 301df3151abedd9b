"""Rules of papers and consents; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from chassis.refusals import Invalid, TooLarge


class What(StrEnum):
    """What of a person others can look at here: words of the access log, kept for years; none says what stood in it."""

    PAPERS = "documents.papers"
    SCANS = "documents.scans"
    ARCHIVE = "documents.archive"
    LOOKS = "documents.looks"


LARGEST_SCAN = 10 * 2**20
# What a scanner writes, told by its first bytes and not by the name that somebody gave the file.
_SIGNATURES = {b"%PDF-": "application/pdf", b"\x89PNG\r\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
MEDIA_TYPES = tuple(_SIGNATURES.values())
# Papers that stand for single pairs; the others stand for a cycle as a whole.
ABOUT_PAIRINGS = frozenset({"DOC06", "DOC07", "DOC08", "DOC09", "DOC13", "DOC15"})


# How many years a signed paper is kept, counted from the year after its signature (Росархив, приказ № 236 of
# 20.12.2019): orders on the core activity for ever, papers of the staff fifty years, consents to the processing of
# personal data three years; what the list does not name, five years as plans and reports are.
FOR_EVER = frozenset({"DOC01", "DOC02", "DOC03", "DOC04", "DOC05"})
STAFF_YEARS, CONSENT_YEARS, OTHER_YEARS = 50, 3, 5
_STAFF_PAPERS = frozenset({"DOC06", "DOC07", "DOC08", "DOC15"})
_DATA_CONSENT = "DOC17"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that was signed on paper and is now registered."""

    paper_id: UUID
    kind: str
    cycle_id: UUID
    number: str
    basis: str
    signed_on: date
    in_force_from: date
    pairing_ids: tuple[UUID, ...]


def check_paper(paper: Paper, *, today: date, known: Sequence[UUID] | set[UUID]) -> None:
    """Refuse a paper that cannot be in force: signed in the future, in force before its signature, about no pair."""
    if paper.signed_on > today:
        raise Invalid("paper.signed-in-future", field="signed_on")
    if paper.in_force_from < paper.signed_on:
        raise Invalid("paper.in-force-before-signed", field="in_force_from")
    if paper.kind in ABOUT_PAIRINGS and not paper.pairing_ids:
        raise Invalid("paper.about-nobody", field="pairing_ids")
    unknown = [str(one) for one in paper.pairing_ids if one not in known]
    if unknown:
        raise Invalid("paper.unknown-pairing", field="pairing_ids", unknown=unknown)


def retain_until(kind: str, signed_on: date) -> date | None:
    """The last day on which a signed paper must be kept; none for one that is kept for ever."""
    if kind in FOR_EVER:
        return None
    years = OTHER_YEARS
    if kind in _STAFF_PAPERS:
        years = STAFF_YEARS
    elif kind == _DATA_CONSENT:
        years = CONSENT_YEARS
    return date(signed_on.year + years, 12, 31)


def media_type_of(content: bytes) -> str:
    """The kind of a scan; raises Invalid for what is no scan, TooLarge above 10 MiB."""
    if len(content) > LARGEST_SCAN:
        raise TooLarge("scan.too-large", field="scan", limit_mib=LARGEST_SCAN // 2**20)
    for signature, media_type in _SIGNATURES.items():
        if content.startswith(signature):
            return media_type
    raise Invalid("scan.not-a-scan", field="scan")
