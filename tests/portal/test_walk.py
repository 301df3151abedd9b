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
NARROWEST = 320
# Bytes over the wire at the first visit; the charts' library comes only where there is a chart, and by itself.
HEAVIEST = 100 * 1024
APART = "echarts"
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@each_page
async def test_page_has_no_finding_at_any_width_and_in_both_themes(town: Town, page: Page) -> None:
    found: dict[str, list[str]] = {}
    async with town.look(page) as look:
        for width in WIDTHS:
            for theme in ("light", "dark"):
                await look.wear(width=width, theme=theme)
                found[f"{width} {theme}"] = await looking.axe(look.tab, only_colours=theme == "dark")
                await shoot(look, page, f"{width}-{theme}")
        await look.wear(width=NARROWEST, theme="light")
        found[f"{NARROWEST}"] = await looking.overflow(look.tab)

    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("language", ["ru", "en"])
@each_page
async def test_page_says_what_it_is_and_loads_only_its_own(town: Town, page: Page, language: str) -> None:
    async with town.look(page, language, width=768) as look:
        faults = await looking.identity(look.tab, language)
        if language == "en":
            faults += await looking.axe(look.tab)
        refused = await look.refused_by_policy()

    assert look.status == page.status
    assert faults == []
    assert refused == []
    assert looking.strangers(look.requested, town.url) == []


@each_page
async def test_page_is_light_and_does_not_move(
    town: Town, page: Page, record_property: Callable[[str, object], None]
) -> None:
    async with town.look(page, width=360) as look:
        moved = await looking.shifts(look.tab)
        weights = {address: size for address, size in look.weights.items() if APART not in address}

    record_property(FIGURES, f"{sum(weights.values()):>7} bytes {look.server_ms:>6.1f} ms at the server")
    assert moved == []
    assert sum(weights.values()) < HEAVIEST, weights


@pytest.mark.parametrize("width", [1440, 360])
@each_page
async def test_every_control_is_reached_with_the_tab_key(town: Town, page: Page, width: int) -> None:
    async with town.look(page, width=width) as look:
        faults = await keyboard.walk(look.tab)

    assert faults == []


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
