"""Every page of the portal in a real browser: at each width, in both themes, in both languages, by keyboard."""

from collections.abc import Callable

import pytest

from tests.portal import keyboard, looking
from tests.portal.pages import PAGES, Page
from tests.portal.town import FIGURES, Town, shoot

pytestmark = [
    pytest.mark.needs_chromium,
    pytest.mark.slow,
    # python-keycloak leaves its idle connections to the collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
WIDTHS = (1440, 768, 360)
# Here axe looks at the English page as a whole, and at the Russian one for what a theme changes.
MIDDLE = 768
NARROWEST = 320
APART = "echarts"
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@each_page
async def test_page_has_no_finding_at_any_width_and_in_both_themes(town: Town, page: Page) -> None:
    found: dict[str, list[str]] = {}
    async with town.look(page) as look:
        for width in WIDTHS:
            for theme in ("light", "dark"):
                await look.wear(width=width, theme=theme)
                is_whole = theme == "light" and width != MIDDLE
                found[f"{width} {theme}"] = await looking.axe(look.tab, only_colours=not is_whole)
                await shoot(look, page, f"{width}-{theme}")
        await look.wear(width=NARROWEST, theme="light")
        found[f"{NARROWEST}"] = await looking.overflow(look.tab)

    assert {name: faults for name, faults in found.items() if faults} == {}


@each_page
async def test_page_has_no_finding_in_english(town: Town, page: Page) -> None:
    async with town.look(page, "en", width=MIDDLE) as look:
        faults = [*await looking.identity(look.tab, "en"), *await looking.axe(look.tab)]

    assert faults == []


@each_page
async def test_page_says_what_it_is_and_loads_little_and_only_its_own(
    town: Town, page: Page, record_property: Callable[[str, object], None]
) -> None:
    async with town.look(page, width=360) as look:
        faults = [*await looking.identity(look.tab, "ru"), *await looking.shifts(look.tab)]
        refused = await look.refused_by_policy()
        weights = {address: size for address, size in look.weights.items() if APART not in address}

    record_property(FIGURES, f"{sum(weights.values()):>7} bytes {look.server_ms:>6.1f} ms at the server")
    assert look.status == page.status
    assert faults == []
    assert refused == []
    assert looking.strangers(look.requested, town.url) == []
    assert sum(weights.values()) < page.heaviest, weights


@each_page
async def test_every_control_is_reached_with_the_tab_key(town: Town, page: Page) -> None:
    faults: dict[int, list[str]] = {}
    async with town.look(page) as look:
        for width in (1440, 360):
            await look.wear(width=width, theme="light")
            faults[width] = await keyboard.walk(look.tab)

    assert faults == {1440: [], 360: []}


@each_page
async def test_page_waits_for_no_script(town: Town, page: Page) -> None:
    context = await town.context_of(page.reader, java_script_enabled=False)
    try:
        tab = await context.new_page()
        await tab.goto(page.path)
        faults = [*await looking.identity(tab, "ru"), *await looking.forms(tab)]
    finally:
        await context.close()

    assert faults == []
