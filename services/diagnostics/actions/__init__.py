"""What diagnostics does: one verb, one transaction."""

from services.diagnostics.actions.answers import keep_answers
from services.diagnostics.actions.campaigns import Plan, close_campaign, close_overdue, open_campaign
from services.diagnostics.actions.news import (
    forget_person,
    know_consents,
    know_cycle,
    know_leaver,
    know_member,
    know_stage,
)
from services.diagnostics.actions.releases import release, take_back
from services.diagnostics.actions.wishes import declare_need, declare_offer, withdraw_need, withdraw_offer

__all__ = [
    "Plan",
    "close_campaign",
    "close_overdue",
    "declare_need",
    "declare_offer",
    "forget_person",
    "keep_answers",
    "know_consents",
    "know_cycle",
    "know_leaver",
    "know_member",
    "know_stage",
    "open_campaign",
    "release",
    "take_back",
    "withdraw_need",
    "withdraw_offer",
]
