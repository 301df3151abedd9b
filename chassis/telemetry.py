"""Metrics and logs: counts, durations, ids; never a name, a token or an answer."""

import json
import logging
import re
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from nats.js.errors import NotFoundError
from prometheus_client import CollectorRegistry, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.database import TROUBLE, Database
from chassis.refused import Watch, notes_of
from chassis.trace import continue_trace, current_trace
from contracts.topology import STREAM

if TYPE_CHECKING:
    from chassis.bus import Bus

# It sets up handlers of its own, which write plain text.
_OF_THE_SERVER = ("uvicorn", "uvicorn.error", "uvicorn.access")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# PostgreSQL and its driver quote the value or the row that they refuse.
_QUOTED = re.compile(
    r"(DETAIL:|invalid input for query argument \$\d+:|invalid input syntax for type [\w ]+:)"
    r".*?(?=\n\[SQL: |\n\nThe above exception|\n\nDuring handling|\Z)",
    re.DOTALL,
)
# JSON lets these stand as they are; to some readers they are the end of a line, or an order to a terminal.
_UNSEEN = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_OUTBOX = "select count(*), coalesce(extract(epoch from clock_timestamp() - min(queued_at)), 0) from outbox"


class JsonLines(logging.Formatter):
    """One JSON object per line, with the trace id."""

    def format(self, record: logging.LogRecord) -> str:
        """A line; extras that were given to the logger become fields."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace := current_trace():
            line["trace"] = trace.split("-")[1]
        line.update({key: value for key, value in vars(record).items() if key not in _STANDARD})
        if record.exc_info:
            line["error"] = _QUOTED.sub(r"\1 …", self.formatException(record.exc_info))
        return _UNSEEN.sub(lambda one: f"\\u{ord(one[0]):04x}", json.dumps(line, ensure_ascii=False, default=str))


def json_lines(to: TextIO) -> logging.Handler:
    """A log handler that writes JSON lines to a stream."""
    handler = logging.StreamHandler(to)
    handler.setFormatter(JsonLines())
    return handler


def log_as_json(level: int = logging.INFO) -> None:
    """Send the logs of this process to the standard error stream as JSON lines, those of its HTTP server too."""
    logging.basicConfig(level=level, handlers=[json_lines(sys.stderr)], force=True)
    for name in _OF_THE_SERVER:
        server = logging.getLogger(name)
        server.handlers.clear()
        server.propagate = True
    # It tells each address that it calls, with what stands in the query.
    logging.getLogger("httpx").setLevel(logging.WARNING)


class Requests:
    """Times each request by its route's template, tells refused ones, continues the trace and answers its id."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self.app = app
        self.seconds = Histogram(
            "http_request_duration_seconds", "Requests", ["route", "method", "status"], registry=registry
        )
        self.watch = Watch(registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace = continue_trace(dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1") or None)
        began = time.perf_counter()
        status = 500
        # Before anything copies the scope.
        notes_of(scope)

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", []).append((b"x-request-id", trace.split("-")[1].encode()))
            await send(message)

        try:
            await self.app(scope, receive, answer)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            self.seconds.labels(route, scope["method"], str(status)).observe(time.perf_counter() - began)
            if status >= 400:
                self.watch.look(scope, route, status)


class Gauges:
    """What nothing else measures: how far the consumers lag, and how old the outbox is."""

    def __init__(self, registry: CollectorRegistry) -> None:
        consumer = ["consumer"]
        self.pending = Gauge("consumer_pending", "Facts not yet delivered", consumer, registry=registry)
        self.unacked = Gauge("consumer_ack_pending", "Facts delivered, not acked", consumer, registry=registry)
        self.redelivered = Gauge("consumer_redelivered", "Facts delivered again", consumer, registry=registry)
        self.outbox_rows = Gauge("outbox_rows", "Facts that wait for the relay", registry=registry)
        self.outbox_oldest = Gauge("outbox_oldest_seconds", "Age of the oldest waiting fact", registry=registry)
        self.key_failures = Gauge("jwks_refresh_failures_total", "Failed fetches of keys", registry=registry)

    async def look(self, db: Database, bus: "Bus", durables: Iterable[str]) -> None:
        """Read the gauges; what does not answer keeps its last value."""
        try:
            async with db.transaction() as tx:
                ((rows, oldest),) = await tx.raw.fetch(_OUTBOX)
            self.outbox_rows.set(rows)
            self.outbox_oldest.set(float(oldest))
        except TROUBLE:
            logging.getLogger("neo.telemetry").warning("outbox cannot be read")
        for durable in durables:
            try:
                known = await bus.js.consumer_info(STREAM, durable)
            except NotFoundError:
                continue
            self.pending.labels(durable).set(known.num_pending or 0)
            self.unacked.labels(durable).set(known.num_ack_pending or 0)
            self.redelivered.labels(durable).set(known.num_redelivered or 0)
