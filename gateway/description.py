"""One description of the whole API (OpenAPI 3.1), joined from those of the services.

Paths and operation ids and the names of schemas carry their service, so that nothing collides; the shape of an
error is the same everywhere and stands there once.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.door import PUBLIC
from gateway.everywhere import ANSWERS, HEADERS, SCHEMES, Document, Json, answers_to, ways_in
from gateway.vocabulary import illustrated, words_of

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
SHARED = frozenset({"Problem", "FieldProblem"})
_TO_SCHEMA = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Described:
    """A service's own description."""

    service: str
    document: Document


@dataclass(frozen=True, slots=True)
class _Naming:
    """How a service's operations and schemas are called where all services stand side by side.

    `namesakes` counts how often the service uses a function's name.
    """

    one: Described
    namesakes: Mapping[str, int]
    schemas: Mapping[str, str]

    @classmethod
    def of(cls, one: Described, *, known: Document) -> "_Naming":
        """The names of a service among the schemas that are known already."""
        shorts = Counter(_ids(one.document, path, method)[1] for method, path, _ in operations_of(one.document))
        return cls(one, shorts, _new_names(one, known=known))

    def operation_id(self, path: str, method: str) -> str:
        """`documents_list_papers`: the function's name; the whole id where a service uses a name twice."""
        whole, short = _ids(self.one.document, path, method)
        return f"{self.one.service}_{short if self.namesakes[short] == 1 else whole}"


def join(own: Document, services: Sequence[Described], *, head: Document) -> Document:
    """One document: `head` (info, tags), the gateway's own operations, then service by service."""
    paths: Document = {}
    schemas: Document = dict(_schemas(own))
    naming = _Naming.of(Described("gateway", own), known={})
    for path, item in _object(own.get("paths")).items():
        described = _described(naming, path, item)
        paths[path] = {method: {**operation, "security": []} for method, operation in _operations(described)}
    for one in services:
        naming = _Naming.of(one, known=schemas)
        names = naming.schemas
        schemas |= {names[name]: _renamed(schema, names) for name, schema in _schemas(one.document).items()}
        for path, item in _object(one.document.get("paths")).items():
            if path.startswith("/v1/"):
                paths[f"/api/{one.service}{path}"] = _renamed(_described(naming, path, item), names)
    components: Document = {
        "schemas": dict(sorted(schemas.items())),
        "responses": ANSWERS,
        "headers": HEADERS,
        "securitySchemes": SCHEMES,
    }
    problems: Document = {}
    for document in (own, *(one.document for one in services)):
        problems |= _object(document.get("x-problems"))
    told: Document = {"paths": paths, "components": components, "x-problems": dict(sorted(problems.items()))}
    return {"openapi": "3.1.0", **head, "security": ways_in("GET"), **told}


def operations_of(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Every operation of a document: method in capitals, path, the operation."""
    for path, item in _object(document.get("paths")).items():
        for method, operation in _operations(item):
            yield method.upper(), path, operation


def _described(naming: _Naming, path: str, item: Json) -> Document:
    described: Document = {}
    service = naming.one.service
    for method, operation in _operations(item):
        joined: Document = {**operation, "tags": [service], "operationId": naming.operation_id(path, method)}
        joined["responses"] = answers_to(operation)
        joined["security"] = [] if (service, method.upper(), path) in PUBLIC else ways_in(method)
        if isinstance(parameters := operation.get("parameters"), list):
            made = _made_at(path) if {"201", "202"} & _object(operation.get("responses")).keys() else ""
            joined["parameters"] = [_worded(one, made) for one in parameters]
        described[method] = illustrated(joined)
    return described


def _made_at(path: str) -> str:
    """The parameter that a path ends with: the id of what is put there."""
    last = path.rpartition("/")[2]
    return last[1:-1] if last.startswith("{") and last.endswith("}") else ""


def _worded(parameter: Json, made: str) -> Json:
    """A parameter with what its name means everywhere, unless the door itself says what it means."""
    if not isinstance(parameter, dict) or parameter.get("description"):
        return parameter
    name = str(parameter.get("name"))
    words = words_of(name, is_made=name == made)
    return {**parameter, "description": words} if words else parameter


def _ids(document: Document, path: str, method: str) -> tuple[str, str]:
    operation = _object(_object(_object(document.get("paths")).get(path)).get(method.lower()))
    whole = str(operation.get("operationId") or re.sub(r"\W", "_", f"{method.lower()}{path}"))
    # FastAPI appends the path and the method to the function's name.
    return whole, whole.removesuffix(re.sub(r"\W", "_", f"{path}_{method.lower()}")) or whole


def _new_names(one: Described, *, known: Document) -> dict[str, str]:
    schemas = _schemas(one.document)
    return {
        name: name if name in SHARED and known.get(name) == schema else f"{one.service.capitalize()}{_short(name)}"
        for name, schema in schemas.items()
    }


def _short(name: str) -> str:
    """`MineRating` for what FastAPI calls by its whole path where a service has two of a name."""
    *_, room, last = ["", *name.split("__")]
    return f"{room.capitalize()}{last}"


def _renamed(value: Json, names: Mapping[str, str]) -> Json:
    if isinstance(value, dict):
        return {key: _renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, names) for inner in value]
    if isinstance(value, str) and value.startswith(_TO_SCHEMA):
        name = value.removeprefix(_TO_SCHEMA)
        return f"{_TO_SCHEMA}{names.get(name, name)}"
    return value


def _schemas(document: Document) -> Document:
    return _object(_object(document.get("components")).get("schemas"))


def _operations(item: Json) -> Iterator[tuple[str, Document]]:
    for method, operation in _object(item).items():
        if method in METHODS:
            yield method, _object(operation)


def _object(value: Json) -> Document:
    return value if isinstance(value, dict) else {}
