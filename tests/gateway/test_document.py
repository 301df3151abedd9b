"""The one description of the API as people read it: in words, with an example of all that is sent and answered."""

import importlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator, FormatChecker

from chassis.description import describe
from chassis.problems import install_problems
from contracts.topology import SERVICES
from gateway.description import Described, join, operations_of

JSON = "application/json"
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


def test_every_parameter_in_a_path_has_an_example() -> None:
    bare = {
        f"{name} {one['name']}"
        for name, told in operations().items()
        for one in told.get("parameters", ())
        if one["in"] == "path" and "example" not in one
    }

    assert bare == set()
