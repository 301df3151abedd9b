"""`neo topology`: make the broker hold exactly what contracts/topology.py says; the difference is shown first."""

from dataclasses import dataclass
from typing import Any

from nats.aio.client import Client
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    ReplayPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from contracts.topology import HEARS, STREAM, Stream, Topology, durable_of


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between the broker and the topology."""

    kind: str
    name: str
    what: str


def _stream_config(stream: Stream, topology: Topology) -> StreamConfig:
    return StreamConfig(
        name=stream.name,
        subjects=list(stream.subjects),
        storage=StorageType.FILE,
        num_replicas=topology.replicas,
        max_age=stream.keep,
        duplicate_window=topology.timing.duplicate_window,
        discard=DiscardPolicy.OLD,
        deny_delete=stream.is_append_only,
        deny_purge=stream.is_append_only,
        allow_direct=True,
    )


def _consumer_configs(topology: Topology) -> list[ConsumerConfig]:
    timing = topology.timing
    return [
        ConsumerConfig(
            durable_name=durable_of(service, event),
            filter_subject=event.subject,
            ack_policy=AckPolicy.EXPLICIT,
            deliver_policy=DeliverPolicy.ALL,
            replay_policy=ReplayPolicy.INSTANT,
            ack_wait=timing.ack_wait,
            max_deliver=timing.deliveries,
            max_ack_pending=1000,
        )
        for service, events in HEARS.items()
        for event in events
    ]


def _differs(wanted: Any, found: Any, fields: tuple[str, ...]) -> list[str]:
    return [
        f"{field}: {getattr(found, field)!r} → {getattr(wanted, field)!r}"
        for field in fields
        if getattr(wanted, field) != getattr(found, field)
    ]


_STREAM_FIELDS = ("subjects", "max_age", "duplicate_window", "num_replicas")
_CONSUMER_FIELDS = ("filter_subject", "ack_wait", "max_deliver", "max_ack_pending")


async def difference(client: Client, topology: Topology) -> list[Change]:
    """What the broker lacks or holds otherwise; a consumer that nobody declares is named, not removed."""
    js = client.jetstream(timeout=10)
    changes = []
    for stream in topology.streams:
        wanted = _stream_config(stream, topology)
        try:
            found = (await js.stream_info(stream.name)).config
        except NotFoundError:
            changes.append(Change("stream", stream.name, "new"))
            continue
        if lines := _differs(wanted, found, _STREAM_FIELDS):
            changes.append(Change("stream", stream.name, "; ".join(lines)))
    return changes + await _consumer_differences(client, topology)


async def _consumer_differences(client: Client, topology: Topology) -> list[Change]:
    js = client.jetstream(timeout=10)
    known: dict[str, ConsumerConfig] = {}
    try:
        offset = 0
        while page := await js.consumers_info(STREAM, offset=offset):
            known.update({found.name: found.config for found in page if found.config is not None})
            offset += len(page)
    except NotFoundError:
        known = {}
    changes = []
    for wanted in _consumer_configs(topology):
        name = str(wanted.durable_name)
        found = known.pop(name, None)
        if found is None:
            changes.append(Change("consumer", name, "new"))
        elif lines := _differs(wanted, found, _CONSUMER_FIELDS):
            changes.append(Change("consumer", name, "; ".join(lines)))
    return changes + [Change("consumer", name, "unknown here, left alone") for name in sorted(known)]


async def apply(client: Client, topology: Topology, changes: list[Change]) -> None:
    """Upsert what differs (nats-server updates an existing consumer when it is added again)."""
    js = client.jetstream(timeout=10)
    changed = {(change.kind, change.name): change.what for change in changes}
    for stream in topology.streams:
        what = changed.get(("stream", stream.name))
        if what == "new":
            await js.add_stream(_stream_config(stream, topology))
        elif what is not None:
            await js.update_stream(_stream_config(stream, topology))
    for config in _consumer_configs(topology):
        if ("consumer", str(config.durable_name)) in changed:
            await js.add_consumer(STREAM, config)
