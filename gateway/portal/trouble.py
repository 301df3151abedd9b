"""Errors are pages too: whoever asks for a page gets one, whoever asks for data gets a problem (RFC 9457)."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chassis.refusals import Missing, Refusal
from gateway.portal.pages import Pages

Answer = Callable[[Request, Exception], Response | Awaitable[Response]]


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


def install_trouble_pages(app: FastAPI, pages: Pages) -> None:
    """Put a page before each problem answer; to be called after `install_problems`."""

    def or_page(problem: Answer, status_of: Callable[[Exception], int | None]) -> Answer:
        async def answer(request: Request, error: Exception) -> Response:
            status = status_of(error)
            if status is None or not wants_page(request.headers.get("accept")):
                answered = problem(request, error)
                return answered if isinstance(answered, Response) else await answered
            kind = status if status in (404, 405) else 500
            return pages.show(request, "trouble.html", status=status, kind=kind)

        return answer

    statuses: dict[type[Exception], Callable[[Exception], int | None]] = {
        HTTPException: lambda error: error.status_code if isinstance(error, HTTPException) else None,
        Refusal: lambda error: Missing.status if isinstance(error, Missing) else None,
        Exception: lambda _: 500,
    }
    for kind, status_of in statuses.items():
        app.add_exception_handler(kind, or_page(app.exception_handlers[kind], status_of))
