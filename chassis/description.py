"""What a service tells about its own doors beyond what FastAPI finds out, in its OpenAPI document.

Who may come in (`x-roles`), that the same PUT again answers 200, the tag of a state that two may change, a summary in
words, an example wherever something is sent or answered, and every refusal with its texts (`x-problems`).
"""

import asyncio
import json
import re
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic.warnings import UnsupportedFieldAttributeWarning

from chassis.answers import WORDLESS, words_of
from chassis.etags import ETAG, IF_MATCH, Reading
from chassis.examples import Examples
from chassis.identity import Require
from chassis.reached import slugs_reached
from chassis.slugs import AT_ANY_DOOR, slugs_of
from chassis.texts import LANGUAGES, Texts

AGAIN = "The same was there already; nothing changed"
MOVED_ON = "The thing has changed since the caller saw it (`If-Match`); `etag` is that of its present state"
MADE = (201, 202)
TAG: dict[str, Any] = {
    ETAG: {
        "description": "The state that this answer shows, for `If-Match`",
        "schema": {"type": "string"},
        "example": '"3-5f2a9c01"',
    }
}
JSON, FORM = "application/json", "multipart/form-data"
# One thread makes the documents of a process one after the other: several at work would keep everybody else waiting.
_MAKER = ThreadPoolExecutor(1, "description")
# FastAPI silences it while it builds a door, for the process and not for its thread: beside this one it comes through.
warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)
_SLUG = re.compile(r"`([a-z0-9-]+\.[a-z0-9-]+)`")


@dataclass(frozen=True, slots=True)
class Guard:
    """The roles that open an operation, at the place in its path or anywhere."""

    roles: tuple[str, ...]
    is_anywhere: bool


def describe(app: FastAPI, *packages: str) -> None:
    """Let the app's OpenAPI document tell all that is known about its doors, and the refusals of its packages."""
    known = app.openapi
    told: dict[str, Any] = {}

    def described() -> dict[str, Any]:
        if not told:
            told.update(_told(app, known(), packages))
        return told

    # FastAPI's own way to extend a description (docs: "Extending OpenAPI").
    app.openapi = described  # type: ignore[method-assign]


def open_description(app: FastAPI, path: str = "/openapi.json") -> None:
    """The door to the document; it takes long to make, therefore a thread makes it, and nobody else waits for that."""
    kept: list[bytes] = []

    def written() -> bytes:
        if not kept:
            kept.append(json.dumps(app.openapi(), ensure_ascii=False, separators=(",", ":")).encode())
        return kept[0]

    async def tell_description(_: Request) -> Response:
        words = kept[0] if kept else await asyncio.get_running_loop().run_in_executor(_MAKER, written)
        return Response(words, media_type=JSON)

    app.add_route(path, tell_description, include_in_schema=False)


def _told(app: FastAPI, told: dict[str, Any], packages: tuple[str, ...]) -> dict[str, Any]:
    """All that is known about the doors, added to what FastAPI found out."""
    examples = Examples(told.get("components", {}).get("schemas", {}))
    told["x-problems"] = problems_of(*dict.fromkeys(("chassis", *packages)))
    for route in iter_route_contexts(app.routes):
        for operation in _operations(told, route):
            _describe(operation, route)
            _show(operation, examples)
            _word(operation, examples)
            _name_problems(operation, route, told["x-problems"])
    return told


def problems_of(*packages: str) -> dict[str, Any]:
    """Every refusal of the packages by its slug: the status, and what it says in each language."""
    texts = Texts.load(*packages)
    known = {slug: status for package in packages for slug, status in slugs_of(package).items()}
    return {
        slug: {"status": status, **{language: texts.say(slug, language) for language in LANGUAGES}}
        for slug, status in sorted(known.items())
        if texts.knows(slug, LANGUAGES[0])
    }


def guard_of(route: RouteContext) -> Guard | None:
    """Who may come in through a door."""
    calls = [call for call in _calls_of(route) if isinstance(call, Require)]
    return Guard(calls[-1].roles, calls[-1].anywhere) if calls else None


def _is_tagged(route: RouteContext) -> bool:
    """Does the answer carry the tag of a state?"""
    return any(isinstance(call, type) and issubclass(call, Reading) for call in _calls_of(route))


def _calls_of(route: RouteContext) -> list[object]:
    """What a route asks for before it is entered."""
    return [one.call for one in getattr(getattr(route, "dependant", None), "dependencies", ())]


def _operations(document: dict[str, Any], route: RouteContext) -> Iterator[dict[str, Any]]:
    methods = document.get("paths", {}).get(route.path_format, {})
    return (methods[verb.lower()] for verb in route.methods or () if verb.lower() in methods)


def _describe(operation: dict[str, Any], route: RouteContext) -> None:
    if guard := guard_of(route):
        operation["x-roles"] = list(guard.roles)
        operation["x-roles-anywhere"] = guard.is_anywhere
    _summarise(operation, route)
    _repeat(operation, route)
    _let_meet(operation, route)


def _let_meet(operation: dict[str, Any], route: RouteContext) -> None:
    """What shows a state says which; where the state that was seen may be said, the answer to an older one is 412."""
    if _is_tagged(route):
        for code in [code for code in operation["responses"] if code.startswith("2")]:
            operation["responses"][code] = {**operation["responses"][code], "headers": TAG}
    if any(one["name"] == IF_MATCH for one in operation.get("parameters", ())):
        operation["responses"]["412"] = {**operation["responses"]["409"], "description": MOVED_ON}


def _summarise(operation: dict[str, Any], route: RouteContext) -> None:
    """The first sentence of the door's docstring instead of the function's name, unless it was given one."""
    about = " ".join(str(operation.get("description", "")).split("\n\n")[0].split())
    if about and not route.summary:
        sentence = re.split(r"(?<=[^.])[.:;](?:\s|$)", about, maxsplit=1)[0]
        # Slugs stand in the description; a summary is one line of a list.
        operation["summary"] = re.sub(r" \([^()]*`[^()]*\)$", "", sentence)


def _name_problems(operation: dict[str, Any], route: RouteContext, known: dict[str, Any]) -> None:
    """The refusals of which the door's docstring speaks, and all others in the code that the door reaches."""
    spoken = _SLUG.findall(str(operation.get("description", "")))
    reached = slugs_reached(route.endpoint, known.keys() - AT_ANY_DOOR) if route.endpoint else ()
    if named := [slug for slug in dict.fromkeys([*spoken, *reached]) if slug in known]:
        operation["x-problems"] = named


def _word(operation: dict[str, Any], examples: Examples) -> None:
    """Say of each answer what it holds, unless the door said it."""
    for status, answer in operation["responses"].items():
        if answer.get("description") == WORDLESS:
            operation["responses"][status] = {**answer, "description": words_of(status, answer, examples.schemas)}


def _show(operation: dict[str, Any], examples: Examples) -> None:
    """Give an example of all that is sent and answered; of problems the texts tell."""
    for parameter in operation.get("parameters", ()):
        if "example" not in parameter and parameter.get("required"):
            parameter["example"] = examples.of(parameter["schema"], parameter["name"])
    sent = operation.get("requestBody", {}).get("content", {})
    answered = [one.get("content", {}) for one in operation["responses"].values()]
    for kinds in (sent, *answered):
        for kind, content in kinds.items():
            if kind in (JSON, FORM) and not {"example", "examples"} & content.keys() and content.get("schema"):
                content["example"] = examples.of(content["schema"])


def _repeat(operation: dict[str, Any], route: RouteContext) -> None:
    """An idempotent create sets the status itself: what was there already is answered with 200."""
    made = operation["responses"].get(str(route.status_code))
    tells_itself = route.dependant.response_param_name or _is_tagged(route)
    if made and route.status_code in MADE and tells_itself:
        again = {"description": AGAIN, **({"content": made["content"]} if "content" in made else {})}
        operation["responses"] = {"200": again, **operation["responses"]}
