"""How much of a scale's variance is one common factor? McDonald's omega total."""

import numpy as np

from services.diagnostics.scoring.estimates import Estimate, upper_tail
from services.diagnostics.scoring.parameters import Parameters
from services.diagnostics.scoring.psychometrics.answers import Answers, Reliability
from services.diagnostics.scoring.readings import Floats

OMEGA = "omega-total-minres-bootstrap"
# An item keeps at least this share of variance of its own: the usual guard against Heywood cases.
LEAST_UNIQUENESS = 0.005
MOST_TURNS = 5000
STILL = 1e-10


def mcdonald_omega(answers: Answers, parameters: Parameters, *, seed: int) -> Reliability | None:
    """`ω = (Σλ)² / ((Σλ)² + Σ(1 − λ²))` of one factor on the correlations of the items, with a bootstrap interval.

    McDonald, 1999, Test Theory: A Unified Treatment, chapter 6; loadings by minimum residuals, see `one_factor`.
    The bounds are percentiles over resampled people (Kelley and Pornprasertmanit, 2016, Psychological Methods
    21, 69–92, advise the bootstrap); `seed` makes them repeatable. `None` while hidden, or when some item got
    the same answer from everyone.
    """
    if answers.items < 3:
        raise ValueError("one factor needs three items")
    if answers.are_hidden(parameters) or np.any(np.ptp(answers.scores, axis=0) == 0):
        return None
    value = float(_omega(one_factor(_correlations(answers.scores))))
    samples = _omega(one_factor(_resampled(answers.scores, parameters.omega_resamples, seed=seed)))
    tail = upper_tail(parameters)
    low, high = np.quantile(samples, [1 - tail, tail]).tolist()
    return Reliability(Estimate(value, low, high), OMEGA, answers.people, answers.missing, answers.items)


def one_factor(correlations: Floats) -> Floats:
    """Loadings of one factor that leave the least squared residuals off the diagonal, of one table or a stack.

    Harman and Jones, 1966, Psychometrika 31, 351–368: loading by loading, each the regression of an item's
    correlations on the loadings of the others, until nothing moves. Each factor points to where most items do.
    """
    items = correlations.shape[-1]
    apart = correlations * (1 - np.eye(items))
    strengths, directions = np.linalg.eigh(correlations)
    loadings = directions[..., -1] * np.sqrt(strengths[..., -1:])
    limit = np.sqrt(1 - LEAST_UNIQUENESS)
    for _ in range(MOST_TURNS):
        before = loadings.copy()
        for item in range(items):
            others = np.square(loadings).sum(axis=-1) - np.square(loadings[..., item])
            pull = (apart[..., item, :] * loadings).sum(axis=-1)
            loadings[..., item] = np.clip(pull / np.maximum(others, STILL), -limit, limit)
        if np.abs(loadings - before).max() < STILL:
            break
    return np.asarray(loadings * np.where(loadings.sum(axis=-1, keepdims=True) < 0, -1.0, 1.0))


def _omega(loadings: Floats) -> Floats:
    common = np.square(loadings.sum(axis=-1))
    shares: Floats = common / (common + (1 - np.square(loadings)).sum(axis=-1))
    return shares


def _resampled(scores: Floats, times: int, *, seed: int) -> Floats:
    chance, people = np.random.default_rng(seed), scores.shape[0]
    return np.stack([_correlations(scores[chance.integers(people, size=people)]) for _ in range(times)])


def _correlations(scores: Floats) -> Floats:
    """Correlations of the columns; a column that a resample left without any variance correlates with none."""
    apart = scores - scores.mean(axis=0)
    lengths = np.sqrt(np.square(apart).sum(axis=0))
    unit = apart / np.where(lengths > 0, lengths, 1.0)
    found: Floats = unit.T @ unit
    np.fill_diagonal(found, 1.0)
    return found
