"""Hasty servers for tests of retries, and servers of one's own for tests that stop them."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from chassis.testing import TokenFactory
from contracts.topology import Timing
from deploy.local.infrastructure import Infrastructure, start_infrastructure
from tests.stand import Stand

HASTE = Timing(ack_wait=0.6, retry_delays=(0.05, 0.05, 0.1, 0.1), duplicate_window=0.5)


@pytest_asyncio.fixture(scope="session")
async def hasty_infrastructure() -> AsyncIterator[Infrastructure]:
    with tempfile.TemporaryDirectory(prefix="neo-test-", ignore_cleanup_errors=True) as folder:
        found = await start_infrastructure(Path(folder), timing=HASTE, is_durable=False, services=("documents",))
        try:
            yield found
        finally:
            found.stop()


@pytest_asyncio.fixture
async def hasty(hasty_infrastructure: Infrastructure, tokens: TokenFactory) -> AsyncIterator[Stand]:
    """A stand where the bus repeats at once what a handler failed to take in."""
    async with Stand(hasty_infrastructure, tokens) as built:
        yield built
