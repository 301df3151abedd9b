"""Tables and queries of diagnostics: the only place here with SQL."""

from services.diagnostics.store import campaigns, profiles, releases, sheets, staff, wishes
from services.diagnostics.store.campaigns import NOBODY, Campaign
from services.diagnostics.store.owner import Owner, OwnKey
from services.diagnostics.store.profiles import Standing
from services.diagnostics.store.releases import Release, Window
from services.diagnostics.store.sheets import Part, SheetKey
from services.diagnostics.store.staff import Membership
from services.diagnostics.store.tables import metadata
from services.diagnostics.store.wishes import Need, Offer

__all__ = [
    "NOBODY",
    "Campaign",
    "Membership",
    "Need",
    "Offer",
    "OwnKey",
    "Owner",
    "Part",
    "Release",
    "SheetKey",
    "Standing",
    "Window",
    "campaigns",
    "metadata",
    "profiles",
    "releases",
    "sheets",
    "staff",
    "wishes",
]
