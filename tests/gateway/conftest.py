"""One town for all tests of the sign-in: the gateway and the development issuer behind one port."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from deploy.local.infrastructure import Infrastructure
from tests.gateway.town import Town, a_town


@pytest_asyncio.fixture(scope="session")
async def town(infrastructure: Infrastructure, tmp_path_factory: object) -> AsyncIterator[Town]:
    folder: Path = tmp_path_factory.mktemp("town")  # type: ignore[attr-defined]
    async with a_town(infrastructure, folder) as built:
        yield built
