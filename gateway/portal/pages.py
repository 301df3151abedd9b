"""Renders pages in the reader's language: `?lang=` first, then the browser's wish, then Russian."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.resources import files

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from chassis.texts import LANGUAGES, Texts, choose_language
from gateway.forms import FIELD, origin_of
from gateway.portal.assets import Assets
from gateway.porter import guest_of
from gateway.protection import page_policy
from gateway.settings import GatewaySettings


def language_of(request: Request) -> str:
    """The language of a page for this request."""
    return choose_language(",".join([request.query_params.get("lang", ""), request.headers.get("accept-language", "")]))


class Pages:
    """The templates with everything that all of them need."""

    def __init__(self, assets: Assets, settings: GatewaySettings) -> None:
        self.texts = Texts.load(__package__)
        self.settings = settings
        self.policy = page_policy(*({origin_of(settings.issuer)} if settings.can_sign_in else ()))
        self.environment = Environment(
            loader=DictLoader(_templates()),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals["asset"] = assets.address

    def say(self, slug: str, language: str) -> str:
        """One text."""
        return self.texts.say(slug, language)

    def show(self, request: Request, template: str, *, status: int = 200, **facts: object) -> HTMLResponse:
        """A page; nobody keeps it, because it shows what is now."""
        language = language_of(request)
        say: Callable[..., str] = partial(self.texts.say, language=language)
        text = self.environment.get_template(template).render(
            language=language,
            languages=LANGUAGES,
            is_local=self.settings.is_local,
            path=request.url.path,
            here=_here(request),
            me=_me(request),
            can_sign_in=self.settings.can_sign_in,
            say=say,
            link=_links(request),
            **facts,
        )
        headers = {
            "Content-Language": language,
            "Content-Security-Policy": self.policy,
            "Cache-Control": "no-store",
            "Vary": "Accept-Language",
        }
        return HTMLResponse(text, status_code=status, headers=headers)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who looks at the page, and the field that makes a form theirs."""

    username: str
    form_field: Markup


def _me(request: Request) -> SignedIn | None:
    session = guest_of(request)
    if session is None:
        return None
    field = Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, session.form_token())
    return SignedIn(session.username, field)


def _here(request: Request) -> str:
    """This page as somebody comes back to it after signing in; a posted form cannot be come back to."""
    if request.method not in ("GET", "HEAD"):
        return "/"
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def _links(request: Request) -> Callable[[str], str]:
    """A language that was chosen by hand goes along to the next page."""
    chosen = request.query_params.get("lang", "")
    suffix = f"?lang={chosen}" if chosen in LANGUAGES else ""
    return lambda path: f"{path}{suffix}"


def _templates() -> dict[str, str]:
    folder = files(__package__).joinpath("templates")
    return {source.name: source.read_text("utf-8") for source in folder.iterdir() if source.name.endswith(".html")}
