"""Event doors of diagnostics: parse, then an action."""

from collections.abc import Sequence
from typing import Any

from chassis.database import Row, Tx
from chassis.intake import Subscription, on, on_all
from contracts.documents import ConsentGiven, ConsentWithdrawn
from contracts.registry import CycleOpened, CycleStageChanged, MembershipChanged, PersonErased, PersonLeft
from services.diagnostics import actions, store


async def on_membership_changed(tx: Tx, event: MembershipChanged) -> None:
    """Keep who may be asked, about what, and who observes."""
    await actions.know_member(
        tx,
        store.Membership(
            school_id=event.school_id,
            person_id=event.person_id,
            roles=event.roles,
            role_profiles=event.role_profiles,
            subjects=event.subjects,
            counts_in_staff=event.counts_in_staff,
            left_on=event.left_on,
            revision=event.revision,
        ),
    )


async def on_person_left(tx: Tx, event: PersonLeft) -> None:
    """A leaver is invited no longer."""
    await actions.know_leaver(tx, event.school_id, event.person_id, left_on=event.left_on, revision=event.revision)


async def on_person_erased(tx: Tx, event: PersonErased) -> None:
    """Delete what is the person's own."""
    await actions.forget_person(tx, event.person_id, event.schools, revision=event.revision)


async def on_cycle_opened(tx: Tx, event: CycleOpened) -> None:
    """Campaigns, needs and offers belong to a cycle."""
    await actions.know_cycle(tx, event.school_id, event.cycle_id, starts_on=event.starts_on, ends_on=event.ends_on)


async def on_cycle_stage_changed(tx: Tx, event: CycleStageChanged) -> None:
    """The stage decides which wave may be opened."""
    await actions.know_stage(tx, event.school_id, event.cycle_id, stage=event.stage.value, revision=event.revision)


async def on_consent_given(tx: Tx, events: Sequence[ConsentGiven]) -> None:
    """Keep consents."""
    await actions.know_consents(tx, [_consent(event, is_given=True) for event in events])


async def on_consent_withdrawn(tx: Tx, events: Sequence[ConsentWithdrawn]) -> None:
    """Keep that consents were taken back: without the curator's share a person leaves the curator's list."""
    await actions.know_consents(tx, [_consent(event, is_given=False) for event in events])


def _consent(event: ConsentGiven | ConsentWithdrawn, *, is_given: bool) -> Row:
    return {**event.model_dump(include={"school_id", "person_id", "purpose", "revision"}), "is_given": is_given}


def subscriptions() -> list[Subscription[Any]]:
    """What diagnostics hears."""
    return [
        on(CycleOpened, on_cycle_opened),
        on(CycleStageChanged, on_cycle_stage_changed),
        on(PersonLeft, on_person_left),
        on(PersonErased, on_person_erased),
        on(MembershipChanged, on_membership_changed),
        on_all(ConsentGiven, on_consent_given),
        on_all(ConsentWithdrawn, on_consent_withdrawn),
    ]
