"""A window through which page after page is looked at: what it asks for, what it weighs, how it looks at each width.

One tab serves a whole walk: a new one, let alone a new profile, costs a browser more than the page that is shown in it.
"""

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Request, Response
    from playwright.async_api import Page as Tab

SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
HEIGHT = 900
_WATCH = """addEventListener('securitypolicyviolation', (event) => {
  (window.refusedByPolicy ??= []).push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});"""


@dataclass(slots=True)
class Look:
    """A page as it stands in a window, with everything that it asked for and cost on the way."""

    tab: "Tab"
    devtools: "CDPSession"
    width: int = 0
    theme: str = ""
    status: int = 0
    html: str = ""
    requested: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=dict)
    server_ms: float = 0.0

    async def wear(self, *, width: int, theme: str) -> None:
        """Another width and theme of the same page."""
        if self.theme != theme:
            await self.tab.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        self.width, self.theme = width, theme
        await self._shape(HEIGHT)

    async def refused_by_policy(self) -> list[str]:
        """What the page's own policy kept from loading or running."""
        found: list[str] = await self.tab.evaluate("() => window.refusedByPolicy ?? []")
        return found

    async def shoot(self, name: str) -> None:
        """Keep a picture of the whole page; the window stays as tall as the page until it wears something else."""
        page = (await self.devtools.send("Page.getLayoutMetrics"))["cssContentSize"]
        await self._shape(max(HEIGHT, int(page["height"])))
        taken = await self.devtools.send("Page.captureScreenshot", {"format": "jpeg", "quality": 85})
        SHOTS.mkdir(parents=True, exist_ok=True)
        (SHOTS / f"{name}.jpg").write_bytes(base64.b64decode(taken["data"]))

    async def _shape(self, height: int) -> None:
        shape = {"width": self.width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self.devtools.send("Emulation.setDeviceMetricsOverride", shape)


@dataclass(slots=True)
class Window:
    """A tab, who sits at it, and what is looked at just now."""

    context: "BrowserContext"
    tab: "Tab"
    devtools: "CDPSession"
    look: Look
    reader: str | None = None

    async def open(self, path: str, *, width: int) -> Look:
        """Open a page as if nothing was kept from before."""
        look = self.look = Look(self.tab, self.devtools)
        await look.wear(width=width, theme="light")
        answer = await self.tab.goto(path, wait_until="load")
        await self.tab.evaluate("() => document.fonts.ready.then(() => true)")
        assert answer is not None
        look.status, look.html, look.server_ms = answer.status, await answer.text(), _server_ms(answer)
        return look

    async def forget(self) -> None:
        """Keep nothing of who sat here."""
        await self.context.clear_cookies()
        if self.tab.url.startswith("http"):
            await self.tab.evaluate("() => { sessionStorage.clear(); localStorage.clear(); }")


async def a_window(context: "BrowserContext") -> Window:
    """Open a window that counts what comes over the wire."""
    await context.add_init_script(_WATCH)
    tab = await context.new_page()
    devtools = await context.new_cdp_session(tab)
    window = Window(context, tab, devtools, Look(tab, devtools))
    tab.on("request", lambda request: window.look.requested.append(request.url))
    await devtools.send("Network.enable")
    await devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def begun(event: dict[str, Any]) -> None:
        window.look.names[event["requestId"]] = event["request"]["url"]

    def finished(event: dict[str, Any]) -> None:
        # What the page before was still asking for is not the weight of this one.
        if address := window.look.names.get(event["requestId"]):
            window.look.weights[address] = int(event["encodedDataLength"])

    devtools.on("Network.requestWillBeSent", begun)
    devtools.on("Network.loadingFinished", finished)
    return window


def _server_ms(answer: "Response") -> float:
    request: Request = answer.request
    waited: float = request.timing["responseStart"] - request.timing["requestStart"]
    return waited
