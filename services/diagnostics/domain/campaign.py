"""The steps of a campaign, and what a person may release from the own profile."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from chassis.refusals import Conflict, Invalid
from services.diagnostics.scoring import Assessment, CompetencyClass, Parameters


class CampaignState(StrEnum):
    """OPEN takes answers; CLOSED never again."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"

    @property
    def legal_steps(self) -> tuple["CampaignState", ...]:
        """The states that may follow."""
        return (CampaignState.CLOSED,) if self is CampaignState.OPEN else ()


FIRST_WAVE, SECOND_WAVE = 1, 2
# The stage of the school's cycle in which each wave is opened.
STAGE_OF_WAVE = {FIRST_WAVE: "DIAGNOSTICS_OPEN", SECOND_WAVE: "POST_DIAGNOSTICS"}
PLACE_TIME_ZONE = "Europe/Moscow"


def day_at_place(now: datetime) -> date:
    """The day that it is at the school."""
    return now.astimezone(ZoneInfo(PLACE_TIME_ZONE)).date()


def is_overdue(closes_on: date, today: date) -> bool:
    """Is the last day for answers, which is whole, over?"""
    return closes_on < today


def check_opening(wave: int, *, stage: str, waves: Mapping[int, CampaignState]) -> None:
    """A wave is opened once in a cycle, in its stage, and never beside the other wave.

    Refused as `campaign.cycle-not-ready` with the stage, `campaign.wave-taken` or `campaign.first-wave-open`.
    """
    if wave in waves:
        raise Conflict("campaign.wave-taken", field="wave", wave=wave)
    if stage != STAGE_OF_WAVE[wave]:
        raise Conflict(
            "campaign.cycle-not-ready",
            field="cycle_id",
            stage=stage,
            needed=STAGE_OF_WAVE[wave],
            state=stage,
            legal=[],
        )
    if CampaignState.OPEN in waves.values():
        raise Conflict("campaign.first-wave-open", field="wave", state=CampaignState.OPEN.value, legal=["CLOSED"])


def check_closing_day(closes_on: date, today: date) -> None:
    """The last day for answers has not passed; refused as `campaign.closes-in-past`."""
    if is_overdue(closes_on, today):
        raise Invalid("campaign.closes-in-past", field="closes_on")


def advance_campaign(state: CampaignState, to: CampaignState) -> CampaignState:
    """Take a campaign a step further; refused as `campaign.step-not-legal` with the legal steps."""
    if to not in state.legal_steps:
        raise Conflict(
            "campaign.step-not-legal",
            field="state",
            state=state.value,
            legal=[step.value for step in state.legal_steps],
        )
    return to


def must_be_open(state: CampaignState) -> None:
    """Answers, ratings and observations come while a campaign is open; refused as `campaign.closed`."""
    if state is not CampaignState.OPEN:
        raise Conflict(
            "campaign.closed",
            field="state",
            state=state.value,
            legal=[step.value for step in state.legal_steps],
        )


def takes_answers(state: CampaignState, opens_on: date | None, *, today: date) -> bool:
    """Is the campaign open, and has the first day of its window come?"""
    return state is CampaignState.OPEN and (opens_on is None or opens_on <= today)


def must_take_answers(state: CampaignState, opens_on: date | None, *, today: date) -> None:
    """Answers come from the first day of the window on; refused as `campaign.closed` or `campaign.not-begun`."""
    must_be_open(state)
    if opens_on is not None and not takes_answers(state, opens_on, today=today):
        raise Conflict("campaign.not-begun", field="opens_on", day=opens_on.isoformat(), state=state.value, legal=[])


def check_release(assessment: Assessment | None, *, is_under_appeal: bool = False) -> Assessment:
    """What may leave the own profile when its owner says so, one competency at a time.

    Only what has been scored (`release.not-scored`), is not under the owner's own appeal
    (`release.under-appeal`) and is more than a question: UNCERTAIN (`release.uncertain`) only asks for one
    more source and would be read by others as a verdict. All other classes may be released, a self-declared
    deficit and an offered strength too: they say of themselves that nobody has confirmed them. Taking a
    release back is always allowed and needs no rule.
    """
    if assessment is None:
        raise Conflict("release.not-scored", field="competency")
    if is_under_appeal:
        raise Conflict("release.under-appeal", field="competency")
    if assessment.competency_class is CompetencyClass.UNCERTAIN:
        raise Conflict("release.uncertain", field="competency")
    return assessment


def is_colleagues_mark_shown(raters: int, parameters: Parameters) -> bool:
    """Are there enough colleagues to show their mark by itself without pointing at one of them?"""
    return raters >= parameters.visible_raters
