"""Two who change one thing: every operation that changes something says how, in docs/door.md and in the document."""

import re
from functools import cache
from typing import Any

import pytest

from chassis.etags import ETAG, IF_MATCH
from gateway.description import operations_of
from tests.architecture.house import ROOT
from tests.gateway.test_document import the_document

DOCUMENT = ROOT / "docs" / "door.md"
WORDS = {"If-Match", "once", "element", "one way", "own", "question"}
_ROW = re.compile(r"^\| (?P<name>[a-z]+_\w+) \| (?P<word>[\w -]+) \|(?P<why>[^|]*)\|$", re.MULTILINE)


@cache
def judged() -> dict[str, tuple[str, str]]:
    """The word and the reason of each operation in the table."""
    rows = _ROW.findall(DOCUMENT.read_text("utf-8"))
    assert len(rows) == len({name for name, _, _ in rows}), "an operation is judged once"
    return {name: (word, why.strip()) for name, word, why in rows}


@cache
def changing() -> dict[str, tuple[str, dict[str, Any]]]:
    """Path and description of every operation that is no GET."""
    return {
        str(told["operationId"]): (path, dict(told))
        for method, path, told in operations_of(the_document())
        if method != "GET"
    }


def headers_asked_of(operation: dict[str, Any]) -> set[str]:
    return {one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"}


def guarded() -> dict[str, dict[str, Any]]:
    """The operations that let a caller say which state was seen."""
    return {name: told for name, (_, told) in changing().items() if IF_MATCH in headers_asked_of(told)}


def test_every_changing_operation_is_judged_or_lies_under_ones_own() -> None:
    silent = {name for name, (path, _) in changing().items() if "/my/" not in path} - set(judged())

    assert silent == set(), "judge them in docs/door.md: may two people change the same thing?"


def test_table_speaks_of_operations_that_there_are_in_its_own_words() -> None:
    assert set(judged()) - set(changing()) == set()
    assert {word for word, _ in judged().values()} <= WORDS


def test_what_two_may_change_is_guarded_and_nothing_else() -> None:
    assert {name for name, (word, _) in judged().items() if word == IF_MATCH} == set(guarded())


def test_who_else_may_change_it_or_why_nobody_else_may_is_said() -> None:
    explained = set(guarded()) | {name for name, (word, _) in judged().items() if word == "own"}

    assert {name for name in explained if not judged()[name][1]} == set()


def test_guarded_operation_tells_the_refusal_and_the_tag_of_the_new_state() -> None:
    silent = {
        name
        for name, told in guarded().items()
        if "412" not in told["responses"]
        or "problem+json" not in str(told["responses"]["412"])
        or any(ETAG not in told["responses"][code].get("headers", {}) for code in successes(told) if code != "204")
    }

    assert silent == set()


def successes(operation: dict[str, Any]) -> list[str]:
    return [code for code in operation["responses"] if code.startswith("2")]


def tags_shown() -> set[str]:
    """Operations of which an answer carries a tag, as a header or as the field of an item."""
    schemas = the_document()["components"]["schemas"]
    with_field = {name for name, schema in schemas.items() if "etag" in schema.get("properties", {})}
    return {
        str(told["operationId"])
        for method, _, told in operations_of(the_document())
        if method == "GET" and _shows_tag(dict(told), with_field)
    }


def _shows_tag(operation: dict[str, Any], with_field: set[str]) -> bool:
    schemas = the_document()["components"]["schemas"]
    for answer in (operation["responses"][code] for code in successes(operation)):
        named = set(re.findall(r"#/components/schemas/(\w+)", str(answer.get("content", ""))))
        deeper = {inner for name in named for inner in re.findall(r"#/components/schemas/(\w+)", str(schemas[name]))}
        if ETAG in answer.get("headers", {}) or (named | deeper) & with_field:
            return True
    return False


@pytest.mark.parametrize(
    "read",
    [
        "registry_get_place",
        "registry_get_person",
        "registry_get_role_profiles",
        "registry_get_cycle",
        "registry_get_roadmap",
        "diagnostics_list_observers",
        "diagnostics_list_appeals",
        "matching_get_run",
        "matching_get_district_run",
        "tracking_get_assignment",
        "tracking_list_my_meetings",
        "tracking_look_at_notification_settings",
        "reporting_get_report",
        "reporting_list_reports",
        "reporting_list_district_reports",
        "documents_list_papers",
        "documents_get_scan",
    ],
)
def test_what_is_guarded_shows_its_tag_when_it_is_read(read: str) -> None:
    assert read in tags_shown()
