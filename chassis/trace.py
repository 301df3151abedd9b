"""The W3C trace context: one id from the HTTP request through the outbox to the last effect."""

import re
import secrets
from contextvars import ContextVar

# Ids of zeros alone are none (§3.2.2).
_WELL_FORMED = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def new_traceparent() -> str:
    """A fresh trace (https://www.w3.org/TR/trace-context/, version 00, sampled)."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def child_of(traceparent: str | None) -> str:
    """A new span of a given trace, or a fresh trace when the given one is not well formed."""
    if traceparent is None or not _WELL_FORMED.fullmatch(traceparent):
        return new_traceparent()
    version, trace, _, flags = traceparent.split("-")
    return f"{version}-{trace}-{secrets.token_hex(8)}-{flags}"


def continue_trace(traceparent: str | None) -> str:
    """Make the given trace (or a fresh one) current in this task."""
    mine = child_of(traceparent)
    _current.set(mine)
    return mine


def current_trace() -> str | None:
    """The trace of this task, if there is one."""
    return _current.get()
