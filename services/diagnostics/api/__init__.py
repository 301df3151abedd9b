"""HTTP doors of diagnostics: parse, act, answer."""

from fastapi import APIRouter

from services.diagnostics.api import (
    appeals,
    artefacts,
    campaigns,
    catalogue,
    change,
    completion,
    mine,
    observations,
    observers,
    profile,
    psychometrics,
    tests,
    wishes,
)
from services.diagnostics.api.catalogue import catalogue_page

__all__ = ["catalogue_page", "router"]

router = APIRouter()
for each in (
    catalogue,
    campaigns,
    completion,
    observers,
    mine,
    tests,
    observations,
    artefacts,
    wishes,
    profile,
    appeals,
    change,
    psychometrics,
):
    router.include_router(each.router)
