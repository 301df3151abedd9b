"""Errors are pages too: whoever asks for a page gets one, whoever asks for data gets a problem (RFC 9457)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chassis.problems import MEDIA_TYPE, tell_surprise
from chassis.refusals import Fact, Refusal, Unauthenticated
from chassis.refused import notes_of
from gateway.issuer import IssuerAway
from gateway.portal.pages import Pages, language_of
from gateway.portal.talk import Refused
from gateway.porter import guest_of
from gateway.sign_in import SignInFailed, way_to_sign_in

Answer = Callable[[Request, Exception], Response | Awaitable[Response]]
# What has a page of its own; any other status of a page is a surprise.
KINDS = frozenset({400, 401, 403, 404, 405, 409, 412, 422, 429, 503})
# Of these the refusal itself says more than the page can.
EXPLAINED = frozenset({400, 403, 409, 412, 422, 429})
# A fragment that a script asked for cannot show the issuer's page: it is told where to go.
SCRIPTED = "hx-request"
PASSED_ON = ("Retry-After", "Allow")
NOT_AS_ASKED = "request.invalid"
# Nothing was to be written: what is wrong stands in the address.
READING, ADDRESS = ("GET", "HEAD"), "address"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a page says of an error: its kind, a sentence more where there is one, and where a new sign-in leads.

    `retry` is an address at which the same may be tried again; `what` tells it from others of its status.
    """

    status: int
    detail: str = ""
    return_to: str | None = None
    retry: str | None = None
    what: str = ""

    @property
    def kind(self) -> int | str:
        """Which page it is."""
        if self.what:
            return self.what
        return self.status if self.status in KINDS else 500


def wants_page(accept: str | None) -> bool:
    """Does an `Accept` header prefer a page to data? A browser does; `*/*` alone does not."""
    wishes = dict(_wish(part) for part in (accept or "").split(","))
    page = wishes.get("text/html", 0.0)
    return page > 0 and page >= max(wishes.get("application/json", 0.0), wishes.get("application/problem+json", 0.0))


def _wish(part: str) -> tuple[str, float]:
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    weight = next((piece.removeprefix("q=") for piece in parameters if piece.startswith("q=")), "1")
    try:
        return kind, float(weight)
    except ValueError:
        return kind, 0.0


def show_trouble(
    pages: Pages, request: Request, trouble: Trouble, headers: Mapping[str, str] | None = None
) -> Response:
    """The page of an error."""
    page = pages.show(request, "trouble.html", status=trouble.status, trouble=trouble)
    for name in PASSED_ON:
        if headers and name in headers:
            page.headers[name] = headers[name]
    return page


def install_trouble_pages(app: FastAPI, pages: Pages) -> None:
    """Put a page before each problem answer; to be called after `install_problems`."""

    def or_page(problem: Answer, trouble_of: Callable[[Request, Exception], Trouble | None]) -> Answer:
        async def answer(request: Request, error: Exception) -> Response:
            trouble = trouble_of(request, error) if wants_page(request.headers.get("accept")) else None
            if trouble is None:
                answered = problem(request, error)
                return answered if isinstance(answered, Response) else await answered
            if _leads_to_sign_in(request, error, pages):
                return _to_sign_in(request)
            if isinstance(error, Refusal):
                notes_of(request.scope).slug = error.slug
            return show_trouble(pages, request, trouble, _headers_of(error))

        return answer

    kinds: dict[type[Exception], Callable[[Request, Exception], Trouble | None]] = {
        HTTPException: _of_framework,
        Refusal: partial(_of_refusal, pages),
        RequestValidationError: partial(_of_values, pages),
        Exception: _of_surprise,
    }
    for kind, trouble_of in kinds.items():
        app.add_exception_handler(kind, or_page(app.exception_handlers[kind], trouble_of))
    app.add_exception_handler(Refused, _answer_of_api(pages))


def _headers_of(error: Exception) -> Mapping[str, str] | None:
    if isinstance(error, IssuerAway):
        return {"Retry-After": str(error.facts["seconds"])}
    return error.headers if isinstance(error, HTTPException) else None


def _answer_of_api(pages: Pages) -> Answer:
    """What the API refused to a page, as the page of that error."""

    def answer(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        if wants_page(request.headers.get("accept")):
            is_for_people = error.status < 500 and not error.is_moved_on
            said = " ".join(dict.fromkeys(error.fields.values())) or error.detail
            what = ADDRESS if error.status == 422 and request.method in READING else ""
            return show_trouble(pages, request, Trouble(error.status, said if is_for_people else "", what=what))
        return JSONResponse(dict(error.problem), error.status, media_type=MEDIA_TYPE)

    return answer


def _to_sign_in(request: Request) -> Response:
    if SCRIPTED in request.headers:
        seen = urlsplit(request.headers.get("hx-current-url", "/"))
        place = f"{seen.path}?{seen.query}" if seen.query else seen.path
        return Response(status_code=204, headers={"HX-Redirect": way_to_sign_in(place), "Cache-Control": "no-store"})
    return RedirectResponse(way_to_sign_in(_this_page(request)), 303, {"Cache-Control": "no-store"})


def _leads_to_sign_in(request: Request, error: Exception, pages: Pages) -> bool:
    # Whoever is signed in and still refused would only go round in a circle.
    is_stranger = isinstance(error, Unauthenticated) and guest_of(request) is None
    comes_back = request.method in ("GET", "HEAD") or SCRIPTED in request.headers
    return is_stranger and comes_back and pages.settings.can_sign_in


def _this_page(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def _of_framework(_: Request, error: Exception) -> Trouble | None:
    return Trouble(error.status_code) if isinstance(error, HTTPException) else None


def _of_refusal(pages: Pages, request: Request, error: Exception) -> Trouble | None:
    if not isinstance(error, Refusal) or error.status not in KINDS:
        return None
    if isinstance(error, IssuerAway):
        return Trouble(error.status, retry=_way_again(request, error), what="issuer-away")
    language = language_of(request)
    facts = {name: _in_words(fact, pages, language) for name, fact in error.facts.items()}
    if "place" in facts:
        facts["place"] = str(facts["place"]).rpartition("/")[2]
    detail = request.app.state.texts.say(error.slug, language, **facts) if error.status in EXPLAINED else ""
    return_to = str(error.facts.get("return_to", "/")) if isinstance(error, SignInFailed | Unauthenticated) else None
    return Trouble(error.status, detail, return_to)


def _of_values(pages: Pages, request: Request, error: Exception) -> Trouble:
    """A value that no page of ours would have sent: the words of the API are about its own fields."""
    assert isinstance(error, RequestValidationError)
    notes_of(request.scope).slug = NOT_AS_ASKED
    if any(wrong["loc"][0] == "path" for wrong in error.errors()):
        return Trouble(404)
    if request.method in READING:
        return Trouble(422, what=ADDRESS)
    return Trouble(422, pages.texts.say("trouble.422.not-as-asked", language_of(request)))


def _way_again(request: Request, error: IssuerAway) -> str | None:
    """The same page once more, or a new sign-in where one was on its way: its answer counts once only."""
    if "return_to" in error.facts:
        return way_to_sign_in(str(error.facts["return_to"]))
    return _this_page(request) if request.method in ("GET", "HEAD") else None


def _in_words(fact: Fact, pages: Pages, language: str) -> Fact:
    """A list of roles as a reader calls them; anything else as it is."""
    if not isinstance(fact, list):
        return fact
    slugs = [(str(one), f"role.{one}") for one in fact]
    return ", ".join(
        pages.texts.say(slug, language) if pages.texts.knows(slug, language) else one for one, slug in slugs
    )


def _of_surprise(request: Request, error: Exception) -> Trouble:
    status, slug = tell_surprise(request, error)
    notes_of(request.scope).slug = slug
    return Trouble(status)
