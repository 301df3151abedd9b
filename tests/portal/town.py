"""The demo city in a browser: who looks at which page."""

import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from deploy.demo.run import BEGINNING, Plan, play
from deploy.demo.sign_ins import demo_sign_ins
from deploy.demo.staff_files import generate, write_csv
from deploy.local.city import running_city, take_port
from deploy.local.folder import hold
from deploy.show import Voice
from tests.portal.pages import USERNAMES, Page
from tests.portal.window import Look, Window, a_window

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext

# Under this name a test tells what a page weighs; the end of the run prints it.
FIGURES = "figures"
# A folder that `neo up` has filled may be lent: it is copied, and its schools are larger than those made here.
LENT = "NEO_FILLED_CITY"
# A city that runs already may be visited instead; nothing is changed in it.
RUNNING = "NEO_RUNNING_CITY"
SCHOOLS = {"spb-112": 24, "spb-540": 24, "spb-693": 24}
SEED = 2026
LOCALES = {"ru": "ru-RU", "en": "en-GB"}
PATIENCE = 30_000


@dataclass(slots=True)
class Town:
    """A running demo city and one browser with a window for each language; each reader signs in once."""

    url: str
    browser: "Browser"
    sessions: dict[str, Any] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)

    async def context(self, language: str = "ru", **wishes: Any) -> "BrowserContext":
        """A browser in which nobody has signed in and which nobody else uses."""
        context = await self.browser.new_context(
            base_url=self.url, locale=LOCALES[language], reduced_motion="reduce", **wishes
        )
        context.set_default_timeout(PATIENCE)
        return context

    async def look(self, page: Page, language: str = "ru", *, width: int) -> Look:
        """Open a page with an empty cache, in the window through which the page before was looked at."""
        window = await self._window(language)
        await self._let_in(window, page.reader)
        return await window.open(page.path, width=width)

    async def _window(self, language: str) -> Window:
        if language not in self.windows:
            # The window alone says how wide it is.
            self.windows[language] = await a_window(await self.context(language, no_viewport=True))
        return self.windows[language]

    async def _let_in(self, window: Window, reader: str | None) -> None:
        """Another reader sits down at the window: nothing of the one before stays."""
        if window.reader == reader:
            return
        await window.forget()
        if reader in self.sessions:
            await window.context.add_cookies(self.sessions[reader])
        elif reader:
            await self._sign_in(window.context, reader)
        window.reader = reader

    async def _sign_in(self, context: "BrowserContext", reader: str) -> None:
        """Send the form of the practice issuer as its page would; how it looks is for the journeys to see."""
        asked = await context.request.get("/sign-in?return_to=/welcome")
        answer = await context.request.post(asked.url, form={"username": USERNAMES[reader]})
        assert urlsplit(answer.url).path == "/welcome", f"{reader} was not let in: {answer.status} at {answer.url}"
        self.sessions[reader] = await context.cookies()

    async def close(self) -> None:
        """Close the windows."""
        for window in self.windows.values():
            await window.context.close()


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
