"""Refused requests, for whoever watches over the house: one line and one count each, without a word of content.

The line says when (UTC), what (slug, status, route by its template), who (the opaque id of a person, or the name of a
program) and from where (inside, outside or this machine, and a mark). A mark is the same for one address as long as the
process lives and leads back to no address, because its key is kept nowhere.
"""

import hmac
import ipaddress
import logging
import secrets
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter
from starlette.types import Scope

NOTES = "neo.notes"
# Told by whoever stands nearer to the rule; who only passes such an answer on says so with this slug.
PASSED_ON = "passed-on"
TELLING = frozenset({401, 403, 429})
MARK_LETTERS = 12
_KEY = secrets.token_bytes(32)

log = logging.getLogger("neo.refused")


@dataclass(slots=True)
class Notes:
    """What is learned of a request while it is served: who it is, and by which rule it was refused."""

    caller: str = ""
    slug: str = ""


def notes_of(scope: Scope) -> Notes:
    """The notes of a request; copies of its scope share them once the outermost has made them."""
    found = scope.get(NOTES)
    if not isinstance(found, Notes):
        found = scope[NOTES] = Notes()
    return found


class Watch:
    """Counts and tells the refused requests of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.refusals = Counter("refusals_total", "Refused requests", ["slug", "status"], registry=registry)

    def look(self, scope: Scope, route: str, status: int) -> None:
        """Tell a request that was refused, by a rule of this process or of whoever it was passed on to."""
        notes = notes_of(scope)
        if notes.slug:
            self.refusals.labels(notes.slug, str(status)).inc()
        elif status not in TELLING:
            return
        said = {
            "slug": notes.slug or PASSED_ON,
            "status": status,
            "method": scope["method"],
            "route": route,
            "caller": notes.caller or None,
            **origin_of(scope),
        }
        log.info("refused", extra=said)


def origin_of(scope: Scope) -> dict[str, str]:
    """Where a request comes from, as a log may know it: the class of the address, and its mark."""
    host = str((scope.get("client") or ("",))[0])
    return {"from_class": _class_of(host), "from_mark": hmac.digest(_KEY, host.encode(), "sha256").hex()[:MARK_LETTERS]}


def _class_of(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    if address.is_loopback:
        return "this-machine"
    return "inside" if address.is_private else "outside"
