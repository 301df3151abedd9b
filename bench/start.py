"""The start of the whole city: from the command to the first page, and the memory that everything takes together."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import aiohttp

from bench.ground import HOST, ROOT, free_port, last_lines
from bench.machine import Memory, family, memory_of
from bench.rounds import Scale
from bench.samples import Ratio, Sample, wanted
from deploy.demo.run import BEGINNING, Plan, play
from deploy.local.city import running_city, take_port
from deploy.local.folder import hold
from deploy.local.servers import ServerTrouble, stop_left_over
from deploy.show import Voice

LONGEST_SECONDS = 120.0
GOODBYE_SECONDS = 30.0
# A visitor's first minute: every kind of page has been drawn once before memory is counted.
PAGES = ("/", "/api", "/healthz", "/readyz")


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds to the first page, and the memory of all processes after a few pages."""

    seconds: float
    memory: Memory


async def measure_start(scale: Scale) -> tuple[list[Sample], list[Ratio]]:
    """Cold starts of an empty city, warm starts of a filled one (quick: of an empty one that had run before)."""
    cold, warm = [], []
    with tempfile.TemporaryDirectory(prefix="neo-bench-start-", ignore_cleanup_errors=True) as name:
        for number in range(scale.starts):
            cold.append(await _start(Path(name) / f"cold-{number}"))
        filled = Path(name) / "cold-0"
        if scale.teachers:
            filled = await _filled(Path(name) / "filled", scale.teachers)
        for _ in range(scale.starts):
            warm.append(await _start(filled))
    seconds = tuple(one.seconds for one in warm)
    proportional = tuple(one.memory.proportional for one in warm)
    samples = [
        Sample("start-cold", "s", tuple(one.seconds for one in cold)),
        Sample("start-warm-page", "s", seconds),
        Sample("memory-resident", "MiB", tuple(one.memory.resident for one in warm)),
        Sample("memory-proportional", "MiB", proportional),
    ]
    resident = tuple(one.memory.resident for one in warm)
    return samples, [Ratio(wanted("start-warm"), seconds), Ratio(wanted("memory-in-all"), resident)]


async def _start(folder: Path) -> Start:
    began = time.perf_counter()
    async with _city(folder, "--no-demo") as city, aiohttp.ClientSession() as session:
        await _first_page(session, city)
        seconds = time.perf_counter() - began
        for page in PAGES:
            async with session.get(city.url + page) as answer:
                await answer.read()
        return Start(seconds, memory_of(_everybody(city)))


async def _filled(folder: Path, teachers: int) -> Path:
    """A folder with a whole year of three small schools in it."""
    with take_port(0) as bound, hold(folder) as held:
        held.begin_demo(BEGINNING)
        async with running_city(held, bound) as city:
            report = await play(city.url, Plan(teachers=teachers), Voice(to=StringIO()), scratch=folder.parent)
        held.keep_demo(report)
    return folder


@dataclass(frozen=True, slots=True)
class _City:
    """A city that was started as a user starts it."""

    running: "subprocess.Popen[bytes]"
    folder: Path
    url: str
    log: Path

    def check(self) -> None:
        """Raise ServerTrouble when it has ended."""
        if self.running.poll() is not None:
            raise ServerTrouble("bench.child-ended", name="neo up", log=last_lines(self.log))


@asynccontextmanager
async def _city(folder: Path, *options: str) -> AsyncIterator[_City]:
    """`neo up`, and its gentle end."""
    port, log = free_port(), folder.with_suffix(".log")
    with log.open("ab") as output:
        running = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", "up", "--port", str(port), "--data", str(folder), *options],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield _City(running, folder, f"http://{HOST}:{port}", log)
    finally:
        running.send_signal(signal.SIGINT)
        try:
            await asyncio.to_thread(running.wait, GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
        stop_left_over(folder)


async def _first_page(session: aiohttp.ClientSession, city: _City) -> None:
    async with asyncio.timeout(LONGEST_SECONDS):
        while True:
            city.check()
            with suppress(aiohttp.ClientError):
                async with session.get(city.url) as answer:
                    if answer.status == 200 and await answer.read():
                        return
            await asyncio.sleep(0.01)


def _everybody(city: _City) -> set[int]:
    """The city's process, its children, and both servers with theirs: PostgreSQL leaves its parent."""
    found = set(family(city.running.pid))
    for file in (city.folder / "postgres" / "postmaster.pid", city.folder / "nats" / "nats.pid"):
        found |= set(family(int(file.read_text().split()[0])))
    return found
