"""An example for whatever a schema describes: what its model gives as one, else the plainest thing that fits.

The same schema has the same example every time, so that a description changes only when a door does.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

NAMES = UUID("9c2f2f8e-51a4-5d0a-9d3c-0d0c5e2b7a11")
DEEPEST = 8
_TO_SCHEMA = "#/components/schemas/"
_BY_FORMAT = {
    "date": "2026-10-05",
    "date-time": "2026-10-05T09:00:00+03:00",
    "time": "09:00:00",
    "email": "somebody@example.org",
    "uri": "https://example.org/",
    "duration": "P1D",
    "binary": "…",
}

Schemas = Mapping[str, Any]


class Examples:
    """Makes examples of one document's schemas."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas

    def of(self, schema: Mapping[str, Any], name: str = "", depth: int = 0) -> Any:
        """An example of a schema; `name` is the field's, if it has one."""
        if reference := schema.get("$ref"):
            target = str(reference).removeprefix(_TO_SCHEMA)
            return self.of(self.schemas[target], name, depth)
        given = _given(schema)
        if given is not None:
            return given
        if choices := schema.get("anyOf") or schema.get("oneOf"):
            return self._chosen(choices, name, depth)
        if parts := schema.get("allOf"):
            return self.of(parts[0], name, depth)
        return self._built(schema, name, depth)

    def _chosen(self, choices: list[dict[str, Any]], name: str, depth: int) -> Any:
        worth = [one for one in choices if one.get("type") != "null"]
        return self.of(worth[0], name, depth) if worth else None

    def _built(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return self._object(schema, name, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        if kind in ("integer", "number"):
            return _number(schema)
        if kind == "boolean":
            return True
        return _text(schema, name) if kind == "string" else None

    def _object(self, schema: Mapping[str, Any], name: str, depth: int) -> dict[str, Any]:
        if depth > DEEPEST:
            return {}
        named = schema.get("properties", {})
        found = {field: self.of(inner, field, depth + 1) for field, inner in named.items()}
        more = schema.get("additionalProperties")
        if not found and isinstance(more, dict):
            key = self.of(schema.get("propertyNames", {"type": "string"}), f"{name} key")
            return {str(key): self.of(more, name, depth + 1)}
        return found

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        if depth > DEEPEST or schema.get("maxItems") == 0:
            return []
        if places := schema.get("prefixItems"):
            return [self.of(one, name, depth + 1) for one in places]
        least = max(1, int(schema.get("minItems", 1)))
        one = name.removesuffix("s")
        names = [one if number == 0 else f"{one} {number + 1}" for number in range(least)]
        return [self.of(schema.get("items", {}), each, depth + 1) for each in names]


def _given(schema: Mapping[str, Any]) -> Any:
    """What the schema itself offers: an example, its only or first value, a default."""
    if examples := schema.get("examples"):
        return examples[0]
    if "example" in schema:
        return schema["example"]
    if "const" in schema:
        return schema["const"]
    if choices := schema.get("enum"):
        return choices[0]
    return schema.get("default") or None


def _number(schema: Mapping[str, Any]) -> int | float:
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    if schema["type"] == "integer":
        wished = 1
        step = 1 if "exclusiveMinimum" in schema else 0
        raised = wished if least is None else max(wished, int(least) + step)
        return raised if most is None else min(raised, int(most))
    if least is not None and most is not None:
        return (float(least) + float(most)) / 2
    return 0.5 if least is None else float(least) + 0.5


def _text(schema: Mapping[str, Any], name: str) -> str:
    form = schema.get("format")
    if form == "uuid":
        return str(uuid5(NAMES, name))
    if form in _BY_FORMAT:
        return _BY_FORMAT[str(form)]
    words = name.replace("_", " ") or "text"
    least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", 1000))
    return words.ljust(least, "…")[:most]
