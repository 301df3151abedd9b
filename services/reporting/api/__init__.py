"""HTTP doors of reporting: a school's live numbers and reports, the district's queue, the published layer."""

from fastapi import APIRouter

from services.reporting.api import published, reports

router = APIRouter()
router.include_router(reports.router)
router.include_router(published.router)

__all__ = ["router"]
