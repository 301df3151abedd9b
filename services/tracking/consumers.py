"""Event doors of tracking: parse, then an action."""

from typing import Any

from chassis.database import Tx
from chassis.intake import Subscription, on
from contracts.diagnostics import CampaignClosed, CampaignOpened, DiagnosticCompleted
from contracts.documents import ConsentGiven, ConsentWithdrawn, DocumentInForce
from contracts.matching import PairingFormed
from contracts.registry import CycleOpened, CycleStageChanged, MembershipChanged, PersonErased, PersonLeft
from services.tracking import actions, domain, store

TEACHER = "teacher"


async def on_cycle_opened(tx: Tx, event: CycleOpened) -> None:
    """Goals and surveys stay within a cycle."""
    dates = (event.starts_on, event.ends_on)
    await actions.know_cycle(tx, event.school_id, event.cycle_id, dates=dates, revision=event.revision)


async def on_cycle_stage_changed(tx: Tx, event: CycleStageChanged) -> None:
    """In a closed cycle nothing new is planned."""
    await actions.know_stage(tx, event.school_id, event.cycle_id, stage=event.stage.value, revision=event.revision)


async def on_membership_changed(tx: Tx, event: MembershipChanged) -> None:
    """Keep who belongs to the school."""
    member = store.Member(
        event.school_id,
        event.person_id,
        is_member=event.left_on is None,
        is_teacher=event.left_on is None and TEACHER in event.roles,
        revision=event.revision,
    )
    await actions.know_member(tx, member)


async def on_person_left(tx: Tx, event: PersonLeft) -> None:
    """The work of a leaver's pairs ends."""
    who = (event.school_id, event.person_id)
    await actions.know_member(tx, store.Member(*who, is_member=False, is_teacher=False, revision=event.revision))


async def on_person_erased(tx: Tx, event: PersonErased) -> None:
    """Delete what is the person's own."""
    await actions.forget_person(tx, event.person_id, event.schools, revision=event.revision)


async def on_pairing_formed(tx: Tx, event: PairingFormed) -> None:
    """A formed pair gets its assignment."""
    await actions.open_assignment(
        tx,
        domain.Assignment(
            assignment_id=domain.assignment_id_of(event.pairing_id),
            pairing_id=event.pairing_id,
            cycle_id=event.cycle_id,
            giver_id=event.giver_id,
            taker_id=event.taker_id,
            giver_school=event.giver_school,
            taker_school=event.taker_school,
            competency=event.competency,
            kind=event.kind.value,
            term_from=event.term_from,
            term_to=event.term_to,
        ),
    )


async def on_consent_given(tx: Tx, event: ConsentGiven) -> None:
    """A consent may be the last thing that a pair waits for."""
    consent = store.Consent(
        school=event.school_id,
        person=event.person_id,
        purpose=event.purpose.value,
        given_on=event.occurred_at.date(),
        revision=event.revision,
    )
    await actions.know_consent(tx, consent)


async def on_consent_withdrawn(tx: Tx, event: ConsentWithdrawn) -> None:
    """Without the consent the work rests."""
    consent = store.Consent(
        school=event.school_id,
        person=event.person_id,
        purpose=event.purpose.value,
        given_on=None,
        revision=event.revision,
    )
    await actions.know_consent(tx, consent)


async def on_document_in_force(tx: Tx, event: DocumentInForce) -> None:
    """A paper about a pair may be the last thing that it waits for; papers about a whole cycle are none of these."""
    if event.pairing_id is None:
        return
    paper = store.Paper(
        school=event.school_id,
        document_id=event.document_id,
        pairing_id=event.pairing_id,
        kind=event.kind.value,
        in_force_from=event.in_force_from,
    )
    await actions.know_paper(tx, paper)


async def on_campaign_opened(tx: Tx, event: CampaignOpened) -> None:
    """A campaign is something to remind of."""
    campaign = domain.Campaign(
        event.school_id,
        event.campaign_id,
        wave=event.wave,
        opened_at=event.occurred_at,
        closes_on=event.closes_on,
    )
    await actions.know_opened(tx, campaign)


async def on_campaign_closed(tx: Tx, event: CampaignClosed) -> None:
    """Nobody is reminded of a campaign that is over."""
    await actions.know_closed(tx, domain.Campaign(event.school_id, event.campaign_id, wave=event.wave))


async def on_diagnostic_completed(tx: Tx, event: DiagnosticCompleted) -> None:
    """Who has completed is not reminded any more."""
    await actions.know_completed(tx, domain.Caller(event.school_id, event.person_id), event.campaign_id)


def subscriptions() -> list[Subscription[Any]]:
    """What tracking hears."""
    return [
        on(CycleOpened, on_cycle_opened),
        on(CycleStageChanged, on_cycle_stage_changed),
        on(PersonLeft, on_person_left),
        on(PersonErased, on_person_erased),
        on(MembershipChanged, on_membership_changed),
        on(PairingFormed, on_pairing_formed),
        on(ConsentGiven, on_consent_given),
        on(ConsentWithdrawn, on_consent_withdrawn),
        on(DocumentInForce, on_document_in_force),
        on(CampaignOpened, on_campaign_opened),
        on(CampaignClosed, on_campaign_closed),
        on(DiagnosticCompleted, on_diagnostic_completed),
    ]
