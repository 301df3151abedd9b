"""`neo bench events`: raw limits and our path in one run, on the same servers, in turns."""

import os
import signal
from statistics import median

from bench.city import measure_city
from bench.fold import measure_fold
from bench.ground import BARE, Ground
from bench.held import measure_held
from bench.hop import LISTENER, OWNER, WARMING, Hop, bare_post
from bench.latency import measure_latency
from bench.layers import hottest, shares
from bench.machine import cpu_seconds
from bench.rawbus import raw_bus
from bench.rawdatabase import raw_database
from bench.relay import measure_relay
from bench.rounds import Scale, in_turns, operations_for
from bench.samples import Ratio, Report, Sample, ratio, wanted

# The best of each stage that every event must pass; the slowest of these bounds any path.
STAGES = (("bus-publish-100", "bus-publish-raw"), ("bus-fetch-100",), ("db-insert-8", "db-insert-32"), ("db-fold-100",))


async def measure_events(ground: Ground, scale: Scale, report: Report) -> None:
    """Everything about events, into the report."""
    async with raw_bus(ground) as bus, raw_database(ground) as database:
        report.samples += await in_turns([*bus.stages(), *database.stages()], scale)
    await _measure_path(ground, scale, report)
    for measure in (measure_relay, measure_fold, measure_city):
        samples, found = await measure(ground, scale)
        report.add(samples, [found])


async def _measure_path(ground: Ground, scale: Scale, report: Report) -> None:
    await ground.start_bare()
    hop = await Hop.open(ground)
    try:
        report.add(*await _at_full_load(hop, scale))
        report.ratios.append(_to_slowest_stage(report))
        report.cpu_per_event = hop.cpu_per_event
        report.add(*await measure_latency(hop, scale))
        samples, loss = await measure_held(hop, scale)
        report.add(samples, [loss])
    finally:
        await hop.close()
        await ground.stop(BARE)


async def _at_full_load(hop: Hop, scale: Scale) -> tuple[list[Sample], list[Ratio]]:
    whole, bare, cpu, load = [], [], [], []
    bare_pid = hop.ground.children[BARE].pid
    pilot = await bare_post(hop.ground, WARMING * 5, in_flight=hop.in_flight)
    events, requests = hop.lot(scale), operations_for(scale.seconds, rate=pilot.rate)
    for _ in range(scale.rounds):
        before = cpu_seconds(bare_pid)
        run = await bare_post(hop.ground, requests, in_flight=hop.in_flight)
        bare.append(run.rate)
        cpu.append((cpu_seconds(bare_pid) - before) / requests * 1e6)
        load.append(run.cpu_seconds / run.seconds * 100)
        whole.append(await hop.saturate(hop.crowd.take(events)))
    hop.pilot = median(whole)
    samples = [
        Sample("hop", "per-second", tuple(whole), events),
        Sample("post-bare", "per-second", tuple(bare), requests, tuple(cpu)),
        Sample("load-busy", "percent", tuple(load)),
    ]
    return samples, [
        ratio("hop-to-bare-post", whole, bare),
        ratio("cpu-of-bare-post-to-hop", cpu, hop.cpu_of_services),
    ]


def _to_slowest_stage(report: Report) -> Ratio:
    slowest = min(max(report.value(code) for code in codes) for codes in STAGES)
    whole = next(sample for sample in report.samples if sample.code == "hop")
    return Ratio(wanted("hop-to-slowest-raw"), tuple(rate / slowest for rate in whole.values))


async def profile_events(ground: Ground, scale: Scale, report: Report) -> None:
    """Where the processor time of both services goes at full load; a run of its own, apart from the figures."""
    hop = await Hop.open(ground, is_profiled=True)
    measured = [ground.children[name] for name in (OWNER, LISTENER)]
    try:
        for child in measured:
            os.kill(child.pid, signal.SIGUSR1)
        for _ in range(2):
            await hop.saturate(hop.crowd.take(hop.lot(scale)))
    finally:
        await hop.close()
    for child in measured:
        if child.profile is not None:
            report.profile[child.name] = {"layers": shares(child.profile), "hottest": hottest(child.profile)}
