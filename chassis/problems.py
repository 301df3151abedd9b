"""Errors at the edge: RFC 9457 problems with a stable slug, in the caller's language."""

import logging
import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from babel.dates import format_date
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.routing import Match

from chassis.database import TROUBLE, is_transient, is_unkeepable
from chassis.refusals import Refusal, TooMany, Unauthenticated, Unavailable
from chassis.refused import notes_of
from chassis.texts import Texts, choose_language
from chassis.trace import current_trace

MEDIA_TYPE = "application/problem+json"
# Where a slug has a page of its own, in the house whose door the caller came through.
HELP = "/api/errors"
HTTP_SLUGS = {
    404: "http.not-found",
    405: "http.method-not-allowed",
    413: "http.too-large",
    415: "http.media-type",
}
# Facts that are codes, and whose they are: those of what the slug speaks of, or always of one thing.
CODED: Mapping[str, str | None] = MappingProxyType(
    {
        "state": None,
        "legal": None,
        "kind": None,
        "profile": None,
        "roles": None,
        "waits_for": None,
        "stage": "cycle",
        "needed": "cycle",
    }
)
# A day as facts have it; the answer keeps it so.
DAY = re.compile(r"\d{4}-\d\d-\d\d")
LOCATIONS = frozenset({"body", "query", "path", "header"})
# Kinds of validation of which one can say more than their slug does, and the name of their bound.
CLOSER: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "string_too_short": ("short", "min_length"),
        "string_too_long": ("long", "max_length"),
        "too_short": ("few", "min_length"),
        "too_long": ("many", "max_length"),
        "greater_than_equal": ("least", "ge"),
        "less_than_equal": ("most", "le"),
        "int_type": ("number", ""),
        "int_parsing": ("number", ""),
        "date_type": ("date", ""),
        "date_parsing": ("date", ""),
        "date_from_datetime_parsing": ("date", ""),
    }
)
# Handled inside the request's middleware, so that a database that is away is a 503 and no traceback of the server.

log = logging.getLogger("neo.problems")


class FieldProblem(BaseModel):
    """One thing that is wrong with a request, and how to mend it."""

    field: str
    slug: str
    detail: str


class Problem(BaseModel):
    """An error answer (RFC 9457); `type` ends with the slug, which never changes, and `help` leads to its page."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    errors: list[FieldProblem] | None = None
    trace: str | None = None
    help: str | None = None


# By reference: given as models, FastAPI builds a validator for each of them at each route, three quarters of the time
# of a service's first request, to validate nothing.
_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
RESPONSES: dict[int | str, dict[str, Any]] = {
    code: {"description": text, "content": _CONTENT}
    for code, text in {
        401: "No token, or one that does not verify",
        403: "The caller's role does not allow it",
        404: "No such thing, or not the caller's to see",
        409: "The state does not allow it now",
        422: "The request cannot be understood",
    }.items()
}


def problem(request: Request, status: int, slug: str, **facts: Any) -> JSONResponse:
    """Answer with a problem in the caller's language."""
    texts: Texts = request.app.state.texts
    language = choose_language(request.headers.get("accept-language"))
    trace = current_trace()
    notes_of(request.scope).slug = slug
    body = Problem(
        type=f"urn:neo:problem:{slug}",
        title=texts.say(f"problem.{status}", language),
        status=status,
        detail=texts.say(slug, language, **sayable(facts | _in_words(texts, language, slug, facts), language)),
        trace=trace.split("-")[1] if trace else None,
        help=f"{HELP}/{slug}",
        **facts,
    )
    headers = {"Content-Language": language}
    if status == Unauthenticated.status:
        headers["WWW-Authenticate"] = "Bearer"
    if status in (TooMany.status, Unavailable.status) and "seconds" in facts:
        headers["Retry-After"] = str(facts["seconds"])
    return JSONResponse(body.model_dump(mode="json", exclude_none=True), status, headers, MEDIA_TYPE)


def sayable(facts: dict[str, Any], language: str) -> dict[str, Any]:
    """Facts as a sentence takes them: a list is joined, an empty one is a dash, a day has its month in words."""
    return {key: _sayable_fact(value, language) for key, value in facts.items()}


def _sayable_fact(fact: Any, language: str) -> Any:
    if isinstance(fact, list):
        return ", ".join(map(str, fact)) or "—"
    if not isinstance(fact, str) or not DAY.fullmatch(fact):
        return fact
    try:
        return format_date(date.fromisoformat(fact), "d MMMM y", locale=language)
    except ValueError:  # it only looks like a day
        return fact


def _in_words(texts: Texts, language: str, slug: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Codes in the words of the reader's language, `<thing>.<code>`; the answer itself keeps them as codes."""

    def word(fact: str, code: Any) -> Any:
        key = f"{CODED[fact] or slug.partition('.')[0]}.{code}"
        return texts.say(key, language) if texts.knows(key, language) else code

    return {
        fact: [word(fact, one) for one in facts[fact]] if isinstance(facts[fact], list) else word(fact, facts[fact])
        for fact in CODED.keys() & facts.keys()
    }


def _validation_slug(kind: str) -> str:
    if kind == "missing":
        return "request.missing"
    if kind == "json_invalid":
        return "request.unreadable"
    if kind.startswith(("uuid", "date", "time", "int", "float", "bool", "enum", "literal", "string_type", "json")):
        return "request.wrong-kind"
    return "request.not-accepted"


def _closer(kind: str, bounds: Mapping[str, Any]) -> tuple[str, Any]:
    """What a validation says beyond its slug, and the bound that was passed over; no word where it says no more."""
    if kind == "string_too_short" and bounds.get("min_length") == 1:
        return "empty", None
    if kind in CLOSER:
        word, bound = CLOSER[kind]
        return word, bounds.get(bound)
    return "", None


async def _refusal(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    facts: dict[str, Any] = dict(error.facts)
    if error.field:
        facts["field"] = error.field
    return problem(request, error.status, error.slug, **facts)


async def _framework(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:
        # A body that is no JSON is refused with 422, and so is one that is not even text, or no form.
        return problem(request, 422, "request.unreadable", field="body")
    answer = problem(request, error.status_code, HTTP_SLUGS.get(error.status_code, "http.refused"))
    answer.headers.update(error.headers or {})
    if error.status_code == 405:
        answer.headers["Allow"] = ", ".join(sorted(_allowed(request))) or answer.headers["Allow"]
    return answer


def _allowed(request: Request) -> set[str]:
    """The methods of an address: of all its routes, where the framework knows only those of the first (RFC 9110)."""
    near = [route for route in request.app.router.routes if route.matches(request.scope)[0] is not Match.NONE]
    return {method for route in near for method in getattr(route, "methods", None) or ()}


async def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    texts: Texts = request.app.state.texts
    language = choose_language(request.headers.get("accept-language"))
    found = []
    for wrong in error.errors():
        places = () if wrong["type"] == "json_invalid" else wrong["loc"]
        field = ".".join(str(part) for part in places if part not in LOCATIONS) or "body"
        slug = _validation_slug(wrong["type"])
        word, bound = _closer(wrong["type"], wrong.get("ctx", {}))
        said = f"{slug}.{word}" if word else slug
        found.append({"field": field, "slug": slug, "detail": texts.say(said, language, field=field, count=bound)})
    return problem(request, 422, "request.invalid", errors=found, field=found[0]["field"])


async def _surprise(request: Request, error: Exception) -> JSONResponse:
    return problem(request, *tell_surprise(request, error))


def tell_surprise(request: Request, error: Exception) -> tuple[int, str]:
    """Write down what nobody expected, once; the status and the slug of its answer."""
    if is_transient(error):
        log.warning("not available", extra={"reason": type(error).__name__})
        return 503, "http.unavailable"
    if is_unkeepable(error):
        log.warning("not kept", extra={"reason": type(error).__name__, "route": request.scope.get("path", "")})
        return 422, "request.unkeepable"
    log.error("unexpected error", exc_info=error, extra={"route": request.scope.get("path", "")})
    return 500, "http.surprise"


def install_problems(app: FastAPI) -> None:
    """Map refusals, framework errors, validation and surprises to problems, once, and describe their shape."""
    _describe_problems(app)
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(RequestValidationError, _validation)
    for trouble in (Exception, *TROUBLE):
        app.add_exception_handler(trouble, _surprise)


def _describe_problems(app: FastAPI) -> None:
    describe = app.openapi

    def described() -> dict[str, Any]:
        document = describe()
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        parts = {**schema.pop("$defs", {}), "Problem": schema}
        document.setdefault("components", {}).setdefault("schemas", {}).update(parts)
        return document

    # FastAPI's own way to extend a description (docs: "Extending OpenAPI").
    app.openapi = described  # type: ignore[method-assign]
