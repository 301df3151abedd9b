"""What comes out of a printer: eight slips to a sheet, with nothing before them and no empty sheet behind."""

import re
from uuid import uuid4

import pytest

from chassis.testing import TokenFactory
from tests.chromium import a_chromium
from tests.gateway.house import Setting, a_gateway, visiting
from tests.gateway.test_pages import BROWSER
from tests.gateway.test_slips import SHEET, a_registry, a_sheet, a_slip

pytestmark = [pytest.mark.needs_chromium, pytest.mark.slow]


async def on_paper(page: str) -> int:
    """How many sheets a page takes in the browser's own printing."""
    async with a_chromium(without="nothing is printed") as browser:
        tab = await browser.new_page(java_script_enabled=False)
        await tab.set_content(page)
        printed = await tab.pdf(prefer_css_page_size=True)
    return len(re.findall(rb"/Type\s*/Page\b", printed))


@pytest.mark.parametrize(("slips", "sheets"), [(8, 1), (16, 2), (17, 3)])
async def test_eight_slips_fill_a_sheet(tokens: TokenFactory, slips: int, sheets: int) -> None:
    registry = a_registry(a_sheet(*(a_slip() for _ in range(slips))), [])
    headers = {**BROWSER, **tokens.headers(uuid4(), "/schools/spb-693/curator")}
    async with visiting(a_gateway(registry, Setting(verifier=tokens.verifier()))) as client:
        page = (await client.post(f"{SHEET}?lang=ru", headers=headers)).text
        address = re.search(r'<link rel="stylesheet" href="([^"]*pages[^"]*)"', page)
        assert address is not None
        style = (await client.get(address[1])).text

    assert await on_paper(page.replace("</head>", f"<style>{style}</style></head>")) == sheets
