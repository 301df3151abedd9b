"""Every page of the portal in a real browser: at each width, in both themes, in both languages, by keyboard."""

from collections.abc import Callable, Sequence

import pytest

from tests.portal import keyboard, looking
from tests.portal.pages import PAGES, Page
from tests.portal.town import FIGURES, Town
from tests.portal.window import Look

pytestmark = [
    pytest.mark.needs_chromium,
    pytest.mark.slow,
    # python-keycloak leaves its idle connections to the collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
PHONE, MIDDLE, DESK = 360, 768, 1440
NARROWEST = 320
APART = "echarts"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_page_is_light_and_has_no_finding_at_any_width_in_any_theme_by_keyboard_or_without_script(
    town: Town, page: Page, record_property: Callable[[str, object], None]
) -> None:
    look = await town.look(page, width=PHONE)
    found = {"as it came in": await _as_it_came_in(town, look)}
    weights = {address: size for address, size in look.weights.items() if APART not in address}
    record_property(FIGURES, f"{sum(weights.values()):>7} bytes {look.server_ms:>6.1f} ms at the server")
    # The order spares the browser what it can: each change of the theme or the width lays the page out anew.
    found |= await _worn(look, page, PHONE, ("light", "dark"))
    await look.wear(width=NARROWEST, theme="dark")
    found[f"{NARROWEST}"] = await looking.overflow(look.tab)
    found |= await _worn(look, page, DESK, ("dark", "light"))
    await look.wear(width=MIDDLE, theme="light")
    await look.shoot(f"{page.name}-{MIDDLE}-light")

    assert look.status == page.status
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert sum(weights.values()) < page.heaviest, weights


async def _worn(look: Look, page: Page, width: int, themes: Sequence[str]) -> dict[str, list[str]]:
    """What axe finds at a width in each theme, and the Tab key in the light one; the order is that of the themes."""
    found: dict[str, list[str]] = {}
    for theme in themes:
        await look.wear(width=width, theme=theme)
        found[f"{width} {theme}"] = await looking.axe(look.tab, only_colours=theme == "dark")
        if theme == "light":
            found[f"{width} by keyboard"] = await keyboard.walk(look)
        await look.shoot(f"{page.name}-{width}-{theme}")
    return found


async def _as_it_came_in(town: Town, look: Look) -> list[str]:
    """What is wrong before anybody touches anything: the outline, what moved, what the policy refused, strangers."""
    return [
        *await looking.identity(look.tab, "ru"),
        *await looking.shifts(look.tab),
        *await look.refused_by_policy(),
        *looking.strangers(look.requested, town.url),
        *await looking.forms_of(look.tab, look.html),
    ]


# The same templates with other words: every fourth page shows whether the words fit.
@pytest.mark.parametrize("page", PAGES[::4], ids=lambda page: page.name)
async def test_page_has_no_finding_in_english(town: Town, page: Page) -> None:
    look = await town.look(page, "en", width=MIDDLE)
    faults = [*await looking.identity(look.tab, "en"), *await looking.axe(look.tab)]
    await look.shoot(f"{page.name}-{MIDDLE}-english")

    assert faults == []
