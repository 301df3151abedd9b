"""The privacy room: «Мои данные» for everybody, the access log and the erasures for the personal-data officer.

Everything here is read and written through the public API with the reader's own token.
"""

from fastapi import APIRouter

from chassis.doors import together
from gateway.portal.privacy import access_log, archive, erasures, my_data
from gateway.portal.reader import Portal


def router(portal: Portal) -> APIRouter:
    """The doors to the pages of privacy."""
    return together(*(module.doors(portal) for module in (my_data, access_log, erasures, archive)))
