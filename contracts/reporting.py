"""Facts of reporting: school reports on their way, and indicator definitions."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.event import Event, SchoolEvent


class _ReportEvent(SchoolEvent):
    """A fact about one version of a school's report for a cycle."""

    report_id: UUID
    cycle_id: UUID
    version: int = Field(ge=1)


class ReportSigned(_ReportEvent):
    """The head signed a report; the hash names its content."""

    subject: ClassVar[str] = "neo.reporting.report.signed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("report_id",)

    sha256: str


class ReportSubmitted(_ReportEvent):
    """A signed report went up to the district."""

    subject: ClassVar[str] = "neo.reporting.report.submitted.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("report_id",)


class ReportReturned(_ReportEvent):
    """The district sent a report back to be corrected as a new version."""

    subject: ClassVar[str] = "neo.reporting.report.returned.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("report_id",)


class ReportAccepted(_ReportEvent):
    """The district accepted a report."""

    subject: ClassVar[str] = "neo.reporting.report.accepted.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("report_id",)


class ReportPublished(_ReportEvent):
    """The numbers of an accepted report went into the published layer."""

    subject: ClassVar[str] = "neo.reporting.report.published.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("report_id",)


class IndicatorChanged(Event):
    """An indicator definition got a new version."""

    subject: ClassVar[str] = "neo.reporting.indicator.changed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("code",)

    code: str
    version: str
