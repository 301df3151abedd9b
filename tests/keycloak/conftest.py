"""One real Keycloak for all tests of this folder; without one they are skipped with a reason, and in CI they fail."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.chromium import a_chromium
from tests.keycloak import distribution
from tests.keycloak.database import copied
from tests.keycloak.realm import Realm, administration
from tests.keycloak.server import a_server

if TYPE_CHECKING:
    from playwright.async_api import Browser

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands on the real Keycloak."""
    for item in items:
        if item.path.is_relative_to(HERE) and "keycloak" in getattr(item, "fixturenames", ()):
            item.add_marker("needs_keycloak")
            item.add_marker("servers")


@pytest_asyncio.fixture(scope="session")
async def keycloak() -> AsyncIterator[Realm]:
    """The realm `neo`, made from the realm file by the command that makes it in a city."""
    if not distribution.is_prepared():
        assert not os.environ.get("CI"), distribution.NOT_HERE
        pytest.skip(distribution.NOT_HERE)
    with tempfile.TemporaryDirectory(prefix="neo-keycloak-", ignore_cleanup_errors=True) as folder:
        database = await asyncio.to_thread(copied, distribution.kept_database(), Path(folder) / "database")
        server = a_server(database, Path(folder))
        try:
            server.begin()
            await asyncio.to_thread(server.wait)
            async with administration(server) as admin:
                realm = Realm(server, admin)
                await realm.compare(is_applied=True)
                yield realm
        finally:
            server.stop()
            database.stop()


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator["Browser"]:
    """One Chromium; whoever comes with it takes a context of their own, which knows nothing of the others'."""
    async with a_chromium(without="the sign-in is not looked at in a browser") as browser:
        yield browser
