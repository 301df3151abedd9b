"""Readiness: a service says what keeps it from its work, and mends nothing that is the topology's."""

import pytest
from nats.errors import Error as NatsError

from chassis.bus import connect
from chassis.intake import on
from chassis.testing import eventually
from contracts.registry import CycleOpened
from contracts.topology import HEARS, STREAM, Topology
from deploy.local.infrastructure import apply_topology
from deploy.topology import difference
from tests.chassis.small_service import HEARD, a_cycle, small_service
from tests.chassis.test_intake import Diary
from tests.stand import Running, Stand, a_school


async def ready(running: Running) -> tuple[int, str]:
    answer = await running.client.get("http://service.test/readyz")
    return answer.status_code, answer.text


async def test_service_that_is_well_is_ready_and_alive(hasty: Stand) -> None:
    async with small_service(hasty, on(CycleOpened, Diary().take)) as running:
        assert await ready(running) == (200, "ok")
        assert (await running.client.get("http://service.test/livez")).status_code == 200


async def test_deleted_consumer_is_named_and_heard_again_once_the_topology_is_applied(
    hasty: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.bus.FETCH_SECONDS", 0.3)
    diary, school = Diary(), a_school()
    topology = Topology(timing=hasty.infrastructure.timing)
    async with small_service(hasty, on(CycleOpened, diary.take)) as running:
        await eventually(lambda: is_listening(running), equals=True)
        await hasty.js.delete_consumer(STREAM, HEARD)

        assert await ready(running) == (503, f"consumers are missing: {HEARD}")
        assert await apply_topology(hasty.infrastructure.nats, topology) == 1
        assert await ready(running) == (200, "ok")
        await hasty.publish(a_cycle(school))
        await eventually(lambda: running.count("cycles", school), equals=1)


async def is_listening(running: Running) -> bool:
    return bool(running.app.state.bus.is_listening)


async def test_service_that_starts_without_its_consumer_waits_and_creates_none(
    hasty: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.bus.LOOK_AGAIN_SECONDS", 0.1)
    diary, school = Diary(), a_school()
    await hasty.js.delete_consumer(STREAM, HEARD)
    async with small_service(hasty, on(CycleOpened, diary.take)) as running:
        assert await ready(running) == (503, f"consumers are missing: {HEARD}")
        await hasty.publish(a_cycle(school))
        missing = [
            change.name for change in await difference(hasty.client, Topology(timing=hasty.infrastructure.timing))
        ]
        assert missing == [HEARD]

        await apply_topology(hasty.infrastructure.nats, Topology(timing=hasty.infrastructure.timing))
        await eventually(lambda: running.count("cycles", school), equals=1)
        assert await ready(running) == (200, "ok")


class Caller:
    """A user of the broker with the rights of one service; what the server forbids is kept."""

    def __init__(self, stand: Stand, service: str) -> None:
        self.stand = stand
        self.service = service
        self.forbidden: list[str] = []

    async def __aenter__(self) -> "Caller":
        nats = self.stand.infrastructure.nats
        self.client = await connect(
            nats.url,
            user=self.service,
            password=nats.passwords[self.service],
            inbox_prefix=f"_INBOX_{self.service}",
            error_cb=self._keep,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()

    async def _keep(self, error: Exception) -> None:
        self.forbidden.append(str(error).lower())

    async def may_publish(self, subject: str) -> bool:
        """Does the server let a message through? A refusal comes as a notice on the same connection."""
        before = len(self.forbidden)
        await self.client.publish(subject, b"{}")
        await self._hear_notices()
        return len(self.forbidden) == before

    async def may_subscribe(self, subject: str) -> bool:
        before = len(self.forbidden)
        await self.client.subscribe(subject)
        await self._hear_notices()
        return len(self.forbidden) == before

    async def _hear_notices(self) -> None:
        # The client sends its ping ahead of what waits to be sent, so only the second answer comes after the notices.
        await self.client.flush()
        await self.client.flush()


RELEASED = "neo.diagnostics.profile.released.v1"
READING = "$JS.API.CONSUMER.MSG.NEXT.NEO.{}-profile-released"
FORBIDDEN_TO_ALL = (
    "$JS.API.CONSUMER.CREATE.NEO",
    "$JS.API.CONSUMER.CREATE.NEO.thief.neo.diagnostics.profile.released.v1",
    "$JS.API.CONSUMER.DURABLE.CREATE.NEO.thief",
    "$JS.API.CONSUMER.DELETE.NEO.matching-profile-released",
    "$JS.API.STREAM.MSG.GET.NEO",
    "$JS.API.STREAM.PURGE.NEO",
    "$JS.API.STREAM.DELETE.NEO",
    "$JS.API.STREAM.UPDATE.NEO",
    f"$JS.API.DIRECT.GET.NEO.{RELEASED}",
    "$JS.API.DIRECT.GET.NEO",
)


@pytest.mark.parametrize("service", sorted(HEARS))
async def test_service_announces_only_its_own_facts(stand: Stand, service: str) -> None:
    async with Caller(stand, service) as caller:
        others = [other for other in HEARS if other != service]

        assert await caller.may_publish(f"dead.{service}.test")
        assert not any([await caller.may_publish(f"neo.{other}.thing.done.v1") for other in others])
        assert not any([await caller.may_publish(f"dead.{other}.test") for other in others])


@pytest.mark.parametrize("service", sorted(HEARS))
async def test_service_cannot_make_consumers_or_read_around_them(stand: Stand, service: str) -> None:
    async with Caller(stand, service) as caller:
        assert not any([await caller.may_publish(subject) for subject in FORBIDDEN_TO_ALL])
        assert not await caller.may_subscribe("neo.>")
        assert not await caller.may_subscribe("_INBOX.>")
        assert not await caller.may_subscribe("_INBOX_matching.>") or service == "matching"


@pytest.mark.parametrize("service", sorted(HEARS))
async def test_only_matching_reads_released_levels(stand: Stand, service: str) -> None:
    async with Caller(stand, service) as caller:
        assert await caller.may_publish(READING.format("matching")) is (service == "matching")
        assert not await caller.may_publish(READING.format(service)) or service == "matching"


async def test_reporting_cannot_create_a_consumer_of_released_levels(stand: Stand) -> None:
    async with Caller(stand, "reporting") as caller:
        with pytest.raises((NatsError, TimeoutError)):
            await caller.client.jetstream(timeout=0.3).pull_subscribe(RELEASED, durable="reporting-profile-released")

        assert any("permissions violation" in notice for notice in caller.forbidden)
