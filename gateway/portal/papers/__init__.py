"""The room of papers: a teacher's consents and orders, and the school's register of signed papers with their scans."""

from fastapi import APIRouter

from chassis.doors import together
from gateway.portal.papers import mine, register
from gateway.portal.reader import Portal


def router(portal: Portal) -> APIRouter:
    """The doors to papers."""
    return together(*(module.doors(portal) for module in (mine, register)))
