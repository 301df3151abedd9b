"""The clock of a demo: it moves all services forward in local mode, and does not exist anywhere else."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.clock import Clock, LocalClock, RealClock
from tests.gateway.house import LOCAL, Setting, a_gateway, visiting

LATER = datetime(2035, 3, 1, 9, tzinfo=UTC)


async def test_clock_moves_forward_and_is_the_one_that_was_given() -> None:
    clock = LocalClock()

    async with visiting(a_gateway({}, Setting(LOCAL, clock=clock))) as client:
        moved = await client.put("/api/dev/clock", json={"now": "2035-03-01T12:00:00+03:00"})
        read = await client.get("/api/dev/clock")

    assert moved.status_code == 200
    assert datetime.fromisoformat(read.json()["now"]) >= LATER
    assert LATER <= clock.now() < LATER + timedelta(minutes=5)


async def test_clock_never_goes_back() -> None:
    clock = LocalClock()
    clock.move_to(LATER)

    async with visiting(a_gateway({}, Setting(LOCAL, clock=clock))) as client:
        answer = await client.put("/api/dev/clock", json={"now": "2034-12-31T00:00:00Z"})

    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:neo:problem:clock.only-forward"
    assert clock.now() >= LATER


@pytest.mark.parametrize("sent", [{"now": "2035-03-01T12:00:00"}, {"now": "soon"}, {}, {"now": "9999-12-31T23:59:59Z"}])
async def test_moment_without_an_offset_or_a_meaning_is_refused(sent: dict[str, str]) -> None:
    async with visiting(a_gateway({}, Setting(LOCAL, clock=LocalClock()))) as client:
        answer = await client.put("/api/dev/clock", json=sent)

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "setting",
    [Setting(clock=LocalClock()), Setting(clock=RealClock()), Setting(LOCAL, clock=RealClock()), Setting(LOCAL)],
    ids=["production", "production-real", "local-real", "local-none"],
)
async def test_clock_does_not_exist_elsewhere(setting: Setting) -> None:
    clock: Clock = setting.clock or RealClock()
    before = clock.now()

    async with visiting(a_gateway({}, setting)) as client:
        read = await client.get("/api/dev/clock")
        moved = await client.put("/api/dev/clock", json={"now": "2035-03-01T12:00:00Z"})
        description = await client.get("/api/openapi.json")

    assert (read.status_code, moved.status_code) == (404, 404)
    assert clock.now() < before + timedelta(hours=1)
    assert "/api/dev/clock" not in description.json()["paths"]
