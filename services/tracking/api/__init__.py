"""HTTP doors of tracking: parse, act, answer."""

from fastapi import APIRouter

from services.tracking.api import assignments, mine, notifications, surveys

router = APIRouter()
router.include_router(assignments.router)
router.include_router(mine.router)
router.include_router(notifications.router)
router.include_router(surveys.router)

__all__ = ["router"]
