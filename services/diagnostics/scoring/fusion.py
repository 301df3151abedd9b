"""Several readings become one level with one error: each weighs by its precision.

All of it for many cases at once, as columns of an array; a case is one person and one competency. The formula
stands here once: one person is a handful of columns, a city is many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from services.diagnostics.scoring.parameters import Parameters
from services.diagnostics.scoring.readings import Floats, Reading, SourceKind, standard_errors

Marks = npt.NDArray[np.bool_]
KINDS = tuple(SourceKind)
_ROWS = {kind: row for row, kind in enumerate(KINDS)}
_SELF = _ROWS[SourceKind.SA]
# What lies beyond the twelfth digit is rounding, and must not lift a gap over its threshold.
DIGITS = 12


@dataclass(frozen=True, slots=True)
class Evidence:
    """Pooled readings: a row for each kind of source, a column for each case; a count of 0 is silence."""

    levels: Floats
    counts: Floats

    @property
    def spoken(self) -> Marks:
        """Which kinds of sources have something to say of which case."""
        return np.greater(self.counts, 0)


@dataclass(frozen=True, slots=True)
class Fusion:
    """The fused levels and their standard errors, in levels, and the kinds of sources behind them, by case."""

    levels: Floats
    errors: Floats
    spoken: Marks

    @property
    def kinds(self) -> npt.NDArray[np.intp]:
        """How many kinds of sources stand behind each case."""
        return np.asarray(self.spoken.sum(axis=0))

    @property
    def is_self_rated_only(self) -> Marks:
        """Where nobody but the person vouches for the level."""
        return np.asarray(self.spoken[_SELF] & (self.kinds == 1))


def pool(cases: Sequence[Sequence[Reading]]) -> Evidence:
    """One level for each kind and case: the mean by `count`, with the counts added up; missing readings left out."""
    readings = list(chain.from_iterable(cases))
    lengths = np.array([len(own) for own in cases], dtype=np.intp)
    columns = np.repeat(np.arange(len(cases)), lengths)
    rows = np.array([_ROWS[reading.kind] for reading in readings], dtype=np.intp)
    levels = np.array([reading.level or 0.0 for reading in readings], dtype=np.float64)
    counts = np.array([reading.count for reading in readings], dtype=np.float64) * (levels > 0)
    shape = len(KINDS), len(cases)
    places = rows * len(cases) + columns
    joint = _summed(counts, places, shape)
    return Evidence(_summed(levels * counts, places, shape) / np.maximum(joint, 1), joint)


def _summed(values: Floats, places: npt.NDArray[np.intp], shape: tuple[int, int]) -> Floats:
    sums = np.bincount(places, weights=values, minlength=shape[0] * shape[1])
    return np.asarray(sums, dtype=np.float64).reshape(shape)


def weigh(evidence: Evidence, parameters: Parameters) -> Floats:
    """The weight of each pooled reading: `1 / SE²`, with self-rating held to its share of the sum.

    The cap: weight of SA = min(w, others · share / (1 − share)), so that SA / Σ ≤ share; for a share of 25 %
    that is min(w, others / 3). With no other source self-rating stands alone and keeps its own weight.
    """
    counts = np.maximum(evidence.counts, 1)
    errors = np.stack([standard_errors(kind, counts[row], parameters) for row, kind in enumerate(KINDS)])
    weights = np.where(evidence.spoken, 1 / np.square(errors), 0.0)
    others = np.delete(weights, _SELF, axis=0).sum(axis=0)
    limit = others * parameters.self_share / (1 - parameters.self_share)
    weights[_SELF] = np.where(others > 0, np.minimum(weights[_SELF], limit), weights[_SELF])
    return weights


def fuse(evidence: Evidence, parameters: Parameters) -> Fusion:
    """Fuse the readings of each case; where every kind is silent, level and error mean nothing.

    `L = Σ w·x / Σ w`; `SE = max(1, sqrt(Q / (k − 1))) / sqrt(Σ w)` with `Q = Σ w·(x − L)²` over k kinds of
    sources (D2.7; the inflation is Birge's ratio, 1932), so that disagreement widens the error and agreement
    never narrows it below `1 / sqrt(Σ w)`.

    One bound follows from the cap. Beside a test of four tasks or fewer, self-rating loses three quarters of
    its say to something weaker than itself, and the bare formula would take an agreeing source for a loss of
    knowledge. What self-rating by itself says is never forgotten: the level errs at most by the error of
    self-rating and its distance from it, `SE² ≤ SE(SA)² + (L − x(SA))²`, as long as the sources do not disagree.
    """
    weights = weigh(evidence, parameters)
    total = weights.sum(axis=0)
    total[total == 0] = 1.0
    levels = np.round((weights * evidence.levels).sum(axis=0) / total, DIGITS)
    spread = (weights * np.square(evidence.levels - levels)).sum(axis=0)
    variance = np.minimum(1 / total, _bound_of_self_rating(evidence, levels, parameters))
    freedom = np.maximum(np.count_nonzero(evidence.spoken, axis=0) - 1, 1)
    errors = np.sqrt(np.maximum(variance, spread / freedom / total))
    return Fusion(levels, np.round(errors, DIGITS), evidence.spoken)


def _bound_of_self_rating(evidence: Evidence, levels: Floats, parameters: Parameters) -> Floats:
    bound = parameters.self_error**2 + np.square(levels - evidence.levels[_SELF])
    return np.where(evidence.spoken[_SELF], bound, np.inf)
