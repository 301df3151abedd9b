"""Event doors of documents: parse, then an action."""

from typing import Any

from chassis.database import Tx
from chassis.intake import Subscription, on
from contracts.matching import PairingFormed
from contracts.registry import CycleOpened, MembershipChanged, PersonErased, PersonLeft
from services.documents import actions


async def on_membership_changed(tx: Tx, event: MembershipChanged) -> None:
    """Keep who belongs to the school."""
    is_member = event.left_on is None
    await actions.know_member(tx, event.school_id, event.person_id, is_member=is_member, revision=event.revision)


async def on_person_left(tx: Tx, event: PersonLeft) -> None:
    """A leaver belongs to the school no longer."""
    await actions.know_member(tx, event.school_id, event.person_id, is_member=False, revision=event.revision)


async def on_person_erased(tx: Tx, event: PersonErased) -> None:
    """Delete what is the person's own."""
    await actions.forget_person(tx, event.person_id, event.schools, revision=event.revision)


async def on_cycle_opened(tx: Tx, event: CycleOpened) -> None:
    """Papers belong to a cycle."""
    await actions.know_cycle(tx, event.school_id, event.cycle_id)


async def on_pairing_formed(tx: Tx, event: PairingFormed) -> None:
    """Papers are about pairs."""
    await actions.know_pairing(
        tx,
        {
            "pairing_id": event.pairing_id,
            "cycle_id": event.cycle_id,
            "giver_id": event.giver_id,
            "taker_id": event.taker_id,
            "giver_school": event.giver_school,
            "taker_school": event.taker_school,
        },
    )


def subscriptions() -> list[Subscription[Any]]:
    """What documents hears."""
    return [
        on(MembershipChanged, on_membership_changed),
        on(PersonLeft, on_person_left),
        on(PersonErased, on_person_erased),
        on(CycleOpened, on_cycle_opened),
        on(PairingFormed, on_pairing_formed),
    ]
