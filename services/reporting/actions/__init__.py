"""What reporting does: keep facts, make and sign reports, publish."""

from services.reporting.actions.facts import (
    keep_campaigns,
    keep_closed_gaps,
    keep_cycles,
    keep_gain_tallies,
    keep_meetings,
    keep_members,
    keep_places,
    keep_profile_tallies,
    keep_stages,
    keep_survey_tallies,
    keep_works,
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
    "keep_campaigns",
    "keep_closed_gaps",
    "keep_cycles",
    "keep_gain_tallies",
    "keep_meetings",
    "keep_members",
    "keep_places",
    "keep_profile_tallies",
    "keep_stages",
    "keep_survey_tallies",
    "keep_works",
    "live_cells",
    "order_publication",
    "publish_waiting",
    "return_report",
    "review_report",
    "sign_report",
    "submit_report",
]
