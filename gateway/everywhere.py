"""What holds at every door of the API because the gateway stands before it: how callers say who they are, and the
answers that it gives by itself. Described once; operations refer to it.
"""

from chassis.problems import MEDIA_TYPE
from gateway.cookies import Cookies
from gateway.forms import HEADER, SAFE_METHODS

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Document = dict[str, Json]

_SESSION = Cookies(is_encrypted=True).session
SCHEMES: Document = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of the realm: of a person, or of a school portal (client credentials).",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": _SESSION,
        "description": "The session of a browser that has signed in at `/sign-in`; from plain http it is named `neo`.",
    },
    "form": {
        "type": "apiKey",
        "in": "header",
        "name": HEADER.title().replace("Csrf", "CSRF"),
        "description": "What the forms of a signed-in browser's pages carry; beside the session wherever something "
        "is changed.",
    },
}
_BEARER: Json = {"bearer": []}
_SESSION_ALONE: Json = {"session": []}
_SESSION_AND_FORM: Json = {"session": [], "form": []}
HEADERS: Document = {
    "RateLimit": {
        "description": "What is left to the caller: the policy, `r` requests, anew in `t` seconds "
        "(draft-ietf-httpapi-ratelimit-headers-11).",
        "schema": {"type": "string"},
        "example": '"person";r=599;t=42',
    },
    "RateLimit-Policy": {
        "description": "The policy that counts the caller: `q` requests in `w` seconds.",
        "schema": {"type": "string"},
        "example": '"person";q=600;w=60',
    },
    "Retry-After": {
        "description": "Seconds until the same request may be sent again.",
        "schema": {"type": "integer", "minimum": 1},
        "example": 42,
    },
    "X-Request-Id": {
        "description": "The number of this request; the log lines about it carry it too (`trace` in a problem).",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "example": "4bf92f3577b34da6a3ce929d0e0e4736",
    },
}


# What every answer carries, whatever it is.
_TOLD = ("X-Request-Id", "RateLimit", "RateLimit-Policy")


def _headers(*names: str) -> Document:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _answer(description: str, *more: str) -> Document:
    schema: Json = {"$ref": "#/components/schemas/Problem"}
    content: Json = {MEDIA_TYPE: {"schema": schema}}
    return {"description": description, "headers": _headers(*_TOLD, *more), "content": content}


ANSWERS: Document = {
    "TooLarge": _answer("The request is larger than the door takes"),
    "TooMany": _answer("Too many requests in a minute; repeat after `Retry-After`", "Retry-After"),
    "Away": _answer("The service, or something under it, does not answer; the same request may be repeated"),
    "Slow": _answer("The answer did not begin in time; see what became of it, and repeat with the same ids"),
}
_AT_EVERY_DOOR = {"429": "TooMany", "503": "Away", "504": "Slow"}


def answers_to(operation: Document) -> Document:
    """The answers of an operation together with those that the gateway may give instead of it.

    What is left to the caller and the number of the request stand at what is given, and at the gateway's own answers;
    the operation's refusals carry them as well.
    """
    own = operation.get("responses")
    named = {**({"413": "TooLarge"} if "requestBody" in operation else {}), **_AT_EVERY_DOOR}
    told: Document = {code: {"$ref": f"#/components/responses/{name}"} for code, name in named.items()}
    if not isinstance(own, dict):
        return told
    return told | {code: _with_headers(answer) if code.startswith("2") else answer for code, answer in own.items()}


def _with_headers(answer: Json) -> Json:
    if not isinstance(answer, dict):
        return answer
    own = answer.get("headers")
    return {**answer, "headers": {**_headers(*_TOLD), **(own if isinstance(own, dict) else {})}}


def ways_in(method: str) -> list[Json]:
    """How a caller may say who it is: a browser that changes something also sends what its form carries."""
    return [_BEARER, _SESSION_ALONE if method.upper() in SAFE_METHODS else _SESSION_AND_FORM]
