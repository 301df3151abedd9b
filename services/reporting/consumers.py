"""Event doors of reporting: each fact becomes a row; a repeated one changes nothing."""

from typing import Any

from chassis.database import Tx
from chassis.intake import Subscription, on
from contracts.diagnostics import CampaignClosed, CompetencyClass, GainTallied, GapClosed, ProfileTallied
from contracts.registry import CycleOpened, CycleStageChanged, MembershipChanged, PlaceChanged
from contracts.tracking import (
    AssignmentActivated,
    AssignmentCompleted,
    AssignmentOpened,
    AssignmentTerminated,
    MeetingHeld,
    MeetingMissed,
    MeetingPlanned,
    SurveyTallied,
)
from services.reporting import actions
from services.reporting.domain.counters import Meeting, Work, satisfaction_of

AssignmentFact = AssignmentOpened | AssignmentActivated | AssignmentCompleted | AssignmentTerminated
MeetingFact = MeetingPlanned | MeetingHeld | MeetingMissed


async def on_place_changed(tx: Tx, event: PlaceChanged) -> None:
    """The tree of places, with its dates."""
    fields = {"place_id", "revision", "kind", "parent", "zone", "valid_from", "valid_to"}
    await actions.keep_place(tx, event.model_dump(include=fields))


async def on_membership_changed(tx: Tx, event: MembershipChanged) -> None:
    """Who counts in the staff."""
    row = event.model_dump(include={"school_id", "person_id", "counts_in_staff", "joined_on", "left_on", "revision"})
    await actions.keep_member(tx, {**row, "roles": list(event.roles)})


async def on_cycle_opened(tx: Tx, event: CycleOpened) -> None:
    """A cycle and its dates."""
    row = event.model_dump(include={"school_id", "cycle_id", "starts_on", "ends_on"})
    await actions.keep_cycle(tx, {**row, "opened_revision": event.revision})


async def on_cycle_stage_changed(tx: Tx, event: CycleStageChanged) -> None:
    """Where a cycle stands."""
    row = event.model_dump(include={"school_id", "cycle_id", "stage"})
    await actions.keep_stage(tx, {**row, "stage_revision": event.revision})


async def on_campaign_closed(tx: Tx, event: CampaignClosed) -> None:
    """How many were invited and scored."""
    fields = {"school_id", "campaign_id", "revision", "cycle_id", "wave", "invited", "scored", "occurred_at"}
    await actions.keep_campaign(tx, event.model_dump(include=fields))


async def on_profile_tallied(tx: Tx, event: ProfileTallied) -> None:
    """Sums over the profiles of one domain."""
    fields = {"school_id", "campaign_id", "domain", "revision", "cycle_id", "wave", "occurred_at"}
    counts = {
        "assessments": event.n,
        "gaps": event.counts.get(CompetencyClass.DEFICIT_CONFIRMED, 0),
        "strengths": event.counts.get(CompetencyClass.STRENGTH_CONFIRMED, 0),
    }
    await actions.keep_profile_tally(tx, {**event.model_dump(include=fields), **counts})


async def on_gain_tallied(tx: Tx, event: GainTallied) -> None:
    """Sums over the changes of one domain."""
    fields = {
        "school_id",
        "campaign_id",
        "domain",
        "revision",
        "cycle_id",
        "total",
        "total_squares",
        "reliable",
        "missing",
        "occurred_at",
    }
    await actions.keep_gain_tally(tx, {**event.model_dump(include=fields), "pairs": event.n})


async def on_gap_closed(tx: Tx, event: GapClosed) -> None:
    """A released deficit is closed."""
    fields = {"school_id", "cycle_id", "person_id", "competency", "occurred_at"}
    await actions.keep_closed_gap(tx, event.model_dump(include=fields))


async def on_survey_tallied(tx: Tx, event: SurveyTallied) -> None:
    """How many were asked, answered, were satisfied."""
    fields = {"school_id", "survey_id", "role", "revision", "cycle_id", "invited", "occurred_at"}
    answered, satisfied = satisfaction_of(event.counts)
    row = {**event.model_dump(include=fields), "answered": answered, "satisfied": satisfied}
    await actions.keep_survey_tally(tx, row)


async def _keep_work(tx: Tx, event: AssignmentFact, state: Work) -> None:
    fields = {
        "assignment_id",
        "revision",
        "cycle_id",
        "giver_id",
        "taker_id",
        "competency",
        "occurred_at",
        "giver_school",
        "taker_school",
    }
    await actions.keep_work(tx, {**event.model_dump(include=fields), "state": state.value})


async def on_assignment_opened(tx: Tx, event: AssignmentOpened) -> None:
    """A pair awaits its papers."""
    await _keep_work(tx, event, Work.OPENED)


async def on_assignment_activated(tx: Tx, event: AssignmentActivated) -> None:
    """A pair works."""
    await _keep_work(tx, event, Work.ACTIVE)


async def on_assignment_completed(tx: Tx, event: AssignmentCompleted) -> None:
    """A pair came to its planned end."""
    await _keep_work(tx, event, Work.COMPLETED)


async def on_assignment_terminated(tx: Tx, event: AssignmentTerminated) -> None:
    """A pair ended early."""
    await _keep_work(tx, event, Work.TERMINATED)


async def _keep_meeting(tx: Tx, event: MeetingFact, state: Meeting) -> None:
    fields = {"meeting_id", "revision", "assignment_id", "occurred_at", "giver_school", "taker_school"}
    await actions.keep_meeting(tx, {**event.model_dump(include=fields), "state": state.value})


async def on_meeting_planned(tx: Tx, event: MeetingPlanned) -> None:
    """A meeting has its time."""
    await _keep_meeting(tx, event, Meeting.PLANNED)


async def on_meeting_held(tx: Tx, event: MeetingHeld) -> None:
    """A meeting took place."""
    await _keep_meeting(tx, event, Meeting.HELD)


async def on_meeting_missed(tx: Tx, event: MeetingMissed) -> None:
    """A meeting did not take place."""
    await _keep_meeting(tx, event, Meeting.MISSED)


def subscriptions() -> list[Subscription[Any]]:
    """What reporting hears."""
    return [
        on(PlaceChanged, on_place_changed),
        on(MembershipChanged, on_membership_changed),
        on(CycleOpened, on_cycle_opened),
        on(CycleStageChanged, on_cycle_stage_changed),
        on(CampaignClosed, on_campaign_closed),
        on(ProfileTallied, on_profile_tallied),
        on(GainTallied, on_gain_tallied),
        on(GapClosed, on_gap_closed),
        on(SurveyTallied, on_survey_tallied),
        on(AssignmentOpened, on_assignment_opened),
        on(AssignmentActivated, on_assignment_activated),
        on(AssignmentCompleted, on_assignment_completed),
        on(AssignmentTerminated, on_assignment_terminated),
        on(MeetingPlanned, on_meeting_planned),
        on(MeetingHeld, on_meeting_held),
        on(MeetingMissed, on_meeting_missed),
    ]
