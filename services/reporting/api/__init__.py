"""HTTP doors of reporting: a school's live numbers and reports, the district's queue, the published layer."""

from chassis.doors import together
from services.reporting.api import matrix, published, reports

router = together(reports.router, published.router, matrix.router)

__all__ = ["router"]
