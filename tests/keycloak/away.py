"""Keycloak goes away and comes back, once for all who live through it: a start of it is the dearest thing here."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import text

from chassis.refusals import Unavailable
from tests.keycloak.realm import Realm
from tests.keycloak.server import KeycloakServer
from tests.keycloak.test_accounts import a_slip, came_in, redeem, states
from tests.registry.realm import accounts_are_ready
from tests.registry.town import a_school
from tests.stand import Running

# What somebody does before, while Keycloak is away, and after; it gives way twice in between.
Story = AsyncGenerator[None, None]


async def an_absence(server: KeycloakServer, *stories: Story) -> None:
    """Let stories go on together: Keycloak is there, is stopped, and is started again."""
    for story in stories:
        await anext(story)
    await asyncio.to_thread(server.stop)
    for story in stories:
        await anext(story)
    server.begin()
    await asyncio.to_thread(server.wait)
    for story in stories:
        with pytest.raises(StopAsyncIteration):
            await anext(story)


async def be_patient_no_longer(registry: Running) -> None:
    """Let what was put off be tried at once."""
    async with registry.db.transaction() as tx:
        await tx.run(text("update account_work set not_before = to_timestamp(0)"))


async def what_was_wanted_happens_afterwards(registry: Running, keycloak: Realm) -> Story:
    """Nothing that a school wanted is lost, and whoever is in stays in."""
    school = await a_school(registry)
    here, newcomer = await school.add(), await school.add()
    await accounts_are_ready(school, 2)
    username, tokens = await came_in(registry, keycloak, school, here)
    slip = await a_slip(school, newcomer)
    knows = keycloak.verifier()
    await knows.verify(tokens["access_token"])
    fresh = (await keycloak.refreshed(tokens)).json()

    yield
    known = await knows.verify(fresh["access_token"])
    with pytest.raises(Unavailable):
        await keycloak.verifier().verify(fresh["access_token"])
    await school.add()
    refused = await redeem(registry, slip["code"], "a-password-in-vain")
    waiting = sorted((await states(school)).values())

    yield
    await be_patient_no_longer(registry)
    await accounts_are_ready(school, 3)
    accepted = await redeem(registry, slip["code"], "a-password-in-peace")

    assert known.me == here
    assert waiting == ["PENDING", "READY", "READY"]
    assert (refused.status_code, accepted.status_code) == (503, 200)
    assert (await keycloak.verifier().verify(fresh["access_token"])).me == here
    assert (await keycloak.refreshed(fresh)).status_code == 200
    assert username in await states(school)
