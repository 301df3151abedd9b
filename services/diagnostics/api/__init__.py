"""HTTP doors of diagnostics: parse, act, answer."""

from fastapi import APIRouter

from services.diagnostics.api import campaigns, catalogue, mine, wishes
from services.diagnostics.api.catalogue import catalogue_page

__all__ = ["catalogue_page", "router"]

router = APIRouter()
for each in (catalogue, campaigns, mine, wishes):
    router.include_router(each.router)
