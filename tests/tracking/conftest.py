"""Tracking keeps its store in a folder: its database is brought to head here, which costs nothing when it is."""

from collections.abc import AsyncIterator

import pytest_asyncio

from chassis import migrate
from chassis.testing import TokenFactory
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure
from tests.stand import Stand


@pytest_asyncio.fixture(scope="session")
async def migrated(infrastructure: Infrastructure) -> Infrastructure:
    owner = infrastructure.postgres.url(database_of("tracking"), "tracking_owner")
    await migrate.upgrade(owner, "tracking")
    return infrastructure


@pytest_asyncio.fixture
async def stand(migrated: Infrastructure, tokens: TokenFactory) -> AsyncIterator[Stand]:
    async with Stand(migrated, tokens) as built:
        yield built
