"""The journeys of a teacher, a curator and a district in a real browser, signed in at the real Keycloak."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.keycloak.city import a_city_at
from tests.keycloak.realm import PASSWORD, Realm
from tests.portal.pages import USERNAMES, this_year

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [
    pytest.mark.needs_chromium,
    pytest.mark.slow,
    # python-keycloak leaves its idle connections to the collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
PATIENCE = 60_000
READERS = ("teacher-answering", "curator-pairing", "coordinator")


@pytest_asyncio.fixture(scope="module")
async def city(keycloak: Realm) -> AsyncIterator[str]:
    async with a_city_at(keycloak, *(USERNAMES[role] for role in READERS)) as address:
        yield address


@asynccontextmanager
async def signed_in(chromium: "Browser", city: str, role: str) -> AsyncIterator["Page"]:
    """Somebody of the demo at their own first page, by way of Keycloak's form."""
    async with await chromium.new_context(base_url=city, locale="ru-RU", reduced_motion="reduce") as context:
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        await page.goto("/")
        await page.click("a[href^='/sign-in']")
        await page.fill("#username", USERNAMES[role])
        await page.fill("#password", PASSWORD)
        await page.click("#kc-login")
        await page.wait_for_url(lambda url: url.startswith(city) and "/sign-in" not in url)
        yield page


async def test_teacher_answers_a_question_and_finds_the_answer_after_a_new_sign_in(
    city: str, chromium: "Browser"
) -> None:
    sheet = f"/schools/spb-112/forms/{this_year('spb-112', 'campaign-1')}/self"
    async with signed_in(chromium, city, "teacher-answering") as page:
        assert page.url == f"{city}/schools/spb-112/my-day"
        await page.click(f"main a[href^='{sheet}']")
        await page.wait_for_url(f"**{sheet}/*")
        question = page.url
        await page.click("label:has(input[name=level][value='4'])")
        await page.click("button[name=go][value=next]")
        await page.wait_for_url(lambda url: url != question)

    async with signed_in(chromium, city, "teacher-answering") as page:
        await page.goto(question)
        is_kept = await page.is_checked("input[name=level][value='4']")

    assert is_kept


async def test_curator_answers_a_call_for_help(city: str, chromium: "Browser") -> None:
    async with signed_in(chromium, city, "curator-pairing") as page:
        await page.click("nav a[href$='/health']")
        await page.wait_for_url("**/health")
        before = await page.locator("form[action$='/helped']").count()
        await page.locator("form[action$='/helped'] button").first.click()
        await page.wait_for_url(re.compile(r"/health\?.*said="))
        after = await page.locator("form[action$='/helped']").count()

    assert (before > 0, after) == (True, before - 1)


async def test_district_accepts_a_report_and_signs_out_everywhere(city: str, chromium: "Browser") -> None:
    async with signed_in(chromium, city, "coordinator") as page:
        await page.click("nav a[href$='/reports']")
        await page.wait_for_url("**/reports")
        waiting = await page.locator("[id^='report-'] > form button").count()
        await page.locator("[id^='report-'] > form button").first.click()
        await page.wait_for_url(re.compile("said="))
        left = await page.locator("[id^='report-'] > form button").count()
        await page.goto("/me")
        await page.click("main button[name=everywhere]")
        await page.wait_for_load_state()
        await page.goto("/home")
        is_asked = await page.is_visible("#kc-login")

    assert (waiting > 0, left < waiting, is_asked) == (True, True, True)
