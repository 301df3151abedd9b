"""Servers that go away and come back: HTTP answers while it can, and nothing is lost."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import pytest_asyncio

from chassis.testing import TokenFactory, eventually
from contracts.topology import STREAM
from deploy.local.infrastructure import Infrastructure, start_infrastructure
from deploy.local.servers import start_nats, start_postgres, stop_nats, stop_postgres
from tests.chassis.conftest import HASTE
from tests.chassis.small_service import HEARD, a_cycle, attempts, dead_letters
from tests.stand import Running, Stand, a_school

pytestmark = pytest.mark.slow


class House:
    """Servers of one's own, to be stopped and started again on the same folders and ports."""

    def __init__(self, found: Infrastructure) -> None:
        self.found = found

    async def start_nats(self) -> None:
        port = urlsplit(self.found.nats.url).port or -1
        self.found = replace(self.found, nats=await start_nats(self.found.folder / "nats", port=port))

    async def start_postgres(self) -> None:
        found = await start_postgres(self.found.folder / "postgres", is_durable=False)
        assert (found.socket, found.port) == (self.found.postgres.socket, self.found.postgres.port)
        self.found = replace(self.found, postgres=found)


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the broker for facts at short intervals: what was asked while it was away comes back sooner."""
    monkeypatch.setattr("chassis.bus.FETCH_SECONDS", 0.3)


@pytest_asyncio.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    with tempfile.TemporaryDirectory(prefix="neo-test-", ignore_cleanup_errors=True) as folder:
        found = await start_infrastructure(Path(folder), timing=HASTE, is_durable=False, services=("documents",))
        built = House(found)
        try:
            yield built
        finally:
            built.found.stop()


async def consent(documents: Running, school: str) -> int:
    answer = await documents.call(
        "PUT", f"/schools/{school}/my/consents/PD_PLATFORM", by=uuid4(), groups=[f"/schools/{school}/teacher"]
    )
    return answer.status_code


async def outbox(documents: Running) -> int:
    return await documents.count("outbox")


async def ready(documents: Running) -> tuple[int, str]:
    answer = await documents.client.get("http://service.test/readyz")
    return answer.status_code, answer.text


async def test_nats_that_is_away_costs_no_request_and_no_fact(house: House, tokens: TokenFactory) -> None:
    school = a_school()
    async with Stand(house.found, tokens) as stand:
        documents = await stand.service("documents")
        before = await consent(documents, school)
        await eventually(lambda: outbox(documents), equals=0)
        stop_nats(house.found.nats)

        during = [await consent(documents, school) for _ in range(20)]
        readiness = await ready(documents)
        metrics = await documents.client.get("http://service.test/metrics")

        assert (before, *during) == (200,) * 21
        assert readiness == (200, "ok")
        assert "outbox_rows 20.0" in metrics.text
        await house.start_nats()
        await eventually(lambda: outbox(documents), equals=0, within=20)
        state = (await stand.js.stream_info(STREAM, subjects_filter="neo.documents.>")).state
        assert state.messages == 21

        fact = a_cycle(school)
        await stand.publish(fact)
        await eventually(lambda: documents.count("cycles", school), equals=1, within=20)


async def test_postgres_that_is_away_is_503_and_never_an_attempt(house: House, tokens: TokenFactory) -> None:
    school = a_school()
    async with Stand(house.found, tokens) as stand:
        documents = await stand.service("documents")
        assert await consent(documents, school) == 200
        stop_postgres(house.found.postgres)

        facts = [a_cycle(school) for _ in range(3)]
        await stand.publish(*facts)
        refused = await consent(documents, school)
        readiness = await ready(documents)
        # The outage lasts longer than the server waits for an answer.
        await asyncio.sleep(HASTE.ack_wait * 2)

        assert (refused, readiness) == (503, (503, "database does not answer"))
        await house.start_postgres()
        await eventually(lambda: documents.count("cycles", school), equals=3, within=20)
        assert [await attempts(documents, fact.event_id) for fact in facts] == [0, 0, 0]
        assert await dead_letters(stand, school) == []
        assert (await stand.js.consumer_info(STREAM, HEARD)).num_redelivered == 0
        assert await consent(documents, school) == 200
        assert await ready(documents) == (200, "ok")
