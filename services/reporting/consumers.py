"""Event doors of reporting: each fact becomes a row; a repeated one changes nothing."""

from collections.abc import Sequence
from typing import Any

from chassis.database import Row, Tx
from chassis.intake import Subscription, on_all
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


async def on_place_changed(tx: Tx, events: Sequence[PlaceChanged]) -> None:
    """The tree of places, with its dates."""
    fields = {"place_id", "revision", "kind", "parent", "name", "zone", "valid_from", "valid_to"}
    await actions.keep_places(tx, [event.model_dump(include=fields) for event in events])


async def on_membership_changed(tx: Tx, events: Sequence[MembershipChanged]) -> None:
    """Who counts in the staff."""
    fields = {"school_id", "person_id", "counts_in_staff", "joined_on", "left_on", "revision"}
    await actions.keep_members(
        tx, [{**event.model_dump(include=fields), "roles": list(event.roles)} for event in events]
    )


async def on_cycle_opened(tx: Tx, events: Sequence[CycleOpened]) -> None:
    """A cycle and its dates."""
    fields = {"school_id", "cycle_id", "starts_on", "ends_on"}
    await actions.keep_cycles(
        tx, [{**event.model_dump(include=fields), "opened_revision": event.revision} for event in events]
    )


async def on_cycle_stage_changed(tx: Tx, events: Sequence[CycleStageChanged]) -> None:
    """Where a cycle stands."""
    fields = {"school_id", "cycle_id", "stage"}
    await actions.keep_stages(
        tx, [{**event.model_dump(include=fields), "stage_revision": event.revision} for event in events]
    )


async def on_campaign_closed(tx: Tx, events: Sequence[CampaignClosed]) -> None:
    """How many were invited and scored."""
    fields = {"school_id", "campaign_id", "revision", "cycle_id", "wave", "invited", "scored", "occurred_at"}
    await actions.keep_campaigns(tx, [event.model_dump(include=fields) for event in events])


def _profile_tally(event: ProfileTallied) -> Row:
    fields = {"school_id", "campaign_id", "domain", "revision", "cycle_id", "wave", "occurred_at"}
    counts = {
        "assessments": event.n,
        "gaps": event.counts.get(CompetencyClass.DEFICIT_CONFIRMED, 0),
        "strengths": event.counts.get(CompetencyClass.STRENGTH_CONFIRMED, 0),
    }
    return {**event.model_dump(include=fields), **counts}


async def on_profile_tallied(tx: Tx, events: Sequence[ProfileTallied]) -> None:
    """Sums over the profiles of one domain."""
    await actions.keep_profile_tallies(tx, [_profile_tally(event) for event in events])


async def on_gain_tallied(tx: Tx, events: Sequence[GainTallied]) -> None:
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
    await actions.keep_gain_tallies(tx, [{**event.model_dump(include=fields), "pairs": event.n} for event in events])


async def on_gap_closed(tx: Tx, events: Sequence[GapClosed]) -> None:
    """A released deficit is closed."""
    fields = {"school_id", "cycle_id", "person_id", "competency", "occurred_at"}
    await actions.keep_closed_gaps(tx, [event.model_dump(include=fields) for event in events])


def _survey_tally(event: SurveyTallied) -> Row:
    fields = {"school_id", "survey_id", "role", "revision", "cycle_id", "invited", "occurred_at"}
    answered, satisfied = satisfaction_of(event.counts)
    return {**event.model_dump(include=fields), "answered": answered, "satisfied": satisfied}


async def on_survey_tallied(tx: Tx, events: Sequence[SurveyTallied]) -> None:
    """How many were asked, answered, were satisfied."""
    await actions.keep_survey_tallies(tx, [_survey_tally(event) for event in events])


async def _keep_works(tx: Tx, events: Sequence[AssignmentFact], state: Work) -> None:
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
    await actions.keep_works(tx, [{**event.model_dump(include=fields), "state": state.value} for event in events])


async def on_assignment_opened(tx: Tx, events: Sequence[AssignmentOpened]) -> None:
    """A pair awaits its papers."""
    await _keep_works(tx, events, Work.OPENED)


async def on_assignment_activated(tx: Tx, events: Sequence[AssignmentActivated]) -> None:
    """A pair works."""
    await _keep_works(tx, events, Work.ACTIVE)


async def on_assignment_completed(tx: Tx, events: Sequence[AssignmentCompleted]) -> None:
    """A pair came to its planned end."""
    await _keep_works(tx, events, Work.COMPLETED)


async def on_assignment_terminated(tx: Tx, events: Sequence[AssignmentTerminated]) -> None:
    """A pair ended early."""
    await _keep_works(tx, events, Work.TERMINATED)


async def _keep_meetings(tx: Tx, events: Sequence[MeetingFact], state: Meeting) -> None:
    fields = {"meeting_id", "revision", "assignment_id", "occurred_at", "giver_school", "taker_school"}
    await actions.keep_meetings(tx, [{**event.model_dump(include=fields), "state": state.value} for event in events])


async def on_meeting_planned(tx: Tx, events: Sequence[MeetingPlanned]) -> None:
    """A meeting has its time."""
    await _keep_meetings(tx, events, Meeting.PLANNED)


async def on_meeting_held(tx: Tx, events: Sequence[MeetingHeld]) -> None:
    """A meeting took place."""
    await _keep_meetings(tx, events, Meeting.HELD)


async def on_meeting_missed(tx: Tx, events: Sequence[MeetingMissed]) -> None:
    """A meeting did not take place."""
    await _keep_meetings(tx, events, Meeting.MISSED)


def subscriptions() -> list[Subscription[Any]]:
    """What reporting hears."""
    return [
        on_all(PlaceChanged, on_place_changed),
        on_all(MembershipChanged, on_membership_changed),
        on_all(CycleOpened, on_cycle_opened),
        on_all(CycleStageChanged, on_cycle_stage_changed),
        on_all(CampaignClosed, on_campaign_closed),
        on_all(ProfileTallied, on_profile_tallied),
        on_all(GainTallied, on_gain_tallied),
        on_all(GapClosed, on_gap_closed),
        on_all(SurveyTallied, on_survey_tallied),
        on_all(AssignmentOpened, on_assignment_opened),
        on_all(AssignmentActivated, on_assignment_activated),
        on_all(AssignmentCompleted, on_assignment_completed),
        on_all(AssignmentTerminated, on_assignment_terminated),
        on_all(MeetingPlanned, on_meeting_planned),
        on_all(MeetingHeld, on_meeting_held),
        on_all(MeetingMissed, on_meeting_missed),
    ]
