"""Renders pages in the reader's language: `?lang=` first, then the one chosen before, the browser's wish, Russian."""

import asyncio
import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from chassis.ahead import Piece
from chassis.texts import LANGUAGES, Texts, choose_language
from gateway.cookies import chosen_language
from gateway.forms import FIELD, origin_of
from gateway.portal.assets import Assets, takes_packed
from gateway.portal.icons import icon
from gateway.portal.rooms import packages, shelf
from gateway.portal.typeset import typeset
from gateway.portal.words import number
from gateway.porter import guest_of
from gateway.protection import page_policy
from gateway.settings import GatewaySettings

# Below this a packed page is hardly smaller.
WORTH_PACKING = 1024
# Between one template and the next: whoever asks meanwhile waits for one at most.
PAUSE_SECONDS = 0.05


def language_of(request: Request) -> str:
    """The language of a page for this request."""
    chosen = [request.query_params.get("lang", ""), chosen_language(request)]
    return choose_language(",".join([*chosen, request.headers.get("accept-language", "")]))


class Pages:
    """The templates with everything that all of them need."""

    def __init__(self, assets: Assets, settings: GatewaySettings) -> None:
        self.texts = Texts.load(*packages())
        self.settings = settings
        self.policy = page_policy(*({origin_of(settings.issuer)} if settings.can_sign_in else ()))
        self.environment = Environment(
            loader=DictLoader(_templates()),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # Facts of a picture in the letters they are written with: escaped, each would weigh three times as much.
        self.environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}
        self.environment.globals |= {"asset": assets.address, "icon": icon}

    def ahead(self) -> Iterator[Piece]:
        """The reading of every template and of the languages' own rules, so that no first visit waits for that."""
        for language in LANGUAGES:
            yield Piece("language", partial(asyncio.to_thread, number, 0, language))
        for name in self.environment.list_templates():
            yield Piece(name, partial(asyncio.to_thread, self.environment.get_template, name), PAUSE_SECONDS)

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
            said=self._said(request, language),
            link=_links(request),
            **{"frame": None, "reader": None, **facts},
        )
        if language == "ru":
            text = typeset(text)
        headers = {
            "Content-Language": language,
            "Content-Security-Policy": self.policy,
            "Cache-Control": "no-store",
            "Vary": "Accept-Language, Accept-Encoding, Cookie",
        }
        # What a form carries is written differently each time, so a packed page tells nothing of it (BREACH).
        if len(text) < WORTH_PACKING or not takes_packed(request):
            return HTMLResponse(text, status_code=status, headers=headers)
        packed = gzip.compress(text.encode(), 5)
        return HTMLResponse(packed, status_code=status, headers={**headers, "Content-Encoding": "gzip"})

    def piece(self, template: str, language: str, **facts: object) -> Markup:
        """A piece of pages that is the same for all who read the language, so that it can be kept."""
        say: Callable[..., str] = partial(self.texts.say, language=language)
        told = {"language": language, "is_local": self.settings.is_local, "say": say, **facts}
        return escape(self.environment.get_template(template).make_module(told))

    def _said(self, request: Request, language: str) -> str:
        """What the last action did, in words; an address can name our own sentences only."""
        slug = f"said.{request.query_params.get('said', '')}"
        return self.texts.say(slug, language) if self.texts.knows(slug, language) else ""


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
    return {name: source.read_text("utf-8") for name, source in shelf("templates") if name.endswith(".html")}
