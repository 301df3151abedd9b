"""Event doors of matching: parse, then an action."""

from collections.abc import Sequence
from functools import wraps
from typing import Any, TypeVar

from chassis.database import Tx
from chassis.intake import Handler, Subscription, on, on_all
from contracts.diagnostics import (
    DiagnosticCompleted,
    NeedDeclared,
    NeedWithdrawn,
    OfferDeclared,
    OfferWithdrawn,
    ProfileReleased,
    ProfileReleaseWithdrawn,
    StrengthConfirmed,
)
from contracts.documents import ConsentGiven, ConsentWithdrawn
from contracts.event import Event
from contracts.registry import (
    CycleOpened,
    CycleStageChanged,
    MembershipChanged,
    PersonErased,
    PersonLeft,
    PlaceChanged,
)
from contracts.tracking import AssignmentCompleted, AssignmentTerminated, RematchRequested
from services.matching.actions import knowledge, pairings
from services.matching.actions.knowledge import Consent, Membership, Offer
from services.matching.store.knowledge import Topic

E = TypeVar("E", bound=Event)
# Several consumers write the same rows: all of them in this order, or two folds would wait for each other.
_ROW_ORDER = ("school_id", "cycle_id", "person_id", "competency")

_AboutTopic = (
    ProfileReleased
    | ProfileReleaseWithdrawn
    | StrengthConfirmed
    | NeedDeclared
    | NeedWithdrawn
    | OfferDeclared
    | OfferWithdrawn
)


async def on_place_changed(tx: Tx, event: PlaceChanged) -> None:
    """Which schools lie in a district."""
    fields = {"place_id", "revision", "kind", "parent", "valid_from", "valid_to"}
    await knowledge.know_place(tx, event.model_dump(include=fields))


async def on_cycle_opened(tx: Tx, event: CycleOpened) -> None:
    """Runs and terms belong to a cycle."""
    dates = (event.starts_on, event.ends_on)
    await knowledge.know_cycle(tx, event.school_id, event.cycle_id, dates=dates, revision=event.revision)


async def on_cycle_stage_changed(tx: Tx, event: CycleStageChanged) -> None:
    """A cycle that is over is not matched."""
    await knowledge.know_stage(tx, event.school_id, event.cycle_id, stage=event.stage, revision=event.revision)


async def on_membership_changed(tx: Tx, event: MembershipChanged) -> None:
    """Teachers take part; a line manager does not teach the own people."""
    membership = Membership(
        school=event.school_id,
        person=event.person_id,
        roles=event.roles,
        manager=event.manager_id,
        subjects=event.subjects,
        left_on=event.left_on,
        absent_from=event.absent_from,
        absent_to=event.absent_to,
        revision=event.revision,
    )
    await knowledge.know_member(tx, membership)


async def on_person_left(tx: Tx, event: PersonLeft) -> None:
    """A leaver takes part no longer."""
    await knowledge.know_leaver(tx, event.school_id, event.person_id, revision=event.revision)


async def on_person_erased(tx: Tx, event: PersonErased) -> None:
    """Delete what is the person's own."""
    await knowledge.forget_person(tx, event.schools, event.person_id, revision=event.revision)


async def on_diagnostic_completed(tx: Tx, event: DiagnosticCompleted) -> None:
    """Count who is ready."""
    row = {
        "campaign_id": event.campaign_id,
        "cycle_id": event.cycle_id,
        "wave": event.wave,
        "competencies": event.competencies,
        "revision": event.revision,
    }
    await knowledge.know_diagnosed(tx, row, school=event.school_id, person=event.person_id)


async def on_profile_released(tx: Tx, event: ProfileReleased) -> None:
    """Keep a released level."""
    await knowledge.know_release(
        tx,
        _topic(event),
        competency_class=event.competency_class,
        level10=event.level10,
        revision=event.revision,
    )


async def on_profile_release_withdrawn(tx: Tx, event: ProfileReleaseWithdrawn) -> None:
    """Forget a level, and the strength that rested on its release."""
    await knowledge.know_withdrawal(tx, _topic(event), revision=event.revision)


async def on_strength_confirmed(tx: Tx, event: StrengthConfirmed) -> None:
    """Supply grows."""
    await knowledge.know_strength(tx, _topic(event), revision=event.revision)


async def on_need_declared(tx: Tx, event: NeedDeclared) -> None:
    """Demand grows."""
    await knowledge.know_need(tx, _topic(event), priority1000=event.priority1000, revision=event.revision)


async def on_need_withdrawn(tx: Tx, event: NeedWithdrawn) -> None:
    """Demand shrinks."""
    await knowledge.know_need(tx, _topic(event), priority1000=None, revision=event.revision)


async def on_offer_declared(tx: Tx, event: OfferDeclared) -> None:
    """Keep how somebody would share, and whether outside the school too."""
    offer = Offer(event.formats, event.minutes, is_outside_school=event.outside_school)
    await knowledge.know_offer(tx, _topic(event), offer, revision=event.revision)


async def on_offer_withdrawn(tx: Tx, event: OfferWithdrawn) -> None:
    """An offer stands no longer."""
    await knowledge.know_offer(tx, _topic(event), None, revision=event.revision)


async def on_consent_given(tx: Tx, event: ConsentGiven) -> None:
    """Keep a consent."""
    await knowledge.know_consent(tx, _consent(event, is_given=True))


async def on_consent_withdrawn(tx: Tx, event: ConsentWithdrawn) -> None:
    """Uses under a withdrawn consent stop."""
    await knowledge.know_consent(tx, _consent(event, is_given=False))


async def on_assignment_terminated(tx: Tx, event: AssignmentTerminated) -> None:
    """The pair ends as a pair."""
    await pairings.dissolve(tx, event.pairing_id)


async def on_assignment_completed(tx: Tx, event: AssignmentCompleted) -> None:
    """Both have room for another pairing."""
    await pairings.complete(tx, event.pairing_id)


async def on_rematch_requested(tx: Tx, event: RematchRequested) -> None:
    """Not these two again in this cycle; the need is open again."""
    two = (event.giver_id, event.taker_id)
    await knowledge.know_misfit(tx, event.school_id, event.cycle_id, pairing_id=event.pairing_id, two=two)


def _topic(event: _AboutTopic) -> Topic:
    return Topic(event.school_id, event.cycle_id, event.person_id, event.competency)


def _consent(event: ConsentGiven | ConsentWithdrawn, *, is_given: bool) -> Consent:
    return Consent(event.school_id, event.person_id, event.purpose, is_given=is_given, revision=event.revision)


def _in_order(event: type[E], handler: Handler[E], *, ends_pairs: bool = False) -> Subscription[E]:
    """Take facts in by the order of the rows that they change, whatever the order in which they have arrived.

    Facts that may end pairs change the rows of others too: they go through a school one fold at a time.
    """

    @wraps(handler)
    async def gathered(tx: Tx, events: Sequence[E]) -> None:
        if ends_pairs:
            await tx.lock(*{f"pairs/{school}" for one in events for school in one.schools})
        for one in sorted(events, key=_row_order):
            await handler(tx, one)

    return on_all(event, gathered)


def _row_order(event: Event) -> tuple[str, ...]:
    return tuple(str(getattr(event, field, "")) for field in _ROW_ORDER)


def subscriptions() -> list[Subscription[Any]]:
    """What matching hears."""
    return [
        on(PlaceChanged, on_place_changed),
        on(CycleOpened, on_cycle_opened),
        on(CycleStageChanged, on_cycle_stage_changed),
        _in_order(PersonLeft, on_person_left, ends_pairs=True),
        _in_order(PersonErased, on_person_erased, ends_pairs=True),
        _in_order(MembershipChanged, on_membership_changed, ends_pairs=True),
        _in_order(DiagnosticCompleted, on_diagnostic_completed),
        _in_order(ProfileReleased, on_profile_released),
        _in_order(ProfileReleaseWithdrawn, on_profile_release_withdrawn),
        _in_order(StrengthConfirmed, on_strength_confirmed),
        _in_order(NeedDeclared, on_need_declared),
        _in_order(NeedWithdrawn, on_need_withdrawn),
        _in_order(OfferDeclared, on_offer_declared),
        _in_order(OfferWithdrawn, on_offer_withdrawn),
        _in_order(ConsentGiven, on_consent_given),
        _in_order(ConsentWithdrawn, on_consent_withdrawn, ends_pairs=True),
        _in_order(AssignmentTerminated, on_assignment_terminated, ends_pairs=True),
        on(AssignmentCompleted, on_assignment_completed),
        _in_order(RematchRequested, on_rematch_requested, ends_pairs=True),
    ]
