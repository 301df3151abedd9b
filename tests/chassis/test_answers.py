"""What an answer holds, in the words of its own model."""

from typing import Any

import pytest

from chassis.answers import words_of

SCHEMAS: dict[str, Any] = {
    "Paper": {"description": "A registered paper.\n\nIt was signed\non paper.", "type": "object"},
    "Page_Paper_": {"properties": {"items": {"items": {"$ref": "#/components/schemas/Paper"}}, "next": {}}},
    "Number": {"type": "integer"},
}


def an_answer(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def of(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(
    ("status", "schema", "words"),
    [
        ("200", of("Paper"), "A registered paper"),
        ("201", of("Paper"), "Made: a registered paper"),
        ("200", of("Page_Paper_"), "One page of a list. Each: a registered paper"),
        ("200", {"type": "array", "items": of("Paper")}, "A list. Each: a registered paper"),
        ("200", of("Number"), "What was asked for"),
    ],
)
def test_answer_is_told_by_its_model(status: str, schema: dict[str, Any], words: str) -> None:
    assert words_of(status, an_answer(schema), SCHEMAS) == words


def test_empty_answer_says_that_there_is_nothing() -> None:
    assert words_of("204", {}, SCHEMAS) == "Done; there is nothing to be told"
