"""From the answer to the visible effect next door, at a steady rate; and the highest rate that stays within 50 ms."""

from bisect import bisect_right
from collections.abc import Sequence

from bench.hop import Hop, percentile
from bench.load import LoadFailed
from bench.rounds import Scale
from bench.samples import Ratio, Sample, wanted

ASKED_RATE = 500
LATEST_MS = 50.0
# Of what went through at full load, this much should be easy.
EASY_SHARE = 0.5
LADDER = (25, 50, 100, 150, 200, 300, 400, 500, 700, 1000, 1400, 2000, 2800, 4000, 5600)


async def measure_latency(hop: Hop, scale: Scale) -> tuple[list[Sample], list[Ratio]]:
    """p50 and p99 at the asked rate, round by round, then up or down the ladder of rates."""
    rounds = [await _percentiles(hop, ASKED_RATE, scale.steady_seconds) for _ in range(2 if scale.is_quick else 3)]
    middle, late = (tuple(one[index] for one in rounds) for index in (0, 1))
    highest = await _highest_rate(hop, scale)
    operations = int(ASKED_RATE * scale.steady_seconds)
    samples = [
        Sample("hop-p50", "ms", middle, operations),
        Sample("hop-p99", "ms", late, operations),
    ]
    return samples, [Ratio(wanted("hop-p99-at-500"), late), Ratio(wanted("hop-rate-within-50-ms"), (float(highest),))]


async def _percentiles(hop: Hop, rate: int, seconds: float) -> tuple[float, float]:
    """p50 and p99; endless at a rate that the path cannot follow."""
    try:
        milliseconds = await hop.steady(hop.crowd.take(int(rate * seconds)), rate=rate)
    except (LoadFailed, TimeoutError):
        return float("inf"), float("inf")
    return percentile(milliseconds, 50), percentile(milliseconds, 99)


async def _highest_rate(hop: Hop, scale: Scale) -> int:
    """Begin where the path should hold by what it did at full load; climb while it holds, else go down."""
    at = max(0, bisect_right(LADDER, hop.pilot * EASY_SHARE) - 1)
    if not await _holds(hop, LADDER[at], scale):
        lower = LADDER[max(0, at - scale.rungs) : at]
        return await _first_that_holds(hop, lower[::-1], scale)
    held = LADDER[at]
    for rate in LADDER[at + 1 : at + 1 + scale.rungs]:
        if not await _holds(hop, rate, scale):
            break
        held = rate
    return held


async def _first_that_holds(hop: Hop, rates: Sequence[int], scale: Scale) -> int:
    for rate in rates:
        if await _holds(hop, rate, scale):
            return rate
    return 0


async def _holds(hop: Hop, rate: int, scale: Scale) -> bool:
    return (await _percentiles(hop, rate, scale.steady_seconds / 2))[1] <= LATEST_MS
