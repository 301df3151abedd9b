"""Tables and queries of diagnostics: the only place here with SQL."""

from services.diagnostics.store import (
    appeals,
    artefacts,
    campaigns,
    comments,
    completion,
    lesson_notes,
    observers,
    profiles,
    psychometrics,
    releases,
    rubrics,
    sheets,
    sittings,
    staff,
    then_tests,
    wishes,
)
from services.diagnostics.store.appeals import Appeal
from services.diagnostics.store.artefacts import ArtefactOwner
from services.diagnostics.store.campaigns import NOBODY, Campaign
from services.diagnostics.store.lesson_notes import Notes
from services.diagnostics.store.owner import Owner, OwnKey
from services.diagnostics.store.profiles import Standing
from services.diagnostics.store.releases import Release, Window
from services.diagnostics.store.rubrics import Lesson, RatingKey
from services.diagnostics.store.sheets import LaidOut, Part, SheetKey
from services.diagnostics.store.sittings import Sitting, SittingKey
from services.diagnostics.store.staff import Membership
from services.diagnostics.store.tables import metadata
from services.diagnostics.store.wishes import Need, Offer

__all__ = [
    "NOBODY",
    "Appeal",
    "ArtefactOwner",
    "Campaign",
    "LaidOut",
    "Lesson",
    "Membership",
    "Need",
    "Notes",
    "Offer",
    "OwnKey",
    "Owner",
    "Part",
    "RatingKey",
    "Release",
    "SheetKey",
    "Sitting",
    "SittingKey",
    "Standing",
    "Window",
    "appeals",
    "artefacts",
    "campaigns",
    "comments",
    "completion",
    "lesson_notes",
    "metadata",
    "observers",
    "profiles",
    "psychometrics",
    "releases",
    "rubrics",
    "sheets",
    "sittings",
    "staff",
    "then_tests",
    "wishes",
]
