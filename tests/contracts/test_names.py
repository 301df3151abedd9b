"""Four names, one rule; no personal data; and the document names everybody who announces and hears."""

import re
from collections import Counter

import pytest

from contracts.event import Event
from contracts.topology import GATEWAY, HEARS, LISTENERS, OWNERS, SERVICES, all_events, durable_of, events_of, owner_of
from deploy.events import asyncapi

EVENTS = [pytest.param(event, id=event.__name__) for event in all_events()]
SUBJECT = re.compile(r"neo\.(?P<owner>[a-z]+)\.(?P<noun>[a-z_]+)\.(?P<verb>[a-z_]+)\.v(?P<major>[1-9]\d*)")
# Words of fields that would carry somebody's name, contact, text or answer.
PERSONAL = re.compile(
    r"(^|_)(names?|surname|patronymic|e?mail|phone|texts?|answers?|comments?|notes?|address|birth|birthday|snils|"
    r"passport|login|username|photo|title)(_|$)"
)
# What a school is called is written over its door.
NOT_PERSONAL = {("PlaceChanged", "name")}


def camel(*words: str) -> str:
    return "".join(part.capitalize() for word in words for part in word.split("_"))


@pytest.mark.parametrize("event", EVENTS)
def test_class_owner_and_durable_follow_from_the_subject(event: type[Event]) -> None:
    found = SUBJECT.fullmatch(event.subject)

    assert found is not None
    assert event.__name__ == camel(found["noun"], found["verb"])
    assert owner_of(event) == found["owner"]
    assert event.__module__ == f"contracts.{found['owner']}"
    assert durable_of("reporting", event) == f"reporting-{found['noun']}-{found['verb']}"


def test_no_two_events_share_a_subject_a_class_or_a_durable() -> None:
    subjects = Counter(event.subject for event in all_events())
    classes = Counter(event.__name__ for event in all_events())
    durables = Counter(durable_of(service, event) for service in LISTENERS for event in HEARS[service])

    assert max(subjects.values()) == max(classes.values()) == max(durables.values()) == 1


def test_every_event_in_a_contracts_file_belongs_to_the_owner_of_that_file() -> None:
    for service, contract in OWNERS.items():
        declared = {
            thing
            for thing in vars(contract).values()
            if isinstance(thing, type)
            and issubclass(thing, Event)
            and thing.subject
            and thing.__module__ == contract.__name__
        }

        assert declared == set(events_of(service))


def test_nobody_hears_what_nobody_announces() -> None:
    assert set(HEARS) - {GATEWAY} == set(SERVICES) == set(OWNERS)
    assert set(HEARS) == set(LISTENERS)
    assert {event for events in HEARS.values() for event in events} <= set(all_events())


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_hears_itself(service: str) -> None:
    assert {event for event in HEARS[service] if owner_of(event) == service} == set()


@pytest.mark.parametrize("event", EVENTS)
def test_no_field_smells_of_personal_data(event: type[Event]) -> None:
    smelly = {field for field in event.model_fields if PERSONAL.search(field)} - {
        field for owner, field in NOT_PERSONAL if owner == event.__name__
    }

    assert smelly == set()


@pytest.mark.parametrize("event", EVENTS)
def test_event_says_what_happened_and_what_it_is_about(event: type[Event]) -> None:
    assert event.__doc__
    assert event.__doc__ != Event.__doc__
    assert set(event.aggregate) <= set(event.model_fields)
    assert event.model_config.get("frozen") is True
    assert event.model_config.get("extra") == "ignore"


def test_document_names_everybody_who_announces_and_hears() -> None:
    document = asyncapi()

    operations = {name: operation["action"] for name, operation in document["operations"].items()}
    channels = {name: channel["address"] for name, channel in document["channels"].items()}
    hears = {durable_of(service, event): event.subject for service in LISTENERS for event in HEARS[service]}
    assert document["asyncapi"] == "3.0.0"
    assert set(document["servers"]) == set(LISTENERS)
    assert operations == {**{event.subject: "send" for event in all_events()}, **dict.fromkeys(hears, "receive")}
    assert channels == {**{event.subject: event.subject for event in all_events()}, **hears}


def test_document_holds_no_address_with_a_password() -> None:
    assert {server["host"] for server in asyncapi()["servers"].values()} == {"nats:4222"}
