"""What reporting does: keep facts, make and sign reports, publish."""

from services.reporting.actions.facts import (
    keep_campaign,
    keep_closed_gap,
    keep_cycle,
    keep_gain_tally,
    keep_meeting,
    keep_member,
    keep_place,
    keep_profile_tally,
    keep_stage,
    keep_survey_tally,
    keep_work,
)
from services.reporting.actions.publications import order_publication, publish_waiting
from services.reporting.actions.reports import (
    accept_report,
    compute_report,
    live_cells,
    return_report,
    review_report,
    sign_report,
    submit_report,
)

__all__ = [
    "accept_report",
    "compute_report",
    "keep_campaign",
    "keep_closed_gap",
    "keep_cycle",
    "keep_gain_tally",
    "keep_meeting",
    "keep_member",
    "keep_place",
    "keep_profile_tally",
    "keep_stage",
    "keep_survey_tally",
    "keep_work",
    "live_cells",
    "order_publication",
    "publish_waiting",
    "return_report",
    "review_report",
    "sign_report",
    "submit_report",
]
