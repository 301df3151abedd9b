"""The one description of the API as people read it: in words, with an example of all that is sent and answered."""

import importlib
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator, FormatChecker

from chassis.answers import WORDLESS
from chassis.description import describe
from chassis.problems import install_problems
from contracts.topology import SERVICES
from gateway.description import Described, join, operations_of
from gateway.vocabulary import MADE
from tests.architecture.house import ROOT

JSON = "application/json"
EVERYWHERE = {"X-Request-Id", "RateLimit", "RateLimit-Policy"}
LONGEST_SUMMARY = 140


@cache
def the_document() -> dict[str, Any]:
    """What the six services tell of their doors, joined; nothing of it needs a server."""
    document: dict[str, Any] = join(
        {}, [Described(name, told_by(name)) for name in SERVICES], head={"info": {"title": "test", "version": "1"}}
    )
    return document


def told_by(service: str) -> dict[str, Any]:
    app = FastAPI()
    app.router.routes.extend(importlib.import_module(f"services.{service}.api").router.routes)
    install_problems(app)
    describe(app, f"services.{service}")
    return app.openapi()


def operations() -> dict[str, dict[str, Any]]:
    """Every operation by its id."""
    return {str(told["operationId"]): dict(told) for _, _, told in operations_of(the_document())}


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is sent and what is answered as JSON; empty answers have none."""
    sent = operation.get("requestBody", {}).get("content", {})
    if JSON in sent:
        yield "sent", sent[JSON]
    for code, answer in operation["responses"].items():
        if JSON in answer.get("content", {}):
            yield code, answer["content"][JSON]


def test_every_operation_is_told_in_words() -> None:
    wordless = {
        name: told.get("summary")
        for name, told in operations().items()
        if not told.get("description")
        or not told.get("summary")
        or (str(told["summary"]).istitle() and str(told["summary"]).replace(" ", "_").lower() in name)
        or len(str(told["summary"])) > LONGEST_SUMMARY
    }

    assert wordless == {}


def test_everything_sent_and_answered_has_an_example() -> None:
    bare = {
        f"{name} {place}"
        for name, told in operations().items()
        for place, content in bodies(told)
        if content.get("schema") and "example" not in content
    }

    assert bare == set()


@pytest.mark.parametrize("service", SERVICES)
def test_examples_are_what_their_schemas_describe(service: str) -> None:
    document = the_document()
    wrong = [
        f"{name} {place}: {fault.json_path} {fault.message[:120]}"
        for name, told in operations().items()
        if name.startswith(f"{service}_")
        for place, content in bodies(told)
        if content.get("schema")
        for fault in faults_of(content["example"], content["schema"], document)
    ]

    assert wrong == []


def faults_of(example: object, schema: dict[str, Any], document: dict[str, Any]) -> list[Any]:
    whole = {**schema, "components": document["components"]}
    return list(Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(example))


def test_every_parameter_says_what_it_is() -> None:
    wordless = {
        f"{name} {one['in']} {one['name']}"
        for name, told in operations().items()
        for one in told.get("parameters", ())
        if not one.get("description")
    }

    assert wordless == set()


def test_id_that_is_yours_to_make_is_told_from_one_that_is_looked_for() -> None:
    told = {
        name: words
        for name in ("registry_draw_up_cycle", "registry_get_cycle", "registry_keep_place", "matching_ban_pair")
        for one in operations()[name]["parameters"]
        if (words := str(one.get("description"))) and one["name"] in ("cycle_id", "place_id", "taker_id")
    }

    assert {name for name, words in told.items() if words.endswith(MADE)} == {
        "registry_draw_up_cycle",
        "registry_keep_place",
    }


def test_example_is_no_mere_name_of_its_field_where_the_field_is_known() -> None:
    person = operations()["registry_get_person"]["responses"]["200"]["content"][JSON]["example"]

    assert (person["family_name"], person["given_name"]) == ("Иванова", "Мария")


def given(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The answers when all is well, by their status."""
    return {code: dict(answer) for code, answer in operation["responses"].items() if code.startswith("2")}


def test_every_answer_says_what_it_holds_and_what_is_left_to_the_caller() -> None:
    silent = {
        f"{name} {code}"
        for name, told in operations().items()
        for code, answer in given(told).items()
        if answer["description"] in (WORDLESS, "") or not set(answer["headers"]) >= EVERYWHERE
    }

    assert silent == set()


def test_answer_that_is_no_json_says_of_which_kind_it_is() -> None:
    scan = operations()["documents_get_scan"]["responses"]["200"]

    assert set(scan["content"]) == {"application/pdf", "image/png", "image/jpeg"}
    assert set(scan["headers"]) == {*EVERYWHERE, "ETag"}
    bare = {
        f"{name} {code}"
        for name, told in operations().items()
        for code, answer in given(told).items()
        if any(not content.get("schema") for content in answer.get("content", {}).values())
    }
    assert bare == set()


def test_list_without_pages_says_what_keeps_it_short() -> None:
    whole = {
        name
        for name, told in operations().items()
        for answer in given(told).values()
        if answer.get("content", {}).get(JSON, {}).get("schema", {}).get("type") == "array"
    }

    table = (ROOT / "docs" / "door.md").read_text("utf-8").partition("### Lists that are answered whole")[2]
    judged = set(re.findall(r"^\| ([a-z]+_\w+) \| \S", table.partition("\n## ")[0], re.MULTILINE))
    assert whole == judged


def test_page_of_a_list_can_be_turned() -> None:
    schemas = the_document()["components"]["schemas"]
    stuck = {
        name
        for name, told in operations().items()
        for answer in given(told).values()
        if (named := str(answer.get("content", {}).get(JSON, {}).get("schema", {}).get("$ref", "")).rpartition("/")[2])
        and {"items", "next"} <= set(schemas[named].get("properties", {}))
        and not {"after", "limit"} <= {one["name"] for one in told.get("parameters", ())}
    }

    assert stuck == set()


def test_every_parameter_in_a_path_has_an_example() -> None:
    bare = {
        f"{name} {one['name']}"
        for name, told in operations().items()
        for one in told.get("parameters", ())
        if one["in"] == "path" and "example" not in one
    }

    assert bare == set()
