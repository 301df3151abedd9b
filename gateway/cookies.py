"""The cookies: for a session, for an attempt to sign in, which is tied to its browser, and for a chosen language.

Over https all are `__Host-…`: Secure, for this host and all paths, and no other host can set them. From plain http,
which is for one's own machine only, not every browser takes such a cookie (Chromium does, Safari does not); there
the same go under plain names and without Secure.
"""

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from starlette.requests import Request
from starlette.responses import Response

from gateway.secret import Secret

HOST = "__Host-"
SESSION, ATTEMPT = "neo", "neo-sign-in"
# No secret: the language that somebody chose by hand.
LANGUAGE = "neo-language"
A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Cookies:
    """How cookies are named and set here."""

    is_encrypted: bool

    @property
    def session(self) -> str:
        """The name of the session's cookie."""
        return self._named(SESSION)

    @property
    def attempt(self) -> str:
        """The name of the cookie that an attempt to sign in is tied to."""
        return self._named(ATTEMPT)

    def read(self, request: Request, name: str) -> Secret | None:
        """The secret that a cookie carries."""
        return Secret.read(request.cookies.get(name))

    def give(self, response: Response, name: str, secret: Secret, *, seconds: int | None = None) -> None:
        """Set a cookie; without `seconds` it ends with the browser."""
        response.set_cookie(
            name, secret.written, max_age=seconds, path="/", secure=self.is_encrypted, httponly=True, samesite="lax"
        )

    def take(self, response: Response, name: str) -> None:
        """Let the browser forget a cookie."""
        response.delete_cookie(name, path="/", secure=self.is_encrypted, httponly=True, samesite="lax")

    def taken(self, name: str) -> bytes:
        """The header with which a browser forgets a cookie."""
        response = Response()
        self.take(response, name)
        return response.headers["set-cookie"].encode("latin-1")

    def choose(self, response: Response, language: str) -> None:
        """Keep the language of the pages for a year."""
        response.set_cookie(
            self._named(LANGUAGE),
            language,
            max_age=A_YEAR,
            path="/",
            secure=self.is_encrypted,
            httponly=True,
            samesite="lax",
        )

    def _named(self, name: str) -> str:
        return f"{HOST}{name}" if self.is_encrypted else name


def chosen_language(request: Request) -> str:
    """The language that somebody chose by hand, from either kind of address; empty when nobody did."""
    return request.cookies.get(f"{HOST}{LANGUAGE}") or request.cookies.get(LANGUAGE, "")


def sets(header: bytes, name: str) -> bool:
    """Does a `Set-Cookie` header speak of this cookie?"""
    try:
        return name in SimpleCookie(header.decode("latin-1"))
    except CookieError:
        return False
