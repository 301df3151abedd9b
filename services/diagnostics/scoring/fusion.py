"""Several readings become one level with one error: each weighs by its precision."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from services.diagnostics.scoring.parameters import Parameters
from services.diagnostics.scoring.readings import Reading, SourceKind, pool, standard_error


@dataclass(frozen=True, slots=True)
class Fusion:
    """The fused level, its standard error in levels, and the kinds of sources behind it."""

    level: float
    error: float
    sources: tuple[SourceKind, ...]


def weigh(readings: Sequence[Reading], parameters: Parameters) -> dict[SourceKind, float]:
    """The weight of each pooled reading: `1 / SE²`, with self-rating held to its share of the sum.

    The cap: weight of SA = min(w, others · share / (1 − share)), so that SA / Σ ≤ share; for a share of 25 %
    that is min(w, others / 3). With no other source self-rating stands alone and keeps its own weight.
    """
    weights = {reading.kind: standard_error(reading, parameters) ** -2 for reading in readings}
    others = sum(weight for kind, weight in weights.items() if kind is not SourceKind.SA)
    if SourceKind.SA in weights and others:
        limit = others * parameters.self_share / (1 - parameters.self_share)
        weights[SourceKind.SA] = min(weights[SourceKind.SA], limit)
    return weights


def fuse(readings: Iterable[Reading], parameters: Parameters) -> Fusion | None:
    """Fuse the readings of one person and one competency; `None` when every one is missing.

    `L = Σ w·x / Σ w`; `SE = max(1, sqrt(Q / (k − 1))) / sqrt(Σ w)` with `Q = Σ w·(x − L)²` over k kinds of
    sources, so that disagreement widens the error and agreement never narrows it below `1 / sqrt(Σ w)`.

    A further agreeing source narrows the error, with one exception that follows from the cap: self-rating
    alone (0.80) joined by something weaker than 0.92, a test of four tasks or fewer, loses three quarters
    of the say to it, and the error grows.
    """
    pooled = pool(readings)
    if not pooled:
        return None
    weights = weigh(pooled, parameters)
    total = sum(weights.values())
    points = [(reading.level or 0.0, weights[reading.kind]) for reading in pooled]
    mean = sum(weight * level for level, weight in points) / total
    # Rounding may carry the mean of equal levels past them by the last bit.
    mean = min(max(mean, min(points)[0]), max(points)[0])
    spread = sum(weight * (level - mean) ** 2 for level, weight in points)
    inflation = max(1.0, sqrt(spread / (len(points) - 1))) if len(points) > 1 else 1.0
    return Fusion(mean, inflation / sqrt(total), tuple(reading.kind for reading in pooled))
