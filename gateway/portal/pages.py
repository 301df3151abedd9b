"""Renders pages in the reader's language: `?lang=` first, then the browser's wish, then Russian."""

from collections.abc import Callable
from functools import partial
from importlib.resources import files

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import DictLoader, Environment, StrictUndefined

from chassis.texts import LANGUAGES, Texts, choose_language
from gateway.portal.assets import Assets
from gateway.protection import PAGE_POLICY


def language_of(request: Request) -> str:
    """The language of a page for this request."""
    return choose_language(",".join([request.query_params.get("lang", ""), request.headers.get("accept-language", "")]))


class Pages:
    """The templates with everything that all of them need."""

    def __init__(self, assets: Assets, *, is_local: bool) -> None:
        self.texts = Texts.load(__package__)
        self.is_local = is_local
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
            is_local=self.is_local,
            path=request.url.path,
            say=say,
            link=_links(request),
            **facts,
        )
        headers = {
            "Content-Language": language,
            "Content-Security-Policy": PAGE_POLICY,
            "Cache-Control": "no-store",
            "Vary": "Accept-Language",
        }
        return HTMLResponse(text, status_code=status, headers=headers)


def _links(request: Request) -> Callable[[str], str]:
    """A language that was chosen by hand goes along to the next page."""
    chosen = request.query_params.get("lang", "")
    suffix = f"?lang={chosen}" if chosen in LANGUAGES else ""
    return lambda path: f"{path}{suffix}"


def _templates() -> dict[str, str]:
    folder = files(__package__).joinpath("templates")
    return {source.name: source.read_text("utf-8") for source in folder.iterdir() if source.name.endswith(".html")}
