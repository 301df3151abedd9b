"""`./neo events`: what the house says of its events, for reviewers and for those who listen from outside.

Schema and sample of every event stand in `contracts/snapshots`; `docs/events.json` is one AsyncAPI document of all
channels, with who announces and who hears. All of it is written from the contracts and the topology, in stable order.
"""

import inspect
import json
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Union
from uuid import UUID, uuid5

from faststream.nats import JStream, NatsBroker, PullSub
from faststream.specification import AsyncAPI
from pydantic import AwareDatetime

from contracts.event import NAMESPACE, Event
from contracts.topology import HEARS, LISTENERS, STREAM, all_events, durable_of, events_of

Json = dict[str, Any]

SAMPLE_DAY = date(2026, 10, 12)
SAMPLE_MOMENT = datetime(2026, 10, 12, 9, tzinfo=UTC)
# Strings look like what they stand for; any other string says its own field's name.
_EXAMPLES = {
    "school_id": "spb-693",
    "owner_school": "spb-112",
    "giver_school": "spb-693",
    "taker_school": "spb-112",
    "school_ids": "spb-693",
    "place_id": "spb-693",
    "parent": "vyborgsky",
    "succeeded_by": "spb-112",
    "zone": "Europe/Moscow",
    "competency": "D08",
    "domain": "D",
    "role": "teacher",
    "roles": "teacher",
    "role_profiles": "SUBJECT_TEACHER",
    "subjects": "mathematics",
    "sha256": "0" * 64,
    "version": "2026.1",
}
# What a schema says to a reader only; it binds no message.
_FOR_READERS = frozenset({"title", "description", "default", "examples"})


def sample_of(event: type[Event]) -> Event:
    """A message as it might be; the same at each call."""
    fields = {name: _value(name, field.annotation) for name, field in event.model_fields.items() if name != "event_id"}
    return event.model_validate({**fields, **_least(event)})


def _least(event: type[Event]) -> Json:
    """The least number that each bounded field allows."""
    properties = event.model_json_schema()["properties"]
    return {name: schema["minimum"] for name, schema in properties.items() if schema.get("minimum")}


_SAMPLES: dict[Any, Any] = {bool: True, int: 1, float: 1.5, date: SAMPLE_DAY, AwareDatetime: SAMPLE_MOMENT}


def _value(name: str, kind: Any) -> Any:
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        return _value(name, inside[0])
    if origin is tuple:
        return (_value(name, inside[0]),)
    if origin is dict:
        return {_value("key", inside[0]): _value("value", inside[1])}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if kind is UUID:
        return uuid5(NAMESPACE, name)
    return _SAMPLES.get(kind, _EXAMPLES.get(name, name))


def _written(thing: Any) -> str:
    return json.dumps(thing, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def snapshots() -> dict[str, str]:
    """The files of `contracts/snapshots` by their names, as they ought to be."""
    files = {}
    for event in all_events():
        files[f"{event.subject}.schema.json"] = _written(event.model_json_schema(mode="serialization"))
        files[f"{event.subject}.sample.json"] = _written(sample_of(event).model_dump(mode="json"))
    return files


def write_snapshots(folder: Path) -> None:
    """Write schema and sample of every event; those of events that are no more are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    files = snapshots()
    for known in folder.glob("*.json"):
        if known.name not in files:
            known.unlink()
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")


def breaking_changes(old: Json, new: Json) -> list[str]:
    """What in a new schema of an event would hurt listeners, or messages that wait in streams and journals.

    Inside a major version only new optional fields are allowed: a field that is gone, a new field that must be there,
    and anything else about a known field (its type, its bounds, the values of its enumeration) breaks one or the other.
    """
    before, after = old.get("properties", {}), new.get("properties", {})
    must, must_now = set(old.get("required", ())), set(new.get("required", ()))
    found = [f"{name}: removed" for name in sorted(before.keys() - after.keys())]
    found += [f"{name}: new and required" for name in sorted(must_now - before.keys())]
    found += [f"{name}: required now" for name in sorted((must_now & before.keys()) - must)]
    for name in sorted(before.keys() & after.keys()):
        was, is_now = _binding(before[name], old), _binding(after[name], new)
        if was != is_now:
            found.append(f"{name}: {_short(was)} → {_short(is_now)}")
    return found


def _binding(part: Any, root: Mapping[str, Any]) -> Any:
    """A part of a schema with its references resolved and without what only readers see."""
    if isinstance(part, Mapping):
        if "$ref" in part:
            return _binding(root["$defs"][part["$ref"].rpartition("/")[2]], root)
        return {key: _binding(value, root) for key, value in part.items() if key not in _FOR_READERS}
    if isinstance(part, Sequence) and not isinstance(part, str):
        return [_binding(one, root) for one in part]
    return part


def _short(part: Any) -> str:
    return json.dumps(part, ensure_ascii=False, sort_keys=True)


def _broker_of(service: str) -> NatsBroker:
    """A broker that only describes: what a service announces, and what it hears through which consumer."""
    stream = JStream(STREAM, declare=False)
    broker = NatsBroker(specification_url="nats://nats:4222", description=f"As the user {service}")
    for event in events_of(service):
        said = inspect.getdoc(event)
        broker.publisher(event.subject, schema=event, stream=stream, title=event.subject, description=said)
    for event in HEARS[service]:
        durable = durable_of(service, event)
        said = f"{service} hears {event.__name__}."
        subscriber = broker.subscriber(
            event.subject, stream=stream, durable=durable, pull_sub=PullSub(), title=durable, description=said
        )
        subscriber(_reader_of(event))
    return broker


def _reader_of(event: type[Event]) -> Any:
    async def take(body: Event) -> None:
        """Nothing: it lends its annotation to the document."""

    take.__annotations__["body"] = event
    return take


def asyncapi() -> Json:
    """One AsyncAPI 3.0 document of all channels; each service is a server, as it has a user of its own there."""
    described = AsyncAPI(
        *(_broker_of(service) for service in LISTENERS),
        title="NEO mentoring",
        version="1",
        description="Facts that the services announce and hear. Written by `./neo events`; do not edit.",
    )
    written = json.dumps(described.to_specification().to_jsonable(), ensure_ascii=False)
    for known, service in _server_names():
        written = written.replace(f'"{known}"', f'"{service}"').replace(f'servers/{known}"', f'servers/{service}"')
    document: Json = json.loads(written)
    return document


def _server_names() -> Iterator[tuple[str, str]]:
    """FastStream numbers the servers in the order of the brokers."""
    for number, service in enumerate(LISTENERS, start=1):
        yield f"Server{number}", service


def write_asyncapi(path: Path) -> None:
    """Write the AsyncAPI document, its keys in order: FastStream walks over sets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_written(asyncapi()), encoding="utf-8")
