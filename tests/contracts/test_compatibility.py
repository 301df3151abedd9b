"""A fact keeps its id, levels stay where they belong, and a real event may only grow by optional fields."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import create_model

from contracts import diagnostics
from contracts.event import UNSET, Event
from contracts.topology import HEARS, SERVICES, all_events
from deploy.events import breaking_changes, sample_of

SNAPSHOTS = Path(__file__).parents[2] / "contracts" / "snapshots"
EVENTS = [pytest.param(event, id=event.subject) for event in all_events()]
ANOTHER = UUID(int=7)


def schema_of(event: type[Event]) -> dict[str, Any]:
    """The schema of an event as it is sent."""
    return event.model_json_schema(mode="serialization")


def told_again(event: type[Event], **changed: object) -> Event:
    """The sample of an event with other fields, its id derived anew."""
    return event.model_validate({**sample_of(event).model_dump(exclude={"event_id"}), **changed})


@pytest.mark.parametrize("event", EVENTS)
def test_same_fact_has_the_same_id_whenever_it_is_told(event: type[Event]) -> None:
    first = sample_of(event)

    later = told_again(event, recorded_at=first.recorded_at + timedelta(days=1))

    assert first.event_id == later.event_id != UNSET


@pytest.mark.parametrize("event", EVENTS)
def test_another_revision_or_another_aggregate_has_another_id(event: type[Event]) -> None:
    first = sample_of(event)
    kind = UUID if isinstance(getattr(first, event.aggregate[0]), UUID) else str

    revised = told_again(event, revision=first.revision + 1)
    elsewhere = told_again(event, **{event.aggregate[0]: kind(str(ANOTHER))})

    assert len({first.event_id, revised.event_id, elsewhere.event_id}) == 3


def test_no_two_subjects_share_an_id_even_for_the_same_aggregate() -> None:
    ids = Counter(sample_of(event).event_id for event in all_events())

    assert max(ids.values()) == 1


def test_given_id_is_kept() -> None:
    assert told_again(diagnostics.NeedDeclared, event_id=ANOTHER).event_id == ANOTHER


def measures(event: type[Event]) -> set[str]:
    """The fields that would tell one person's level: a number of a level or its error, a class of evidence."""
    return {
        name
        for name, field in event.model_fields.items()
        if (name.startswith(("level", "se10", "score_", "gap")) and field.annotation in (int, float))
        or field.annotation is diagnostics.CompetencyClass
    }


def test_only_a_released_profile_carries_levels_and_only_matching_hears_it() -> None:
    carriers = {event: measures(event) for event in all_events() if measures(event)}
    listeners = {service for service in SERVICES if diagnostics.ProfileReleased in HEARS[service]}

    assert carriers == {diagnostics.ProfileReleased: {"level10", "se10", "competency_class"}}
    assert listeners == {"matching"}


def test_reporting_hears_neither_releases_nor_their_withdrawal() -> None:
    heard = set(HEARS["reporting"])

    assert heard & {diagnostics.ProfileReleased, diagnostics.ProfileReleaseWithdrawn} == set()


@pytest.mark.parametrize("event", EVENTS)
def test_class_does_not_break_its_snapshot(event: type[Event]) -> None:
    snapshot = json.loads((SNAPSHOTS / f"{event.subject}.schema.json").read_text(encoding="utf-8"))

    assert breaking_changes(snapshot, schema_of(event)) == []


def grown(**fields: Any) -> dict[str, Any]:
    """The schema of a real event with further or other fields."""
    return schema_of(create_model("NeedDeclared", __base__=diagnostics.NeedDeclared, **fields))


def test_real_event_may_get_an_optional_field_and_nothing_else() -> None:
    old = schema_of(diagnostics.NeedDeclared)

    assert breaking_changes(old, grown(hours=(int | None, None), formats=(tuple[str, ...], ()))) == []
    assert breaking_changes(old, grown(hours=(int, ...))) == ["hours: new and required"]
    assert breaking_changes(grown(hours=(int | None, None)), old) == ["hours: removed"]
    assert [found.partition(":")[0] for found in breaking_changes(old, grown(competency=(int, ...)))] == ["competency"]
