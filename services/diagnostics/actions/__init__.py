"""What diagnostics does: one verb, one transaction."""

from services.diagnostics.actions.answers import keep_answers
from services.diagnostics.actions.appeals import (
    Decision,
    Filing,
    decide_appeal,
    file_appeal,
    tag_of_appeal,
    withdraw_appeal,
)
from services.diagnostics.actions.artefacts import hand_in, take_artefact_back
from services.diagnostics.actions.campaigns import Plan, close_campaign, close_overdue, open_campaign
from services.diagnostics.actions.closing import compared
from services.diagnostics.actions.comments import comment, delete_comment
from services.diagnostics.actions.completion import due, participation
from services.diagnostics.actions.lesson_notes import keep_notes
from services.diagnostics.actions.news import (
    forget_person,
    know_consents,
    know_cycle,
    know_leaver,
    know_member,
    know_stage,
)
from services.diagnostics.actions.observers import assign_observer, release_observer, tag_of_assignment
from services.diagnostics.actions.psychometrics import (
    PsychometricsWorker,
    cancel_psychometrics,
    order_psychometrics,
)
from services.diagnostics.actions.releases import release, take_back
from services.diagnostics.actions.rubrics import observe_lesson, rate_artefact
from services.diagnostics.actions.sittings import sit_test, tests_of
from services.diagnostics.actions.then_test import ThenTest, answer_then_test, then_test_of
from services.diagnostics.actions.wishes import declare_need, declare_offer, withdraw_need, withdraw_offer

__all__ = [
    "Decision",
    "Filing",
    "Plan",
    "PsychometricsWorker",
    "ThenTest",
    "answer_then_test",
    "assign_observer",
    "cancel_psychometrics",
    "close_campaign",
    "close_overdue",
    "comment",
    "compared",
    "decide_appeal",
    "declare_need",
    "declare_offer",
    "delete_comment",
    "due",
    "file_appeal",
    "forget_person",
    "hand_in",
    "keep_answers",
    "keep_notes",
    "know_consents",
    "know_cycle",
    "know_leaver",
    "know_member",
    "know_stage",
    "observe_lesson",
    "open_campaign",
    "order_psychometrics",
    "participation",
    "rate_artefact",
    "release",
    "release_observer",
    "sit_test",
    "tag_of_appeal",
    "tag_of_assignment",
    "take_artefact_back",
    "take_back",
    "tests_of",
    "then_test_of",
    "withdraw_appeal",
    "withdraw_need",
    "withdraw_offer",
]
