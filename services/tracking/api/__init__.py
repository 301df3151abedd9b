"""HTTP doors of tracking: parse, act, answer."""

from chassis.doors import together
from services.tracking.api import assignments, mine, notifications, surveys

router = together(assignments.router, mine.router, notifications.router, surveys.router)

__all__ = ["router"]
