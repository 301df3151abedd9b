"""The rules of diagnostics: catalogue and targets, forms and answers, raters, campaigns, releases."""

from services.diagnostics.domain.campaign import (
    CampaignState,
    advance_campaign,
    check_release,
    is_colleagues_mark_shown,
    must_be_open,
)
from services.diagnostics.domain.catalogue import (
    LEVELS,
    Bilingual,
    Catalogue,
    Competency,
    Domain,
    Form,
    Forms,
    Framework,
    Indicator,
    Level,
    Profile,
    Subject,
    Weights,
    target_for,
)
from services.diagnostics.domain.forms import check_answers, form_for
from services.diagnostics.domain.loading import load_catalogue
from services.diagnostics.domain.raters import Colleague, assign_observers, assign_raters

__all__ = [
    "LEVELS",
    "Bilingual",
    "CampaignState",
    "Catalogue",
    "Colleague",
    "Competency",
    "Domain",
    "Form",
    "Forms",
    "Framework",
    "Indicator",
    "Level",
    "Profile",
    "Subject",
    "Weights",
    "advance_campaign",
    "assign_observers",
    "assign_raters",
    "check_answers",
    "check_release",
    "form_for",
    "is_colleagues_mark_shown",
    "load_catalogue",
    "must_be_open",
    "target_for",
]
