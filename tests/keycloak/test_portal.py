"""The portal's way in and out with a real Keycloak, seen through a real browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import pytest_asyncio

from chassis.testing import eventually
from deploy.local.infrastructure import Infrastructure
from tests.keycloak.portal import Portal, a_portal
from tests.keycloak.realm import PASSWORD, Person, Realm

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

PATIENCE = 60_000


async def sign_in(portal: Portal, page: "Page", person: Person) -> None:
    """Go to a page for people, and come back to it by way of Keycloak."""
    await page.goto(f"{portal.address}/me?lang=en")
    await page.fill("#username", person.username)
    await page.fill("#password", PASSWORD)
    await page.click("#kc-login")
    await page.wait_for_url(f"{portal.address}/me?lang=en")


async def is_asked_to_sign_in(portal: Portal, page: "Page") -> bool:
    """Does the page for people lead to Keycloak's form?"""
    await page.goto(f"{portal.address}/me?lang=en")
    address: str = page.url
    return address.startswith(portal.realm.issuer) and bool(await page.is_visible("#kc-login"))


@pytest_asyncio.fixture(scope="module")
async def portal(infrastructure: Infrastructure, keycloak: Realm) -> AsyncIterator[Portal]:
    async with a_portal(infrastructure, keycloak) as built:
        yield built


@asynccontextmanager
async def a_page(chromium: "Browser") -> AsyncIterator["Page"]:
    """A page of somebody who has never been here."""
    async with await chromium.new_context() as context:
        context.set_default_timeout(PATIENCE)
        yield await context.new_page()


@pytest.mark.needs_chromium
async def test_person_comes_in_and_goes_out_here_and_at_keycloak(portal: Portal, chromium: "Browser") -> None:
    place = f"school-{uuid4().hex[:8]}"
    person = await portal.realm.person(f"/schools/{place}/curator")

    async with a_page(chromium) as page:
        await sign_in(portal, page, person)
        shown = await page.inner_text("main")
        await page.click("main form[action='/sign-out'] button:not([name])")
        await page.wait_for_url(f"{portal.address}/")
        is_asked_again = await is_asked_to_sign_in(portal, page)

    assert person.username in shown
    assert place in shown
    assert is_asked_again


@pytest.mark.needs_chromium
async def test_session_that_keycloak_ended_is_over_here_too(portal: Portal, chromium: "Browser") -> None:
    person = await portal.realm.person("/schools/any/teacher")

    async with a_page(chromium) as page:
        await sign_in(portal, page, person)
        await portal.realm.admin.a_user_logout(person.user_id)

        async def is_out() -> bool:
            return await is_asked_to_sign_in(portal, page)

        await eventually(is_out, equals=True, within=30)


@pytest.mark.needs_chromium
async def test_repeated_and_forged_answers_sign_nobody_in(portal: Portal, chromium: "Browser") -> None:
    person = await portal.realm.person("/schools/any/teacher")
    answers: list[str] = []

    async with a_page(chromium) as page, a_page(chromium) as thief:
        page.on("request", lambda one: answers.append(one.url) if "/sign-in/callback" in one.url else None)
        await sign_in(portal, page, person)
        repeated = await page.goto(answers[0])
        stolen = await thief.goto(answers[0])
        forged = await thief.goto(f"{portal.address}/sign-in/callback?state=forged&code=x")
        is_thief_out = await is_asked_to_sign_in(portal, thief)

    assert [one.status for one in (repeated, stolen, forged) if one] == [400, 400, 400]
    assert is_thief_out
