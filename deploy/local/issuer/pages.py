"""The issuer's pages: sign-in and signed out, each under the banner that says what this issuer is for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from chassis.texts import Texts, choose_language
from deploy.local.issuer.store.groups import Belonging

HERE = Path(__file__).parent
STYLE_PATH = "/realms/neo/issuer.css"
# The roles of the product in the order in which a school meets them; any other role stands after them.
ROLES = ("teacher", "observer", "curator", "head", "coordinator", "analyst", "operator", "auditor")


@dataclass(frozen=True, slots=True)
class RolePeople:
    """A role with the people offered for one click."""

    name: str
    people: tuple[Belonging, ...]


def by_role(belongings: Sequence[Belonging]) -> list[RolePeople]:
    """People under the headings of their roles."""
    ordered = sorted(belongings, key=lambda one: (_order(one.role), one.role))
    return [RolePeople(role, tuple(people)) for role, people in groupby(ordered, key=lambda one: one.role)]


def _order(role: str) -> int:
    return ROLES.index(role) if role in ROLES else len(ROLES)


def language_of(request: Request) -> str:
    """`ui_locales` of OpenID Connect first, then the browser's wish, then Russian."""
    wishes = request.query_params.get("ui_locales", "").split()
    return choose_language(",".join([*wishes, request.headers.get("accept-language", "")]))


class Pages:
    """Renders the pages in the caller's language."""

    def __init__(self, *, form_targets: Sequence[str] = ()) -> None:
        self._texts = Texts.load(__package__)
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
        )
        origins = sorted({"{0.scheme}://{0.netloc}".format(urlsplit(target)) for target in form_targets})
        # A browser checks form-action along the redirect back to the portal, too.
        actions = " ".join(["'self'", *origins])
        self._policy = (
            f"default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action {actions}"
        )

    def say(self, slug: str, language: str) -> str:
        """One text."""
        return self._texts.say(slug, language)

    def sign_in(
        self, request: Request, roles: Sequence[RolePeople], *, wrong: str | None = None, expected: str = ""
    ) -> HTMLResponse:
        """The sign-in page; `wrong` is the username that was just refused, `expected` the one who is on the way."""
        here = f"{request.url.path}?{request.url.query}"
        status = 200 if wrong is None else 403
        facts = {"roles": roles, "here": here, "wrong": wrong, "expected": expected}
        return self._page(request, "sign_in.html", status=status, **facts)

    def signed_out(self, request: Request, *, has_ended: bool) -> HTMLResponse:
        """The page after a sign-out that leads nowhere else."""
        slug = "sign-out.done" if has_ended else "sign-out.nothing-named"
        return self._page(request, "signed_out.html", status=200 if has_ended else 400, slug=slug)

    def _page(self, request: Request, template: str, *, status: int, **facts: object) -> HTMLResponse:
        language = language_of(request)
        say: Callable[[str], str] = partial(self._texts.say, language=language)
        say_role = partial(self._say_role, language=language)
        text = self._environment.get_template(template).render(
            language=language, say=say, say_role=say_role, style=STYLE_PATH, **facts
        )
        headers = {
            "Content-Language": language,
            "Content-Security-Policy": self._policy,
            "Cache-Control": "no-store",
            "Referrer-Policy": "same-origin",
        }
        return HTMLResponse(text, status_code=status, headers=headers)

    def _say_role(self, role: str, language: str) -> str:
        slug = f"role.{role}"
        return self._texts.say(slug, language) if self._texts.knows(slug, language) else role
