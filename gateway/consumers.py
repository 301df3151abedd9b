"""Event doors of the gateway: whose rights changed, and whose sessions end. Sessions are of people, not of schools."""

from collections.abc import Sequence
from typing import Any

from chassis.database import Tx
from chassis.intake import Subscription, on_all
from contracts.registry import MembershipChanged, PersonErased, PersonLeft
from gateway import store
from gateway.watch import End, Watch


class Ears:
    """Hears what ends sessions and what makes their rights stale, and tells the watch."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    async def on_person_left(self, tx: Tx, events: Sequence[PersonLeft]) -> None:
        """Whoever left a school signs in anew, to whatever is left to them."""
        count = await store.end_sessions_of_people(tx, [event.person_id for event in events])
        self.watch.went(End.LEFT, count=count)

    async def on_person_erased(self, tx: Tx, events: Sequence[PersonErased]) -> None:
        """Nothing stays of an erased person's sessions."""
        count = await store.end_sessions_of_people(tx, [event.person_id for event in events])
        self.watch.went(End.ERASED, count=count)

    async def on_membership_changed(self, tx: Tx, events: Sequence[MembershipChanged]) -> None:
        """The next request of these people asks the realm for their rights first."""
        await store.mark_stale(tx, [event.person_id for event in events])


def subscriptions(watch: Watch) -> list[Subscription[Any]]:
    """What the gateway hears; thousands of changes of one import are a few statements here."""
    ears = Ears(watch)
    return [
        on_all(PersonLeft, ears.on_person_left),
        on_all(PersonErased, ears.on_person_erased),
        on_all(MembershipChanged, ears.on_membership_changed),
    ]
