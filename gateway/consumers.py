"""Event doors of the gateway: whose rights changed, and whose sessions end. Sessions are of people, not of schools."""

from collections.abc import Sequence
from typing import Any

from chassis.database import Tx
from chassis.intake import Subscription, on_all
from contracts.registry import MembershipChanged, PersonErased, PersonLeft
from gateway import store


async def on_person_left(tx: Tx, events: Sequence[PersonLeft]) -> None:
    """Whoever left a school signs in anew, to whatever is left to them."""
    await store.end_sessions_of_people(tx, [event.person_id for event in events])


async def on_person_erased(tx: Tx, events: Sequence[PersonErased]) -> None:
    """Nothing stays of an erased person's sessions."""
    await store.end_sessions_of_people(tx, [event.person_id for event in events])


async def on_membership_changed(tx: Tx, events: Sequence[MembershipChanged]) -> None:
    """The next request of these people asks the realm for their rights first."""
    await store.mark_stale(tx, [event.person_id for event in events])


def subscriptions() -> list[Subscription[Any]]:
    """What the gateway hears; thousands of changes of one import are a few statements here."""
    return [
        on_all(PersonLeft, on_person_left),
        on_all(PersonErased, on_person_erased),
        on_all(MembershipChanged, on_membership_changed),
    ]
