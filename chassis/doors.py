"""The doors of a service: its routes, side by side in one list.

FastAPI keeps an included router as a router within a router: at each level every request looks through the routes
once to find its door and once more to go in, and the first request builds every route anew (ADR 0018). A room's prefix
and guards stand in its routes already, so they need no second router around them.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute

from chassis.problems import RESPONSES

VERSION = "/v1"


def doors(prefix: str = "", *, guards: Sequence[Any] = (), route_class: type[APIRoute] = APIRoute) -> APIRouter:
    """An empty room for doors under one prefix and one set of guards; errors are described as problems."""
    return APIRouter(prefix=VERSION + prefix, dependencies=list(guards), responses=RESPONSES, route_class=route_class)


def together(*rooms: APIRouter) -> APIRouter:
    """The doors of several rooms in one, in the order given."""
    joined = APIRouter()
    for room in rooms:
        joined.routes.extend(room.routes)
    return joined
