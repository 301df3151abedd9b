"""The whole year in six steps and the autumn after it, each timed, each with its events and its counts."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from deploy.demo import autumn, diagnose, join, network, totals, work
from deploy.demo.client import DemoFailed, Door, Person
from deploy.demo.journal import Journal
from deploy.demo.staff_files import generate, write_csv
from deploy.demo.world import World
from deploy.first_officers import person_id_of
from deploy.show import Voice

__all__ = ["BEGINNING", "DemoFailed", "Plan", "play"]
SCHOOLS_GENERATED = 3
TICK_SECONDS = 0.5
IDLE_SECONDS = 2.0
LAST = "last command to city number"
# The demo's year begins here, whatever the machine's date; business time is set before the city starts.
BEGINNING = datetime(2026, 9, 1, 6, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """What `neo demo` plays: given files, or generated ones of a size, or the three shipped ones.

    With a `journal` a demo that was interrupted goes on where it stopped.
    """

    staff: tuple[Path, ...] = ()
    teachers: int | None = None
    seed: int = 2026
    journal: Path | None = None

    def files(self, scratch: Path) -> Sequence[join.StaffFile]:
        """The staff files of this plan; raises DemoFailed for one that cannot be read."""
        if self.staff:
            return [_read(path) for path in self.staff]
        if self.teachers is None:
            return join.shipped()
        made = []
        for number in range(SCHOOLS_GENERATED):
            path = scratch / f"spb-{901 + number}.csv"
            write_csv(path, generate(self.teachers, self.seed + number))
            made.append(join.StaffFile(path.name, path.read_bytes()))
        return made


def _read(path: Path) -> join.StaffFile:
    try:
        return join.StaffFile(path.name, path.read_bytes())
    except OSError as error:
        raise DemoFailed(f"{path}: {error.strerror}") from error


class Stage:
    """Plays steps one after another and says what each of them did."""

    def __init__(self, world: World, voice: Voice) -> None:
        self.world = world
        self.voice = voice
        self.steps: list[dict[str, Any]] = []

    async def step(self, name: str, *parts: Callable[[], Awaitable[dict[str, Any] | int | None]]) -> None:
        """One step of the main job; its counts are those of its parts together.

        A step that the run before has told of is gone through in silence, for what the next ones have to know.
        """
        journal = self.world.door.journal
        if name in journal.notes:
            for part in parts:
                await part()
            self.steps.append(journal.notes[name])
            return
        self.voice.say("demo.begins", name=self.voice.text(f"demo.step.{name}"))
        began, events = time.perf_counter(), await self.world.door.events()
        counts: dict[str, Any] = {}
        ticking = asyncio.create_task(self._tick(began, events)) if self.voice.to.isatty() else None
        try:
            for part in parts:
                found = await part()
                if isinstance(found, dict):
                    counts.update(found)
        finally:
            if ticking is not None:
                ticking.cancel()
                self.voice.erase()
        seconds = round(time.perf_counter() - began, 2)
        made = await self.world.door.events() - events
        self.steps.append({"name": name, "seconds": seconds, "events": made, "counts": counts})
        journal.note(name, self.steps[-1])
        shown = ", ".join(f"{self.voice.text(f'demo.count.{key}')} {value}" for key, value in counts.items())
        self.voice.say("demo.did", seconds=seconds, events=made, counts=shown)

    async def _tick(self, began: float, events: int) -> None:
        """In a terminal: how long the step has taken and how many events it has made, until it ends."""
        while True:
            made = await self.world.door.events() - events
            self.voice.overwrite("demo.ticking", seconds=round(time.perf_counter() - began, 1), events=made)
            await asyncio.sleep(TICK_SECONDS)


async def play(url: str, plan: Plan, voice: Voice, *, scratch: Path | None = None) -> dict[str, Any]:
    """Play the main job through the public API at `url`; returns the report."""
    files = plan.files(scratch or Path())
    # Shorter than the door keeps an idle connection: a call must not meet one that is just being closed.
    connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=IDLE_SECONDS)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=120)) as session:
        with closing(Journal(plan.journal)) as journal:
            door = Door(url, session, journal)
            analyst = Person(door, "city.analyst", str(person_id_of("city.analyst")))
            stage = Stage(World(door, plan.seed, analyst), voice)
            await _year(stage, stage.world, files)
            await _autumn(stage, stage.world)
            return _report(stage)


def _report(stage: Stage) -> dict[str, Any]:
    world = stage.world
    return {
        "seed": world.seed,
        # Of all runs together, should there have been more than one.
        "seconds": round(sum(step["seconds"] for step in stage.steps), 2),
        "calls": world.door.calls,
        "last_command_to_city_number": world.door.journal.notes[LAST],
        "steps": stage.steps,
        "schools": [{"school_id": one.school_id, "district": one.district, **one.counts} for one in world.schools],
        "city": world.published,
    }


async def _year(stage: Stage, world: World, files: Sequence[join.StaffFile]) -> None:
    door = world.door

    async def clock(moment: str) -> None:
        await door.move_clock(moment)

    await stage.step("join", lambda: join.join_city(world, files))
    await stage.step(
        "diagnose",
        lambda: diagnose.open_cycles(world),
        lambda: diagnose.diagnose(world, 1, "2026-09-30"),
        lambda: diagnose.release(world),
    )
    await clock("2026-10-12T09:00:00+03:00")
    await stage.step("match", lambda: network.free_times(world), lambda: network.match(world))
    await stage.step(
        "work",
        lambda: work.activate(world, "order-1", "118-о"),
        lambda: work.work(world),
        lambda: clock("2027-05-11T09:00:00+03:00"),
        lambda: work.survey(world),
        lambda: work.complete(world),
    )
    await stage.step("diagnose-again", lambda: diagnose.diagnose(world, 2, "2027-05-31"))
    await clock("2027-06-15T12:00:00+03:00")

    async def to_the_city() -> None:
        began = time.perf_counter()
        world.published = await totals.publish(world)
        if LAST not in door.journal.notes:
            door.journal.note(LAST, round(time.perf_counter() - began, 3))

    await stage.step("report", lambda: totals.report(world), to_the_city)


async def _autumn(stage: Stage, world: World) -> None:
    async def live() -> dict[str, Any]:
        return await autumn.go_on(world, await autumn.begin(world))

    await stage.step("autumn", live)
