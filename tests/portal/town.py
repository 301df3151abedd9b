"""The demo city in a browser: signed-in readers, tabs with a theme and a width, and where their pictures go."""

import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.demo.run import BEGINNING, Plan, play
from deploy.demo.sign_ins import demo_sign_ins
from deploy.demo.staff_files import generate, write_csv
from deploy.local.city import running_city, take_port
from deploy.local.folder import hold
from deploy.show import Voice
from tests.portal.pages import USERNAMES, Page

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Request, Response
    from playwright.async_api import Page as Tab

# Under this name a test tells what a page weighs; the end of the run prints it.
FIGURES = "figures"
SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
# A folder that `neo up` has filled may be lent: it is copied, and its schools are larger than those made here.
LENT = "NEO_FILLED_CITY"
# A city that runs already may be visited instead; nothing is changed in it.
RUNNING = "NEO_RUNNING_CITY"
SCHOOLS = {"spb-112": 24, "spb-540": 24, "spb-693": 24}
SEED = 2026
HEIGHT = 900
LOCALES = {"ru": "ru-RU", "en": "en-GB"}
PATIENCE = 30_000
_WATCH = """addEventListener('securitypolicyviolation', (event) => {
  (window.refusedByPolicy ??= []).push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});"""


@dataclass(slots=True)
class Look:
    """A page as it stands in a tab, with everything that it asked for and cost on the way."""

    tab: "Tab"
    status: int
    requested: list[str] = field(default_factory=list)
    weights: dict[str, int] = field(default_factory=dict)
    server_ms: float = 0.0

    async def wear(self, *, width: int, theme: str) -> None:
        """Another width and theme of the same page."""
        await self.tab.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        await self.tab.set_viewport_size({"width": width, "height": HEIGHT})

    async def refused_by_policy(self) -> list[str]:
        """What the page's own policy kept from loading or running."""
        found: list[str] = await self.tab.evaluate("() => window.refusedByPolicy ?? []")
        return found


@dataclass(slots=True)
class Town:
    """A running demo city and one browser; each reader signs in once and keeps the session."""

    url: str
    browser: "Browser"
    states: dict[str, Any] = field(default_factory=dict)
    contexts: dict[tuple[str | None, str], "BrowserContext"] = field(default_factory=dict)
    blank: "Tab | None" = None

    async def state_of(self, reader: str) -> Any:
        """The cookies of a reader who came in through the practice issuer."""
        if reader not in self.states:
            context = await self.browser.new_context(base_url=self.url, locale=LOCALES["ru"])
            tab = await context.new_page()
            await tab.goto("/sign-in?return_to=/me")
            await tab.fill("#username", USERNAMES[reader])
            await tab.press("#username", "Enter")
            await tab.wait_for_url(f"{self.url}/me")
            self.states[reader] = await context.storage_state()
            await context.close()
        return self.states[reader]

    async def context_of(self, reader: str | None, language: str = "ru", **wishes: Any) -> "BrowserContext":
        """A browser of a reader, which nobody else uses."""
        state = await self.state_of(reader) if reader else None
        context = await self.browser.new_context(
            base_url=self.url, locale=LOCALES[language], storage_state=state, reduced_motion="reduce", **wishes
        )
        context.set_default_timeout(PATIENCE)
        return context

    async def _shared(self, reader: str | None, language: str) -> "BrowserContext":
        key = (reader, language)
        if key not in self.contexts:
            self.contexts[key] = await self.context_of(reader, language)
            await self.contexts[key].add_init_script(_WATCH)
        return self.contexts[key]

    @asynccontextmanager
    async def look(self, page: Page, language: str = "ru", *, width: int = 1440) -> AsyncIterator[Look]:
        """Open a page with an empty cache; the tab is closed at the end."""
        context = await self._shared(page.reader, language)
        tab = await context.new_page()
        try:
            await tab.set_viewport_size({"width": width, "height": HEIGHT})
            look, path = Look(tab, 0), await self._there(context, page)
            tab.on("request", lambda request: look.requested.append(request.url))
            await _weigh(context, look)
            answer = await tab.goto(path, wait_until="load")
            await tab.evaluate("() => document.fonts.ready.then(() => true)")
            assert answer is not None
            look.status, look.server_ms = answer.status, _server_ms(answer)
            yield look
        finally:
            await tab.close()

    async def _there(self, context: "BrowserContext", page: Page) -> str:
        """Where a page is; of several the first that is there."""
        *others, last = page.path, *page.otherwise
        for path in others:
            if (await context.request.get(path)).ok:
                return path
        return last

    async def unscripted(self, page: Page) -> tuple[str, "Tab"]:
        """A page as the server sent it, and an empty tab to read it in."""
        context = await self._shared(page.reader, "ru")
        answer = await context.request.get(await self._there(context, page), headers={"Accept": "text/html"})
        if self.blank is None:
            self.blank = await context.new_page()
        return await answer.text(), self.blank

    async def close(self) -> None:
        """Close all browsers of readers."""
        for context in self.contexts.values():
            await context.close()


async def _weigh(context: "BrowserContext", look: Look) -> None:
    """Count the bytes that come over the wire, as if nothing was kept from before."""
    session = await context.new_cdp_session(look.tab)
    await session.send("Network.enable")
    await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    names: dict[str, str] = {}
    session.on("Network.requestWillBeSent", lambda event: names.update({event["requestId"]: event["request"]["url"]}))

    def finished(event: dict[str, Any]) -> None:
        look.weights[names.get(event["requestId"], "?")] = int(event["encodedDataLength"])

    session.on("Network.loadingFinished", finished)


def _server_ms(answer: "Response") -> float:
    request: Request = answer.request
    timing = request.timing
    return timing["responseStart"] - timing["requestStart"]


async def shoot(look: Look, page: Page, name: str) -> None:
    """Keep a picture of the whole page."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    await look.tab.screenshot(path=SHOTS / f"{page.name}-{name}.jpg", type="jpeg", quality=85, full_page=True)


@contextmanager
def _folder() -> Any:
    # Not in pytest's own folder: another run beside this one would shut PostgreSQL's user out of it.
    with tempfile.TemporaryDirectory(prefix="neo-portal-", ignore_cleanup_errors=True) as place:
        yield Path(place)


@asynccontextmanager
async def a_city() -> AsyncIterator[str]:
    """A demo city that has lived through its year and its second autumn; yields its address."""
    if running := os.environ.get(RUNNING):
        yield running
        return
    lent = os.environ.get(LENT)
    with _folder() as place:
        if lent:
            # With its owners: PostgreSQL's files belong to a user of their own.
            subprocess.run(["cp", "-a", lent, str(place / "city")], check=True)
        async with AsyncExitStack() as stack:
            bound = stack.enter_context(take_port(0))
            folder = stack.enter_context(hold(place / "city"))
            if not lent:
                folder.begin_demo(BEGINNING)
            city = await stack.enter_async_context(
                running_city(folder, bound, sign_ins=demo_sign_ins(), is_durable=False)
            )
            if not lent:
                await play(city.url, Plan(staff=_small_schools(place), seed=SEED), Voice(to=StringIO()), scratch=place)
            yield city.url


def _small_schools(place: Path) -> tuple[Path, ...]:
    """Staff files of three small schools that bear the names of the large ones, so that the sign-ins are the same."""
    files = []
    for number, (school, teachers) in enumerate(SCHOOLS.items()):
        files.append(place / f"{school}.csv")
        write_csv(files[-1], generate(teachers, SEED + number))
    return tuple(files)
