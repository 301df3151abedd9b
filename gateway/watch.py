"""Who came in and who went out, for whoever watches over the house: one line and one count each.

A line names a person by the opaque id, never by a name; it holds no token, no code and no secret of a browser.
"""

import logging
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter
from starlette.requests import Request

from chassis.refused import origin_of

log = logging.getLogger("neo.sign-in")


class Outcome(StrEnum):
    """What came of an attempt to sign in."""

    SIGNED_IN = "signed-in"
    UNKNOWN = "attempt-unknown"
    OTHER_ISSUER = "other-issuer"
    REFUSED = "refused"
    NOT_ACCEPTED = "not-accepted"
    REVOKED = "revoked"
    ISSUER_AWAY = "issuer-away"


class End(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "signed-out"
    EVERYWHERE = "everywhere"
    ONE_BY_ONE = "one-by-one"
    ROTATED = "rotated"
    ISSUER = "issuer"
    NOT_RENEWED = "not-renewed"
    EXPIRED = "expired"
    LEFT = "left"
    ERASED = "erased"


class Watch:
    """Counts and tells the sign-ins of one process, and how its sessions ended."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.sign_ins = Counter("sign_ins_total", "Attempts to sign in", ["outcome"], registry=self.registry)
        self.ends = Counter("sessions_ended_total", "Sessions that ended", ["reason"], registry=self.registry)

    def came(self, request: Request, outcome: Outcome, *, who: str = "", reason: str = "", how: str = "") -> None:
        """An attempt to sign in has ended; `how` is what the issuer says of the proof (`acr`)."""
        self.sign_ins.labels(outcome).inc()
        said = {"outcome": outcome, "caller": who or None, "reason": reason or None, "acr": how or None}
        level = logging.INFO if outcome is Outcome.SIGNED_IN else logging.WARNING
        log.log(level, "sign-in", extra={**said, **origin_of(request.scope)})

    def went(self, reason: End, *, who: str = "", count: int = 1) -> None:
        """So many sessions have ended."""
        if count:
            self.ends.labels(reason).inc(count)
            log.info("sessions ended", extra={"reason": reason, "caller": who or None, "count": count})
