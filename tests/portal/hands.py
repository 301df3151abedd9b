"""Two ways to use a page: by keyboard alone, and in a browser that runs no script at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from tests.portal.pages import USERNAMES
from tests.portal.town import Town

if TYPE_CHECKING:
    from playwright.async_api import Page as Tab

MOST_TABS = 300
_IS_ON = "(selector) => document.activeElement?.matches(selector) ?? false"


class Hand(Protocol):
    """Somebody who uses a page; things are named by selectors."""

    @property
    def tab(self) -> "Tab":
        """Where the page stands."""
        ...

    async def press(self, selector: str) -> None:
        """Follow a link, press a button, choose an option."""
        ...

    async def write(self, selector: str, words: str) -> None:
        """Fill a field in."""
        ...


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Tab to a thing, then Enter or Space; no mouse at all."""

    tab: "Tab"

    async def press(self, selector: str) -> None:
        """Go there and press it; raises AssertionError when the Tab key does not lead there."""
        await self._go_to(selector)
        is_option = await self.tab.evaluate("() => ['radio', 'checkbox'].includes(document.activeElement.type)")
        await self.tab.keyboard.press("Space" if is_option else "Enter")

    async def write(self, selector: str, words: str) -> None:
        """Go there and type."""
        await self._go_to(selector)
        await self.tab.keyboard.type(words)

    async def _go_to(self, selector: str) -> None:
        await self.tab.wait_for_selector(selector, state="attached")
        for _ in range(MOST_TABS):
            if await self.tab.evaluate(_IS_ON, selector):
                return
            # Radio buttons of one name are one stop; the arrows lead on inside it.
            at_radio = "() => document.activeElement?.type === 'radio'"
            wants_radio = "input" in selector and await self.tab.evaluate(at_radio)
            await self.tab.keyboard.press("ArrowDown" if wants_radio else "Tab")
        raise AssertionError(f"the keyboard does not lead to {selector} at {self.tab.url}")


@dataclass(frozen=True, slots=True)
class NoScript:
    """A mouse in a browser that runs no script."""

    tab: "Tab"

    async def press(self, selector: str) -> None:
        """Click the first of it."""
        await self.tab.locator(selector).first.click()

    async def write(self, selector: str, words: str) -> None:
        """Fill it in."""
        await self.tab.fill(selector, words)


HANDS: tuple[type[Keyboard] | type[NoScript], ...] = (Keyboard, NoScript)


def _is_portal(url: str) -> bool:
    """The practice issuer stands behind the same port."""
    return not urlsplit(url).path.startswith(("/realms/", "/sign-in"))


@asynccontextmanager
async def come_in(town: Town, kind: type[Keyboard] | type[NoScript], role: str) -> AsyncIterator[Hand]:
    """Sign in from the start page by this hand alone; the person stands at the own first page."""
    context = await town.context(java_script_enabled=kind is Keyboard)
    try:
        hand = kind(await context.new_page())
        await hand.tab.goto("/")
        await hand.press("a[href^='/sign-in']")
        await hand.tab.wait_for_selector("#username")
        await hand.write("#username", USERNAMES[role])
        await hand.press("form.by-name button")
        await hand.tab.wait_for_url(_is_portal)
        await hand.tab.goto("/home")
        yield hand
    finally:
        await context.close()
