"""The AsyncAPI document holds together: references lead somewhere, each channel carries its own event."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts.topology import HEARS, LISTENERS, all_events, durable_of
from deploy.events import asyncapi

WRITTEN = Path(__file__).parents[2] / "docs" / "events.json"
LARGEST_BYTES = 1_500_000
LOCAL = re.compile(r"localhost|127\.0\.0\.1|0\.0\.0\.0|://[^/\"\s]*@|password", re.IGNORECASE)


def references(part: Any) -> Iterator[str]:
    """All references of a document, at any depth."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    if isinstance(part, list):
        for inner in part:
            yield from references(inner)


def followed(document: Any, reference: str) -> Any:
    """What a reference of the document leads to; raises KeyError when it leads nowhere."""
    for step in reference.removeprefix("#/").split("/"):
        document = document[step.replace("~1", "/").replace("~0", "~")]
    return document


def payload_name(document: Any, channel: str) -> str:
    """The name of the schema that the only message of a channel carries."""
    (message,) = document["channels"][channel]["messages"].values()
    payload: str = followed(document, message["$ref"])["payload"]["$ref"]
    return payload.rpartition("/")[2]


def test_every_reference_leads_somewhere() -> None:
    document = asyncapi()

    led = [followed(document, reference) for reference in references(document)]

    assert led
    assert all(led)


def test_every_channel_carries_the_event_of_its_subject() -> None:
    document = asyncapi()

    carried = {channel: payload_name(document, channel) for channel in document["channels"]}

    announced = {event.subject: event.__name__ for event in all_events()}
    heard = {durable_of(service, event): event.__name__ for service in LISTENERS for event in HEARS[service]}
    assert carried == {**announced, **heard}


def test_schema_in_the_document_has_the_fields_of_the_class() -> None:
    schemas = asyncapi()["components"]["schemas"]

    fields = {event.__name__: set(schemas[event.__name__]["properties"]) for event in all_events()}

    assert fields == {event.__name__: set(event.model_fields) for event in all_events()}


def test_document_is_small_and_says_neither_a_password_nor_a_local_address() -> None:
    text = WRITTEN.read_text(encoding="utf-8")

    assert len(text.encode()) < LARGEST_BYTES
    assert LOCAL.findall(text) == []


def test_document_is_the_same_at_each_writing() -> None:
    assert json.dumps(asyncapi(), sort_keys=True) == json.dumps(asyncapi(), sort_keys=True)
