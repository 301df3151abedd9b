"""Real NATS and real PostgreSQL for all tests of a run, and services that stand on them."""

import gc
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from chassis.testing import TokenFactory
from deploy.local.infrastructure import Infrastructure, start_infrastructure
from tests.stand import Stand


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands on real servers; `./neo check` keeps of it what guards the house."""
    for item in items:
        is_guard = "architecture" in item.path.parts
        if not is_guard and {"infrastructure", "stand"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("servers")


def pytest_collection_finish() -> None:
    """What was read to find the tests stays to the end: the collector need not look through it time and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 40)


@pytest_asyncio.fixture(scope="session")
async def infrastructure() -> AsyncIterator[Infrastructure]:
    with tempfile.TemporaryDirectory(prefix="neo-test-", ignore_cleanup_errors=True) as folder:
        found = await start_infrastructure(Path(folder), is_durable=False)
        try:
            yield found
        finally:
            found.stop()


@pytest.fixture(scope="session")
def tokens() -> TokenFactory:
    return TokenFactory()


@pytest_asyncio.fixture
async def stand(infrastructure: Infrastructure, tokens: TokenFactory) -> AsyncIterator[Stand]:
    """Where a test builds the services that it needs; each is the real thing on real servers."""
    async with Stand(infrastructure, tokens) as built:
        yield built
