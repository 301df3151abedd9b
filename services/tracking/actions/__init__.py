"""What tracking does: one verb, one transaction."""

from services.tracking.actions.assignments import (
    Health,
    Seen,
    answer_help,
    choose_basis,
    complete,
    health_of,
    list_assignments,
    resume,
    suspend,
    terminate,
)
from services.tracking.actions.hearing import (
    forget_person,
    know_consent,
    know_cycle,
    know_member,
    know_paper,
    know_stage,
    open_assignment,
)
from services.tracking.actions.meetings import OwnMeeting, confirm_meeting, plan_meeting, reflect
from services.tracking.actions.meetings import list_own as list_own_meetings
from services.tracking.actions.passing_time import close_surveys, keep_dates, settle_silence, watch_pairs
from services.tracking.actions.programme import Own, achieve_goal, agree_goal, ask_for_help, wish_rematch
from services.tracking.actions.programme import list_own as list_own_assignments
from services.tracking.actions.surveys import (
    Progress,
    Question,
    answer_survey,
    close_survey,
    list_questions,
    look_at_survey,
    open_survey,
)

__all__ = [
    "Health",
    "Own",
    "OwnMeeting",
    "Progress",
    "Question",
    "Seen",
    "achieve_goal",
    "agree_goal",
    "answer_help",
    "answer_survey",
    "ask_for_help",
    "choose_basis",
    "close_survey",
    "close_surveys",
    "complete",
    "confirm_meeting",
    "forget_person",
    "health_of",
    "keep_dates",
    "know_consent",
    "know_cycle",
    "know_member",
    "know_paper",
    "know_stage",
    "list_assignments",
    "list_own_assignments",
    "list_own_meetings",
    "list_questions",
    "look_at_survey",
    "open_assignment",
    "open_survey",
    "plan_meeting",
    "reflect",
    "resume",
    "settle_silence",
    "suspend",
    "terminate",
    "watch_pairs",
    "wish_rematch",
]
