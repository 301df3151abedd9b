"""Retries: a failing handler is asked again after each pause of the schedule, across restarts, then never more."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from chassis.database import Tx
from chassis.intake import on
from chassis.testing import eventually
from contracts.registry import CycleOpened
from contracts.topology import STREAM
from services.documents.store import knowledge
from tests.chassis.conftest import HASTE
from tests.chassis.small_service import HEARD, a_cycle, attempts, dead_letters, small_service
from tests.stand import Stand, a_school

ALLOWED = len(HASTE.retry_delays) + 1


class Moody:
    """A handler that fails on one fact until it is mended; it counts how often it was asked."""

    def __init__(self, about: UUID) -> None:
        self.about = about
        self.asked = 0
        self.is_mended = False

    async def take(self, tx: Tx, event: CycleOpened) -> None:
        if event.event_id == self.about:
            self.asked += 1
            if not self.is_mended:
                raise LookupError
        await knowledge.save_cycle(tx, event.school_id, event.cycle_id)


async def count_dead(stand: Stand, school: str) -> int:
    return len(await dead_letters(stand, school))


async def test_failing_handler_is_asked_once_and_once_per_pause_and_then_gives_up(hasty: Stand) -> None:
    fact = a_cycle(a_school())
    moody = Moody(fact.event_id)
    async with small_service(hasty, on(CycleOpened, moody.take)) as running:
        await hasty.publish(fact)
        await eventually(lambda: count_dead(hasty, fact.school_id), equals=1)

        assert moody.asked == ALLOWED
        await eventually(lambda: attempts(running, fact.event_id), equals=0)
        assert await running.count("cycles", fact.school_id) == 0


async def test_attempts_survive_a_restart(hasty: Stand) -> None:
    fact = a_cycle(a_school())
    moody = Moody(fact.event_id)
    await hasty.publish(fact)

    rounds = 0
    while not await count_dead(hasty, fact.school_id):
        rounds += 1
        async with small_service(hasty, on(CycleOpened, moody.take)):
            asked = moody.asked
            await eventually(lambda before=asked: is_asked_again(moody, before), equals=True)  # type: ignore[misc]

    assert rounds > 1
    assert moody.asked == ALLOWED


async def is_asked_again(moody: Moody, before: int) -> bool:
    return moody.asked > before


async def test_fact_that_fails_once_is_taken_in_at_the_second_attempt(hasty: Stand) -> None:
    fact = a_cycle(a_school())
    moody = Moody(fact.event_id)
    async with small_service(hasty, on(CycleOpened, moody.take)) as running:
        await hasty.publish(fact)
        await eventually(lambda: is_asked_again(moody, 0), equals=True)
        moody.is_mended = True

        await eventually(lambda: running.count("cycles", fact.school_id), equals=1)
    assert await count_dead(hasty, fact.school_id) == 0


async def test_redriven_dead_letter_is_taken_in_once_however_often_it_is_sent(hasty: Stand) -> None:
    fact, last = a_cycle(a_school()), a_cycle(a_school())
    moody = Moody(fact.event_id)
    async with small_service(hasty, on(CycleOpened, moody.take)) as running:
        await hasty.publish(fact)
        await eventually(lambda: count_dead(hasty, fact.school_id), equals=1)
        letter = (await dead_letters(hasty, fact.school_id))[0]
        moody.is_mended, moody.asked = True, 0

        for number in range(2):
            headers = {"Nats-Msg-Id": f"redrive-{fact.event_id}-{number}"}
            subject = (letter.headers or {})["dead-subject"]
            await hasty.js.publish(subject, letter.data or b"", stream=STREAM, headers=headers)
        await hasty.publish(last)
        await eventually(lambda: running.count("cycles", fact.school_id), equals=1)
        await eventually(lambda: running.count("cycles", last.school_id), equals=1)

    assert moody.asked == 1


@pytest.mark.slow
async def test_long_handler_is_not_disturbed_by_a_second_delivery(hasty: Stand) -> None:
    fact, asked = a_cycle(a_school()), 0

    async def be_slow(tx: Tx, event: CycleOpened) -> None:
        nonlocal asked
        if event.event_id == fact.event_id:
            asked += 1
            await asyncio.sleep(HASTE.ack_wait * 2)
        await knowledge.save_cycle(tx, event.school_id, event.cycle_id)

    async with small_service(hasty, on(CycleOpened, be_slow)) as running:
        await hasty.publish(fact)
        await eventually(lambda: running.count("cycles", fact.school_id), equals=1)
        known = await hasty.js.consumer_info(STREAM, HEARD)

    assert (asked, known.num_redelivered) == (1, 0)


_KILLED = """
import asyncio, sys
from fastapi import APIRouter
from chassis.intake import on
from chassis.service import Parts, create_service
from chassis.settings import Settings
from contracts.registry import CycleOpened
from services.documents.store import knowledge

async def hang(tx, event):
    await knowledge.save_cycle(tx, event.school_id, event.cycle_id)
    print(event.event_id, flush=True)
    await asyncio.Event().wait()

async def main():
    parts = Parts("Killed", APIRouter(), [on(CycleOpened, hang)])
    app = create_service(Settings.model_validate_json(sys.argv[1]), parts)
    async with app.router.lifespan_context(app):
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.slow
async def test_nothing_is_acknowledged_that_a_killed_process_had_not_committed(hasty: Stand) -> None:
    fact = a_cycle(a_school())
    settings = hasty.infrastructure.settings_of("documents", "http://issuer.test/realms/neo")
    await hasty.publish(fact)

    killed = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _KILLED,
        settings.model_dump_json(),
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert killed.stdout is not None
    said = await asyncio.wait_for(killed.stdout.readline(), 20)
    killed.send_signal(signal.SIGKILL)
    await killed.wait()
    moody = Moody(fact.event_id)
    moody.is_mended = True

    async with small_service(hasty, on(CycleOpened, moody.take)) as running:
        assert said.decode().strip() == str(fact.event_id)
        assert await running.count("cycles", fact.school_id) == 0
        await eventually(lambda: running.count("cycles", fact.school_id), equals=1)
    assert moody.asked == 1
