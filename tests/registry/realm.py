"""A registry beside a live development issuer, for tests of slips and erasures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from chassis.relay import connect_plain
from chassis.testing import eventually
from deploy.databases import database_of
from services.registry.actions.realm import RealmDoor, RealmKeeper
from services.registry.app import build
from tests.deploy.issuer_run import DOORS
from tests.deploy.issuer_run import Running as Issuer
from tests.registry.town import School
from tests.stand import Running, Stand

SECRET = "registry-secret"


@asynccontextmanager
async def a_registry(stand: Stand, address: str) -> AsyncIterator[Running]:
    """A registry that keeps the accounts of the realm at this address."""
    await forget_older_work(stand)
    settings = stand.infrastructure.settings_of("registry", f"{address}/realms/neo")
    app: FastAPI = build(settings, clock=stand.clock, verifier=stand.tokens.verifier(), realm_secret=SECRET)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service.test/v1") as client,
    ):
        yield Running(app, client, stand.tokens)


async def forget_older_work(stand: Stand) -> None:
    """Accounts that other tests left to be made are not of this test, and would be made first."""
    connection = await connect_plain(stand.infrastructure.postgres.url(database_of("registry"), "postgres"))
    try:
        await connection.execute("update account_work set done_version = version where done_version < version")
    finally:
        await connection.close()


def a_keeper(address: str) -> RealmKeeper:
    return RealmKeeper(RealmDoor(f"{address}/realms/neo", "registry", SECRET))


async def accounts_are_ready(school: School, count: int) -> list[dict[str, Any]]:
    """Wait until so many accounts of a school stand in the realm."""

    async def ready() -> list[dict[str, Any]]:
        answer = await school.call("curator", "GET", "/accounts?limit=500")
        return [one for one in answer.json()["items"] if one["state"] == "READY"]

    async def how_many() -> int:
        return len(await ready())

    await eventually(how_many, equals=count, within=60)
    return await ready()


def can_sign_in(issuer: Issuer, username: str, password: str) -> bool:
    form = {"grant_type": "password", "client_id": "demo", "username": username, "password": password}
    return issuer.browser.post(f"{DOORS}/token", data=form).status_code == 200
