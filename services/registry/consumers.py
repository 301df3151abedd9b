"""Event doors of the registry: what other services announce moves the cycle and its roadmap."""

from typing import Any

from chassis.database import Tx
from chassis.intake import Subscription, on
from contracts.diagnostics import CampaignClosed
from contracts.documents import DocumentInForce
from contracts.matching import PairingFormed, RunFinished
from contracts.reporting import ReportAccepted, ReportSubmitted
from contracts.tracking import AssignmentActivated
from services.registry.actions import cycles
from services.registry.domain.cycles import (
    ASSIGNMENT_ACTIVATED,
    FIRST_CAMPAIGN_CLOSED,
    PAIRING_FORMED,
    REPORT_ACCEPTED,
    REPORT_SUBMITTED,
    RUN_FINISHED,
    SECOND_CAMPAIGN_CLOSED,
)


async def on_campaign_closed(tx: Tx, event: CampaignClosed) -> None:
    """The needs are known, or the change is measured."""
    fact = FIRST_CAMPAIGN_CLOSED if event.wave == 1 else SECOND_CAMPAIGN_CLOSED
    await cycles.take_fact(tx, event.schools, event.cycle_id, fact)


async def on_run_finished(tx: Tx, event: RunFinished) -> None:
    """Pairs are being sought."""
    await cycles.take_fact(tx, event.schools, event.cycle_id, RUN_FINISHED)


async def on_pairing_formed(tx: Tx, event: PairingFormed) -> None:
    """Pairs are confirmed, their papers are due."""
    await cycles.take_fact(tx, event.schools, event.cycle_id, PAIRING_FORMED)


async def on_assignment_activated(tx: Tx, event: AssignmentActivated) -> None:
    """The first pair may work."""
    await cycles.take_fact(tx, event.schools, event.cycle_id, ASSIGNMENT_ACTIVATED)


async def on_document_in_force(tx: Tx, event: DocumentInForce) -> None:
    """A paper of the roadmap is there."""
    await cycles.take_fact(tx, event.schools, event.cycle_id, f"paper/{event.kind}")


async def on_report_submitted(tx: Tx, event: ReportSubmitted) -> None:
    """The school's report went up."""
    await cycles.take_fact(tx, event.schools, event.cycle_id, REPORT_SUBMITTED)


async def on_report_accepted(tx: Tx, event: ReportAccepted) -> None:
    """The district accepted the school's report."""
    await cycles.take_fact(tx, event.schools, event.cycle_id, REPORT_ACCEPTED)


def subscriptions() -> list[Subscription[Any]]:
    """What the registry hears."""
    return [
        on(CampaignClosed, on_campaign_closed),
        on(RunFinished, on_run_finished),
        on(PairingFormed, on_pairing_formed),
        on(AssignmentActivated, on_assignment_activated),
        on(DocumentInForce, on_document_in_force),
        on(ReportSubmitted, on_report_submitted),
        on(ReportAccepted, on_report_accepted),
    ]
