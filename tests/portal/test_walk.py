"""Every page of the portal in a real browser: at each width, in both themes, in both languages, by keyboard."""

from collections.abc import Callable

import pytest

from tests.portal import keyboard, looking
from tests.portal.pages import PAGES, Page
from tests.portal.town import FIGURES, Look, Town, shoot

pytestmark = [
    pytest.mark.needs_chromium,
    pytest.mark.slow,
    # python-keycloak leaves its idle connections to the collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
# Here axe looks at the English page as a whole; at the others at the Russian one.
PHONE, MIDDLE, DESK = 360, 768, 1440
NARROWEST = 320
# The colours of a theme and the order of the controls are the same at all widths; a phone's frame is that of any page.
WHOLE_ON_A_PHONE = PAGES[::3]
APART = "echarts"
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@each_page
async def test_page_is_light_and_has_no_finding_at_any_width_in_any_theme_or_by_keyboard(
    town: Town, page: Page, record_property: Callable[[str, object], None]
) -> None:
    async with town.look(page, width=PHONE) as look:
        found = {"as it came in": await _as_it_came_in(town, look)}
        weights = {address: size for address, size in look.weights.items() if APART not in address}
        record_property(FIGURES, f"{sum(weights.values()):>7} bytes {look.server_ms:>6.1f} ms at the server")
        for width in (PHONE, DESK):
            is_whole = width == DESK or page in WHOLE_ON_A_PHONE
            for theme in ("dark", "light") if is_whole else ("light",):
                await look.wear(width=width, theme=theme)
                found[f"{width} {theme}"] = await looking.axe(look.tab, only_colours=theme == "dark")
                await shoot(look, page, f"{width}-{theme}")
            if is_whole:
                found[f"{width} by keyboard"] = await keyboard.walk(look.tab)
        await look.wear(width=MIDDLE, theme="light")
        await shoot(look, page, f"{MIDDLE}-light")
        await look.wear(width=NARROWEST, theme="light")
        found[f"{NARROWEST}"] = await looking.overflow(look.tab)

    assert look.status == page.status
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert sum(weights.values()) < page.heaviest, weights


async def _as_it_came_in(town: Town, look: Look) -> list[str]:
    """What is wrong before anybody touches anything: the outline, what moved, what the policy refused, strangers."""
    return [
        *await looking.identity(look.tab, "ru"),
        *await looking.shifts(look.tab),
        *await look.refused_by_policy(),
        *looking.strangers(look.requested, town.url),
    ]


# The same templates with other words: every fourth page shows whether the words fit.
@pytest.mark.parametrize("page", PAGES[::4], ids=lambda page: page.name)
async def test_page_has_no_finding_in_english(town: Town, page: Page) -> None:
    async with town.look(page, "en", width=MIDDLE) as look:
        faults = [*await looking.identity(look.tab, "en"), *await looking.axe(look.tab)]
        await shoot(look, page, f"{MIDDLE}-english")

    assert faults == []


@each_page
async def test_page_waits_for_no_script(town: Town, page: Page) -> None:
    html, tab = await town.unscripted(page)

    assert await looking.forms_of(tab, html) == []
