"""HTTP doors of tracking: parse, act, answer."""

from chassis.doors import together
from chassis.look_doors import look_doors
from services.tracking.api import assignments, mine, notifications, surveys
from services.tracking.domain.looks import What

router = together(assignments.router, mine.router, notifications.router, surveys.router, look_doors(What.LOOKS))

__all__ = ["router"]
