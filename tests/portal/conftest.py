"""One demo city and one browser for all tests of the portal's pages."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from chassis.relay import connect_plain
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure
from tests.chromium import a_chromium
from tests.portal.town import FIGURES, Town, a_city


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what each page weighs and how long the server took; neither is a promise of another machine."""
    reports = terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", [])
    told = [(one.nodeid, value) for one in reports for name, value in one.user_properties if name == FIGURES]
    for nodeid, value in sorted(told):
        terminalreporter.write_line(f"{nodeid.partition('[')[2].rstrip(']'):<44} {value}")


@pytest_asyncio.fixture(scope="session")
async def town() -> AsyncIterator[Town]:
    """The demo city, loaded once in a session, with a Chromium that looks at it."""
    async with a_chromium(without="the pages are not looked at in a browser") as browser, a_city() as url:
        built = Town(url, browser)
        yield built
        await built.close()


@pytest_asyncio.fixture
async def empty_city(infrastructure: Infrastructure) -> None:
    """A publication takes the reports of the whole city: begin with none."""
    connection = await connect_plain(infrastructure.postgres.url(database_of("reporting"), "postgres"))
    try:
        await connection.execute("truncate facts.reports, published.publications cascade")
    finally:
        await connection.close()
