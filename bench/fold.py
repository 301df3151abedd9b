"""The intake alone: a hundred facts folded into one transaction, against a transaction for each.

It is diagnostics' own intake of consents: its inbox, its handler, its row-level security.
"""

import asyncio
import time
from collections.abc import Sequence

from bench.consents import events
from bench.ground import Ground
from bench.rounds import PILOT, Scale, operations_for
from bench.samples import Ratio, Sample, ratio
from chassis.intake import Intake
from contracts.documents import ConsentGiven
from contracts.topology import durable_of
from services.diagnostics.app import build

FOLD = 100


async def measure_fold(ground: Ground, scale: Scale) -> tuple[list[Sample], Ratio]:
    """Facts per second of both, in turns."""
    folded, single = [], []
    settings = ground.infrastructure.settings_of("diagnostics", ground.issuer)
    app = build(settings, verifier=ground.tokens.verifier())
    async with app.router.lifespan_context(app):
        intake: Intake = app.state.bus.intakes[durable_of("diagnostics", ConsentGiven)]
        facts = operations_for(scale.seconds, rate=await _one_by_one(intake, events(PILOT)))
        lot = facts * 5 // FOLD * FOLD
        for _ in range(scale.rounds):
            folded.append(await _in_hundreds(intake, events(lot)))
            single.append(await _one_by_one(intake, events(facts)))
    samples = [
        Sample("fold-100", "per-second", tuple(folded), lot),
        Sample("fold-1", "per-second", tuple(single), facts),
    ]
    return samples, ratio("fold-to-single", folded, single)


async def _in_hundreds(intake: Intake, facts: Sequence[ConsentGiven]) -> float:
    began = time.perf_counter()
    for start in range(0, len(facts), FOLD):
        await asyncio.gather(*(intake.take(fact) for fact in facts[start : start + FOLD]))
    return len(facts) / (time.perf_counter() - began)


async def _one_by_one(intake: Intake, facts: Sequence[ConsentGiven]) -> float:
    began = time.perf_counter()
    for fact in facts:
        await intake.take(fact)
    return len(facts) / (time.perf_counter() - began)
