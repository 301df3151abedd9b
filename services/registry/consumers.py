"""Event doors of the registry: what other services announce moves the cycle and its roadmap."""

from typing import Any

from chassis.database import Tx
from chassis.intake import Subscription, on
from contracts.diagnostics import AnswersErased, CampaignClosed
from contracts.documents import ConsentsErased, DocumentInForce
from contracts.event import Event
from contracts.matching import AvailabilityErased, PairingFormed, RunFinished
from contracts.reporting import ReportAccepted, ReportReturned, ReportSigned, ReportSubmitted
from contracts.tracking import AssignmentActivated, TextsErased
from services.registry.actions import cycles, erasure
from services.registry.domain.cycles import (
    ASSIGNMENT_ACTIVATED,
    FIRST_CAMPAIGN_CLOSED,
    PAIRING_FORMED,
    REPORT_ACCEPTED,
    REPORT_RETURNED,
    REPORT_SIGNED,
    REPORT_SUBMITTED,
    RUN_FINISHED,
    SECOND_CAMPAIGN_CLOSED,
    Heard,
)


async def on_campaign_closed(tx: Tx, event: CampaignClosed) -> None:
    """The needs are known, or the change is measured."""
    fact = FIRST_CAMPAIGN_CLOSED if event.wave == 1 else SECOND_CAMPAIGN_CLOSED
    await cycles.take_fact(tx, event.schools, event.cycle_id, _heard(fact, event))


async def on_run_finished(tx: Tx, event: RunFinished) -> None:
    """Pairs are being sought."""
    await cycles.take_fact(tx, event.schools, event.cycle_id, _heard(RUN_FINISHED, event))


async def on_pairing_formed(tx: Tx, event: PairingFormed) -> None:
    """Pairs are confirmed, their papers are due."""
    await cycles.take_fact(tx, event.schools, event.cycle_id, _heard(PAIRING_FORMED, event))


async def on_assignment_activated(tx: Tx, event: AssignmentActivated) -> None:
    """The first pair may work."""
    await cycles.take_fact(tx, event.schools, event.cycle_id, _heard(ASSIGNMENT_ACTIVATED, event))


async def on_document_in_force(tx: Tx, event: DocumentInForce) -> None:
    """A paper of the roadmap is there."""
    await cycles.take_fact(tx, event.schools, event.cycle_id, _heard(f"paper/{event.kind}", event))


async def on_report_signed(tx: Tx, event: ReportSigned) -> None:
    """The head signed the school's report."""
    await cycles.take_fact(tx, event.schools, event.cycle_id, _heard(REPORT_SIGNED, event))


async def on_report_submitted(tx: Tx, event: ReportSubmitted) -> None:
    """The school's report went up."""
    await cycles.take_fact(tx, event.schools, event.cycle_id, _heard(REPORT_SUBMITTED, event))


async def on_report_returned(tx: Tx, event: ReportReturned) -> None:
    """The district sent the report back: the roadmap waits for the next one."""
    await cycles.take_fact(tx, event.schools, event.cycle_id, _heard(REPORT_RETURNED, event))


async def on_report_accepted(tx: Tx, event: ReportAccepted) -> None:
    """The district accepted the school's report."""
    await cycles.take_fact(tx, event.schools, event.cycle_id, _heard(REPORT_ACCEPTED, event))


async def on_answers_erased(tx: Tx, event: AnswersErased) -> None:
    """Diagnostics has forgotten a person."""
    await erasure.take_confirmation(tx, "diagnostics", event)


async def on_availability_erased(tx: Tx, event: AvailabilityErased) -> None:
    """Matching has forgotten a person."""
    await erasure.take_confirmation(tx, "matching", event)


async def on_texts_erased(tx: Tx, event: TextsErased) -> None:
    """Tracking has forgotten a person."""
    await erasure.take_confirmation(tx, "tracking", event)


async def on_consents_erased(tx: Tx, event: ConsentsErased) -> None:
    """Documents has forgotten a person; signed papers lie in the restricted archive."""
    await erasure.take_confirmation(tx, "documents", event)


def _heard(fact: str, event: Event) -> Heard:
    return Heard(fact, event.occurred_at, event.occurred_at)


def subscriptions() -> list[Subscription[Any]]:
    """What the registry hears."""
    return [
        on(CampaignClosed, on_campaign_closed),
        on(RunFinished, on_run_finished),
        on(PairingFormed, on_pairing_formed),
        on(AssignmentActivated, on_assignment_activated),
        on(DocumentInForce, on_document_in_force),
        on(ReportSigned, on_report_signed),
        on(ReportSubmitted, on_report_submitted),
        on(ReportReturned, on_report_returned),
        on(ReportAccepted, on_report_accepted),
        on(AnswersErased, on_answers_erased),
        on(AvailabilityErased, on_availability_erased),
        on(TextsErased, on_texts_erased),
        on(ConsentsErased, on_consents_erased),
    ]
