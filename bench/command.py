"""`neo bench`: choose what is measured, print the table, write the JSON."""

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bench.doors import measure_doors
from bench.events import measure_events, profile_events
from bench.ground import standing
from bench.hop import NeverVisible
from bench.load import LoadFailed
from bench.machine import surroundings, with_servers
from bench.rounds import FULL, QUICK
from bench.samples import Report
from bench.start import measure_start
from bench.submissions import measure_submissions
from bench.table import show
from deploy.show import Voice

INTERRUPTED = 130


class Kind(StrEnum):
    """What can be measured."""

    EVENTS = "events"
    HTTP = "http"
    START = "start"
    SCORING = "scoring"
    DIAGNOSTICS = "diagnostics"
    MATCHING = "matching"
    PAGES = "pages"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of `neo bench`."""

    kind: Kind
    is_quick: bool
    is_profiled: bool
    json_file: Path | None

    def includes(self, kind: Kind) -> bool:
        """Is this part wished for?"""
        return self.kind in (kind, Kind.ALL)


async def bench(wishes: Wishes, voice: Voice) -> int:
    """Measure and tell; returns the exit code. Raises ServerTrouble when something cannot be started."""
    if wishes.kind is Kind.MATCHING:
        # Its rows are of another kind than events and doors, and it needs no servers; nobody else needs its numerics.
        from bench import matching

        return await asyncio.to_thread(matching.measure, wishes.is_quick, wishes.json_file)
    if wishes.kind is Kind.PAGES:
        from bench.pages import measure_pages

        return await measure_pages(is_quick=wishes.is_quick, json_file=wishes.json_file)
    report, began = Report(surroundings(), kind=wishes.kind.value, is_quick=wishes.is_quick), time.monotonic()
    voice.say("bench.begin")
    try:
        with _ending_gently():
            await _measure(wishes, report, voice)
    except (LoadFailed, NeverVisible) as failed:
        voice.trouble("bench.load-failed", reason=str(failed))
        return 1
    except asyncio.CancelledError:
        return INTERRUPTED
    report.seconds = time.monotonic() - began
    show(report, voice)
    if wishes.json_file is not None:
        text = json.dumps(report.as_dict(), ensure_ascii=False, indent=1)
        await asyncio.to_thread(wishes.json_file.write_text, text + "\n", encoding="utf-8")
        voice.say("bench.written", path=str(wishes.json_file))
    return 0


async def _measure(wishes: Wishes, report: Report, voice: Voice) -> None:
    scale = QUICK if wishes.is_quick else FULL
    if wishes.includes(Kind.START):
        with _part("start", report, voice):
            report.add(*await measure_start(scale))
    if wishes.includes(Kind.SCORING):
        from bench.diagnostics import measure_scoring

        with _part("scoring", report, voice):
            report.add(*measure_scoring(scale))
    if wishes.kind in (Kind.START, Kind.SCORING):
        return
    async with standing() as ground:
        connection = await ground.admin()
        report.surroundings = await with_servers(report.surroundings, ground.folder, connection)
        await connection.close()
        if wishes.includes(Kind.HTTP):
            with _part("http", report, voice):
                report.add(*await measure_doors(ground, scale))
        if wishes.includes(Kind.DIAGNOSTICS):
            with _part("diagnostics", report, voice):
                await measure_submissions(ground, scale, report)
        if wishes.includes(Kind.EVENTS):
            with _part("events", report, voice):
                await measure_events(ground, scale, report)
        if wishes.includes(Kind.EVENTS) and wishes.is_profiled:
            with _part("profile", report, voice):
                await profile_events(ground, scale, report)


@contextmanager
def _part(name: str, report: Report, voice: Voice) -> Iterator[None]:
    voice.say(f"bench.part-{name}")
    began = time.monotonic()
    yield
    report.seconds_of_parts[name] = time.monotonic() - began


@contextmanager
def _ending_gently() -> Iterator[None]:
    """Asked to end, take the measured processes along: cancel, and let everything clean up after itself."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
