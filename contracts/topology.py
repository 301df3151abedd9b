"""The bus on one page: streams, who announces what, who hears what, and what the broker lets each service do.

Applied by `neo topology` (upsert, the difference printed first); services never declare streams or consumers.
"""

from dataclasses import dataclass, field

from contracts import diagnostics, documents, matching, registry, reporting, tracking
from contracts.event import Event

STREAM = "NEO"
DEAD_STREAM = "DEAD"
GAVE_UP_STREAM = "GAVE_UP"
ADVISORY = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES"
DAY = 24 * 3600.0

SERVICES = ("registry", "diagnostics", "matching", "tracking", "documents", "reporting")
GATEWAY = "gateway"
# Everybody who keeps a database and hears facts; the gateway announces none.
LISTENERS = (*SERVICES, GATEWAY)
# The desk of whoever is on duty: it looks at lag and dead letters and sends a letter again, and hears nothing.
OPERATIONS = "operations"
OWNERS = {
    "registry": registry,
    "diagnostics": diagnostics,
    "matching": matching,
    "tracking": tracking,
    "documents": documents,
    "reporting": reporting,
}


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations of the bus in seconds; fault tests run them a hundred times faster.

    `retry_delays` are the pauses before the second and later attempts of a handler that failed; when they are used
    up, the message becomes a dead letter. `deliveries` is the server's own net far above them.
    """

    ack_wait: float = 30.0
    retry_delays: tuple[float, ...] = (1.0, 10.0, 60.0, 600.0)
    duplicate_window: float = 600.0
    deliveries: int = 1000
    keep_events: float = 180 * DAY
    keep_dead: float = 365 * DAY
    keep_advisories: float = 90 * DAY


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of the bus: its name, its subjects, and how long it keeps what it holds (seconds)."""

    name: str
    subjects: tuple[str, ...]
    keep: float
    is_append_only: bool = False


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything that the broker must hold."""

    timing: Timing = field(default_factory=Timing)
    replicas: int = 1

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The three streams: facts, dead letters, and the server's notices of messages that it gave up."""
        return (
            Stream(STREAM, ("neo.>",), self.timing.keep_events, is_append_only=True),
            Stream(DEAD_STREAM, ("dead.>",), self.timing.keep_dead),
            Stream(GAVE_UP_STREAM, (f"{ADVISORY}.{STREAM}.>",), self.timing.keep_advisories),
        )


HEARS: dict[str, tuple[type[Event], ...]] = {
    "registry": (
        diagnostics.CampaignClosed,
        diagnostics.AnswersErased,
        matching.RunFinished,
        matching.PairingFormed,
        matching.AvailabilityErased,
        documents.DocumentInForce,
        documents.ConsentsErased,
        tracking.AssignmentActivated,
        tracking.TextsErased,
        reporting.ReportSigned,
        reporting.ReportSubmitted,
        reporting.ReportReturned,
        reporting.ReportAccepted,
    ),
    "diagnostics": (
        registry.CycleOpened,
        registry.CycleStageChanged,
        registry.PersonLeft,
        registry.PersonErased,
        registry.MembershipChanged,
        documents.ConsentGiven,
        documents.ConsentWithdrawn,
    ),
    "matching": (
        registry.PlaceChanged,
        registry.CycleOpened,
        registry.CycleStageChanged,
        registry.PersonLeft,
        registry.PersonErased,
        registry.MembershipChanged,
        diagnostics.DiagnosticCompleted,
        diagnostics.ProfileReleased,
        diagnostics.ProfileReleaseWithdrawn,
        diagnostics.StrengthConfirmed,
        diagnostics.NeedDeclared,
        diagnostics.NeedWithdrawn,
        diagnostics.OfferDeclared,
        diagnostics.OfferWithdrawn,
        documents.ConsentGiven,
        documents.ConsentWithdrawn,
        tracking.AssignmentTerminated,
        tracking.AssignmentCompleted,
        tracking.RematchRequested,
    ),
    "tracking": (
        registry.CycleOpened,
        registry.CycleStageChanged,
        registry.PersonLeft,
        registry.PersonErased,
        registry.MembershipChanged,
        diagnostics.CampaignOpened,
        diagnostics.CampaignClosed,
        diagnostics.DiagnosticCompleted,
        matching.PairingFormed,
        documents.ConsentGiven,
        documents.ConsentWithdrawn,
        documents.DocumentInForce,
    ),
    "documents": (
        registry.CycleOpened,
        registry.PersonLeft,
        registry.PersonErased,
        registry.MembershipChanged,
        matching.PairingFormed,
    ),
    "reporting": (
        registry.PlaceChanged,
        registry.CycleOpened,
        registry.CycleStageChanged,
        registry.MembershipChanged,
        diagnostics.CampaignClosed,
        diagnostics.ProfileTallied,
        diagnostics.GainTallied,
        diagnostics.GapClosed,
        tracking.AssignmentOpened,
        tracking.AssignmentActivated,
        tracking.AssignmentCompleted,
        tracking.AssignmentTerminated,
        tracking.MeetingPlanned,
        tracking.MeetingHeld,
        tracking.MeetingMissed,
        tracking.SurveyTallied,
    ),
    # Sessions end or ask the realm for new rights.
    GATEWAY: (registry.PersonLeft, registry.PersonErased, registry.MembershipChanged),
}


def durable_of(service: str, event: type[Event]) -> str:
    """The name of the durable consumer through which a service hears an event; later versions name theirs."""
    _, _, noun, verb, version = event.subject.split(".")
    return f"{service}-{noun}-{verb}" if version == "v1" else f"{service}-{noun}-{verb}-{version}"


def owner_of(event: type[Event]) -> str:
    """The service that announces an event."""
    return event.subject.split(".")[1]


def events_of(service: str) -> tuple[type[Event], ...]:
    """All events that a service owns, in the order of its contracts file; the gateway owns none."""
    if service not in OWNERS:
        return ()
    found = [
        thing
        for thing in vars(OWNERS[service]).values()
        if isinstance(thing, type) and issubclass(thing, Event) and thing.subject
    ]
    return tuple(event for event in found if owner_of(event) == service)


def all_events() -> tuple[type[Event], ...]:
    """All events of the city."""
    return tuple(event for service in SERVICES for event in events_of(service))


@dataclass(frozen=True, slots=True)
class Permissions:
    """The subjects that the broker lets one user publish and subscribe."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def permissions_of(service: str) -> Permissions:
    """Least privilege: a service publishes its own facts and dead letters and reads through its own consumers.

    That is why only matching can read levels: no other service has a consumer of `profile.released`.
    """
    durables = [durable_of(service, event) for event in HEARS.get(service, ())]
    publish = [f"neo.{service}.>"] if service in OWNERS else []
    publish += [f"dead.{service}.>", "$JS.API.INFO", f"$JS.API.STREAM.INFO.{STREAM}"]
    for durable in durables:
        publish += [
            f"$JS.API.CONSUMER.INFO.{STREAM}.{durable}",
            f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{durable}",
            f"$JS.ACK.{STREAM}.{durable}.>",
        ]
    return Permissions(tuple(publish), (f"_INBOX_{service}.>",))


def permissions_of_operations() -> Permissions:
    """What the desk may: look at streams and consumers, read and forget dead letters, send one to its subject again.

    It has no consumer and cannot read the stream of facts; a dead letter's content passes through it and is not shown.
    """
    publish = (
        "$JS.API.INFO",
        *(f"$JS.API.STREAM.INFO.{stream}" for stream in (STREAM, DEAD_STREAM, GAVE_UP_STREAM)),
        f"$JS.API.CONSUMER.LIST.{STREAM}",
        f"$JS.API.STREAM.MSG.GET.{DEAD_STREAM}",
        f"$JS.API.STREAM.MSG.DELETE.{DEAD_STREAM}",
        "neo.>",
    )
    return Permissions(publish, (f"_INBOX_{OPERATIONS}.>",))
