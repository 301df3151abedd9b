"""Facts of documents: consents and papers."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.event import PersonEvent, SchoolEvent


class ConsentPurpose(StrEnum):
    """One consent per purpose (152-ФЗ ст. 9 in force since 01.09.2025; ТК РФ ст. 351.8)."""

    PD_PLATFORM = "PD_PLATFORM"
    PD_SHARE_CURATOR = "PD_SHARE_CURATOR"
    PD_SHARE_DISTRICT_PROFILE = "PD_SHARE_DISTRICT_PROFILE"
    PD_AUTHORSHIP_PUBLICATION = "PD_AUTHORSHIP_PUBLICATION"
    MENTORING_351_8 = "MENTORING_351_8"
    MENTORING_LOCAL_ACT = "MENTORING_LOCAL_ACT"
    SURVEY_NAMED = "SURVEY_NAMED"


class PaperKind(StrEnum):
    """A paper of the mentoring package."""

    DOC01 = "DOC01"
    DOC02 = "DOC02"
    DOC03 = "DOC03"
    DOC04 = "DOC04"
    DOC05 = "DOC05"
    DOC06 = "DOC06"
    DOC07 = "DOC07"
    DOC08 = "DOC08"
    DOC09 = "DOC09"
    DOC10 = "DOC10"
    DOC11 = "DOC11"
    DOC12 = "DOC12"
    DOC13 = "DOC13"
    DOC14 = "DOC14"
    DOC15 = "DOC15"
    DOC16 = "DOC16"
    DOC17 = "DOC17"
    DOC18 = "DOC18"
    DOC19 = "DOC19"
    DOC20 = "DOC20"


class ConsentGiven(SchoolEvent):
    """A person consented to one purpose."""

    subject: ClassVar[str] = "neo.documents.consent.given.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("school_id", "person_id", "purpose")

    person_id: UUID
    purpose: ConsentPurpose


class ConsentWithdrawn(SchoolEvent):
    """A person took a consent back; uses under it stop."""

    subject: ClassVar[str] = "neo.documents.consent.withdrawn.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("school_id", "person_id", "purpose")

    person_id: UUID
    purpose: ConsentPurpose


class DocumentSigned(SchoolEvent):
    """A paper was signed."""

    subject: ClassVar[str] = "neo.documents.document.signed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("document_id",)

    document_id: UUID
    kind: PaperKind
    signed_on: date


class DocumentInForce(SchoolEvent):
    """A registered paper came into force for a pairing, or for a cycle as a whole when no pairing is named."""

    subject: ClassVar[str] = "neo.documents.document.in_force.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("document_id", "pairing_id")

    document_id: UUID
    kind: PaperKind
    basis: str
    cycle_id: UUID
    pairing_id: UUID | None = None
    in_force_from: date


class ConsentsErased(PersonEvent):
    """Consents of an erased person were deleted, and scans of the person's papers moved to the restricted archive."""

    subject: ClassVar[str] = "neo.documents.consents.erased.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("person_id",)
