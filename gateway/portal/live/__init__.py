"""Long jobs on their pages: how far each is in words, and the same as events while the page is open.

Pages of every room show them with `live/progress.html`; what one job waits for is the matter of its service.
"""

from fastapi import APIRouter

from gateway.portal.live import doors
from gateway.portal.reader import Portal


def router(portal: Portal) -> APIRouter:
    """The doors to long jobs."""
    return doors.router(portal)
