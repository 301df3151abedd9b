"""Snapshots of events: they are up to date, and between two of them nothing breaks."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from contracts.event import Event
from contracts.topology import all_events
from deploy.events import breaking_changes, sample_of, snapshots, write_asyncapi, write_snapshots

ROOT = Path(__file__).parents[2]
SNAPSHOTS = ROOT / "contracts" / "snapshots"
MEND = "regenerate with ./neo events"
# What a change is compared with: the branch that it will join, or the last commit.
BASES = ("origin/main", "main", "HEAD")

EVENTS = [pytest.param(event, id=event.subject) for event in all_events()]


def test_snapshots_are_up_to_date() -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in SNAPSHOTS.glob("*")}

    assert found == snapshots(), MEND


def test_asyncapi_document_is_up_to_date_to_the_letter(tmp_path: Path) -> None:
    write_asyncapi(tmp_path / "events.json")

    assert (tmp_path / "events.json").read_bytes() == (ROOT / "docs" / "events.json").read_bytes(), MEND


def test_snapshots_of_events_that_are_gone_go_too(tmp_path: Path) -> None:
    (tmp_path / "neo.gone.thing.done.v1.schema.json").touch()

    write_snapshots(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == set(snapshots())


def said_by_git(*command: str) -> str | None:
    """What git answers in this checkout; none when it is not there or refuses."""
    git = shutil.which("git")
    if git is None:
        return None
    run = subprocess.run([git, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    return run.stdout if run.returncode == 0 else None


def subject_of(name: str) -> str:
    return Path(name).name.removesuffix(".schema.json")


def committed_schemas() -> dict[str, dict[str, Any]]:
    """The schemas by subject, as the branch that a change will join has them."""
    for base in BASES:
        listed = said_by_git("ls-tree", "--name-only", base, "contracts/snapshots/")
        names = [line for line in (listed or "").splitlines() if line.endswith(".schema.json")]
        if names:
            return {subject_of(name): json.loads(said_by_git("show", f"{base}:{name}") or "{}") for name in names}
    return {}


def test_no_event_breaks_those_who_hear_it() -> None:
    old = committed_schemas()
    if not old:
        pytest.skip("no committed snapshots to compare with")

    broken = {
        event.subject: found
        for event in all_events()
        if event.subject in old
        and (found := breaking_changes(old[event.subject], event.model_json_schema(mode="serialization")))
    }

    assert broken == {}, "inside v1 only new optional fields; anything else is a new class on a …v2 subject"


@pytest.mark.parametrize("event", EVENTS)
def test_sample_fits_its_class_its_schema_and_a_message_of_next_year(event: type[Event]) -> None:
    sample = (SNAPSHOTS / f"{event.subject}.sample.json").read_text(encoding="utf-8")
    schema = json.loads((SNAPSHOTS / f"{event.subject}.schema.json").read_text(encoding="utf-8"))

    newer = event.model_validate_json(sample.rstrip()[:-1] + ', "a_field_of_next_year": {"x": [1]}}')

    assert event.model_validate_json(sample) == newer == sample_of(event)
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(json.loads(sample))


def a_schema(**changed: dict[str, Any] | None) -> dict[str, Any]:
    """A schema of an event; a field given as none is left out, a field with a default is optional."""
    fields: dict[str, dict[str, Any] | None] = {
        "minutes": {"type": "integer", "minimum": 0, "description": "How long"},
        "kind": {"$ref": "#/$defs/Kind"},
        "until": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
    }
    properties = {name: field for name, field in {**fields, **changed}.items() if field is not None}
    return {
        "properties": properties,
        "required": [name for name, field in properties.items() if "default" not in field],
        "$defs": {"Kind": {"enum": ["ONE", "TWO"], "type": "string", "description": "A kind"}},
    }


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"minutes": None}, ["minutes: removed"]),
        ({"until": None}, ["until: removed"]),
        ({"place": {"type": "string"}}, ["place: new and required"]),
        ({"minutes": {"type": "number", "minimum": 0}}, ["minutes: "]),
        ({"minutes": {"type": "integer", "minimum": 5}}, ["minutes: "]),
        ({"until": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, ["until: required now"]),
        ({"kind": {"type": "string", "enum": ["ONE"]}}, ["kind: "]),
        ({"kind": {"type": "string", "enum": ["ONE", "TWO", "THREE"]}}, ["kind: "]),
    ],
)
def test_removed_field_new_required_field_and_changed_type_break(
    changed: dict[str, dict[str, Any] | None], found: list[str]
) -> None:
    broken = breaking_changes(a_schema(), a_schema(**changed))

    assert [one[: len(start)] for one, start in zip(broken, found, strict=True)] == found


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"place": {"type": "string", "default": ""}},
        {"minutes": {"type": "integer", "minimum": 0, "description": "In minutes", "title": "Minutes"}},
        {"kind": {"enum": ["ONE", "TWO"], "type": "string"}},
    ],
)
def test_new_optional_field_and_other_words_break_nothing(changed: dict[str, dict[str, Any] | None]) -> None:
    assert breaking_changes(a_schema(), a_schema(**changed)) == []
