"""What an answer holds, in words: what its model says of itself, else what its status means."""

from collections.abc import Mapping
from typing import Any

# What FastAPI says of every answer that a door says nothing about.
WORDLESS = "Successful Response"
_BY_STATUS = {"201": "Made: ", "202": "Taken up, the work goes on in the background: "}
_NOTHING, _SOMETHING = "Done; there is nothing to be told", "What was asked for"
_TO_SCHEMA = "#/components/schemas/"

Schemas = Mapping[str, Any]


def words_of(status: str, answer: Mapping[str, Any], schemas: Schemas) -> str:
    """One line on an answer that a door gives when all is well."""
    content = answer.get("content", {})
    if not content:
        return _NOTHING
    told = _told(content.get("application/json", {}).get("schema", {}), schemas)
    opening = _BY_STATUS.get(status, "")
    return f"{opening}{told[:1].lower()}{told[1:]}" if opening else told


def _told(schema: Mapping[str, Any], schemas: Schemas) -> str:
    if reference := schema.get("$ref"):
        return _told(schemas[str(reference).removeprefix(_TO_SCHEMA)], schemas)
    if words := schema.get("description"):
        return " ".join(str(words).split("\n\n")[0].split()).rstrip(".")
    # A page has no words of its own: it is whatever it is a page of.
    if items := schema.get("properties", {}).get("items"):
        return f"One page of a list. Each: {_lowered(_told(items.get('items', {}), schemas))}"
    if schema.get("type") == "array":
        return f"A list. Each: {_lowered(_told(schema.get('items', {}), schemas))}"
    return _SOMETHING


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]
