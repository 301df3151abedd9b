"""The users of the broker, each with the least that it needs, written from the topology."""

import json
from collections.abc import Callable

from contracts.topology import LISTENERS, OPERATIONS, Permissions, permissions_of, permissions_of_operations

ADMIN = "admin"
USERS = (ADMIN, *LISTENERS, OPERATIONS)
_HEAD = "# Written by `./neo events` from contracts/topology.py; do not edit. Passwords come from the environment.\n"


def users(password_of: Callable[[str], str]) -> str:
    """The `authorization` block; `password_of` gives a quoted password or the name of a variable."""
    lines = [f"    {{user: {ADMIN}, password: {password_of(ADMIN)}}}"]
    for service in (*LISTENERS, OPERATIONS):
        allowed = _allowed(service)
        may = f"{{publish: {json.dumps(allowed.publish)}, subscribe: {json.dumps(allowed.subscribe)}}}"
        lines.append(f"    {{user: {service}, password: {password_of(service)}, permissions: {may}}}")
    joined = ",\n".join(lines)
    return f"authorization {{\n  users: [\n{joined}\n  ]\n}}\n"


def _allowed(user: str) -> Permissions:
    return permissions_of_operations() if user == OPERATIONS else permissions_of(user)


def users_file() -> str:
    """The file that nats.conf includes in containers."""
    return _HEAD + users(lambda name: f"${name.upper()}_NATS_PASSWORD")
