"""Handing in a diagnostic through the open API: kept, scored and announced, beside a bare route that writes one row.

The gateway holds diagnostics in its own process, as in local mode. Every submission is the own sheet of a person
whose lessons were observed: the second kind of source, so that twenty competencies are scored and a fact goes out.
"""

import os
import signal
from dataclasses import dataclass, field
from statistics import median
from uuid import uuid4

from fastapi import FastAPI

from bench.bare import SHEETS
from bench.doors import gateway_around
from bench.ground import BARE, Ground, Measurable
from bench.hop import NeverVisible, percentile
from bench.layers import hottest, shares
from bench.load import FellBehind, Pace, closed_loop, open_loop, request
from bench.machine import cpu_seconds
from bench.rounds import Scale, operations_for
from bench.samples import Ratio, Report, Sample, Wanted
from bench.schools import District
from chassis.settings import Settings
from services.diagnostics.app import build as build_diagnostics

MOUNT, PROFILED = "diagnostics-mount", "diagnostics-profiled"
IN_FLIGHT = 32
WARMING = 40
# A fifth of what the closed loop reached: latency beside other work, not that of a queue.
STEADY_SHARE = 0.2
# So few that none is idle for long: the server closes what says nothing for five seconds.
LINES = 8
# September: the whole city within ten working days of eight hours, ten times as many in the evening as on average.
PEOPLE, DAYS, HOURS, EVENING = 100_000, 10, 8, 10
# A diagnostic is a self-rating, two colleagues and an observation; each sheet is taken to cost what a scored one does.
SHEETS_EACH = 4
CORES = 2
TO_BARE = Wanted("submission-to-bare-write")
CPU_OF_BARE = Wanted("cpu-of-bare-write-to-submission")
OUTSIDE = Wanted("submission-outside-ours", unit="percent")
SEPTEMBER = Wanted("september-peak", "-", 10.0, 10.0, unit="percent", is_less_better=True)
_SCORED = "select count(*) from journal where subject like 'neo.diagnostics.diagnostic.completed.%'"


def mounted() -> FastAPI:
    """The gateway with diagnostics inside its own process."""
    settings = Settings.from_env("diagnostics")
    return gateway_around("diagnostics", build_diagnostics(settings), issuer=settings.issuer)


def september_share(cpu_us: float) -> float:
    """Per cent of two cores that September's evening takes when a sheet costs so many µs of processor time."""
    sheets_a_second = PEOPLE * SHEETS_EACH / (DAYS * HOURS * 3600) * EVENING
    return sheets_a_second * cpu_us / 1e6 / CORES * 100


@dataclass(slots=True)
class _Rounds:
    """What the rounds of one route found: rates, and µs per request of everything behind the route."""

    rates: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)

    def sample(self, code: str, operations: int) -> Sample:
        return Sample(code, "per-second", tuple(self.rates), operations, tuple(self.cpu_us))


@dataclass(slots=True)
class Evening:
    """Both routes under load, the bare one and ours."""

    ground: Ground
    district: District
    bare: _Rounds = field(default_factory=_Rounds)
    ours: _Rounds = field(default_factory=_Rounds)

    async def hand_in(self, count: int) -> None:
        """A round of submissions; every one of them must have been scored and announced."""
        contents = await self.district.sheets(count)
        before = await self._scored()
        await self._measured(MOUNT, contents, self.ours)
        if (scored := await self._scored() - before) != count:
            raise NeverVisible(f"{scored} of {count} submissions were scored")

    async def write_bare(self, count: int) -> None:
        """A round of the same bodies against the bare route."""
        body = (await self.district.sheets(1))[0].partition(b"\r\n\r\n")[2]
        contents = [request("PUT", f"/bare/schools/x/people/{uuid4()}/sheet", body=body) for _ in range(count)]
        await self._measured(BARE, contents, self.bare)

    async def _scored(self) -> int:
        return int(await self.district.looking.fetchval(_SCORED))

    async def _measured(self, name: str, contents: list[bytes], rounds: _Rounds) -> None:
        infrastructure = self.ground.infrastructure
        pids = [self.ground.children[name].pid, infrastructure.postgres.pid, infrastructure.nats.pid]
        before = sum(map(cpu_seconds, pids))
        run = await closed_loop(self.ground.children[name].port, contents, in_flight=IN_FLIGHT)
        rounds.rates.append(run.rate)
        rounds.cpu_us.append((sum(map(cpu_seconds, pids)) - before) / len(contents) * 1e6)

    async def steady(self, scale: Scale) -> tuple[float, float]:
        """Milliseconds of half and of 99 % of the submissions at a fifth of the highest rate."""
        rate = median(self.ours.rates) * STEADY_SHARE
        contents = await self.district.sheets(operations_for(scale.steady_seconds, rate=rate, least=WARMING))
        try:
            run = await open_loop(self.ground.children[MOUNT].port, contents, pace=Pace(rate, lines=LINES))
        except FellBehind:
            return float("inf"), float("inf")
        milliseconds = [one * 1000 for one in run.latencies]
        return median(milliseconds), percentile(milliseconds, 99)


async def measure_submissions(ground: Ground, scale: Scale, report: Report) -> None:
    """Submissions per second, what they cost beside a bare route, and September's evening, into the report."""
    looking = await ground.admin("documents")
    await looking.execute(SHEETS)
    await looking.close()
    await ground.start_bare()
    evening = await _opened(ground, MOUNT)
    try:
        lot = await _lot(evening, scale)
        for _ in range(scale.rounds):
            await evening.write_bare(4 * lot)
            await evening.hand_in(lot)
        half, most = await evening.steady(scale)
        report.samples += [
            evening.ours.sample("submissions", lot),
            evening.bare.sample("bare-writes", 4 * lot),
            Sample("submission-p50", "ms", (half,)),
            Sample("submission-p99", "ms", (most,)),
        ]
        report.ratios += _ratios(evening)
    finally:
        await evening.district.looking.close()
        await ground.stop(MOUNT, BARE)
    await _profile(ground, lot, report)


async def _opened(ground: Ground, name: str) -> Evening:
    app = Measurable(name, "bench.submissions:mounted", ground.environment("diagnostics"), ready="/livez")
    child = await ground.start(app, is_profiled=name == PROFILED)
    return Evening(ground, District(ground, child.port, await ground.admin("diagnostics")))


async def _lot(evening: Evening, scale: Scale) -> int:
    """How many submissions make a round; the pilots that tell it are not counted."""
    await evening.write_bare(WARMING)
    await evening.hand_in(WARMING)
    lot = operations_for(scale.seconds, rate=evening.ours.rates[0])
    evening.bare, evening.ours = _Rounds(), _Rounds()
    return lot


def _ratios(evening: Evening) -> list[Ratio]:
    bare, ours = evening.bare, evening.ours
    return [
        Ratio(TO_BARE, tuple(one / other for one, other in zip(ours.rates, bare.rates, strict=True))),
        Ratio(CPU_OF_BARE, tuple(one / other for one, other in zip(bare.cpu_us, ours.cpu_us, strict=True))),
        Ratio(SEPTEMBER, tuple(map(september_share, ours.cpu_us))),
    ]


async def _profile(ground: Ground, lot: int, report: Report) -> None:
    """Where the processor time goes; a run of its own, apart from the figures."""
    evening = await _opened(ground, PROFILED)
    child = ground.children[PROFILED]
    try:
        contents = await evening.district.sheets(2 * lot)
        os.kill(child.pid, signal.SIGUSR1)
        await closed_loop(child.port, contents, in_flight=IN_FLIGHT)
    finally:
        await evening.district.looking.close()
        await ground.stop(PROFILED)
    if child.profile is not None:
        layers = shares(child.profile)
        report.profile[MOUNT] = {"layers": layers, "hottest": hottest(child.profile)}
        report.ratios.append(Ratio(OUTSIDE, (100 * (1 - layers.get("ours", 0.0)),)))
