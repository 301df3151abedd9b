"""Properties of single items: how difficult each is, and how well it tells people apart."""

from dataclasses import dataclass

import numpy as np

from services.diagnostics.scoring.parameters import Parameters
from services.diagnostics.scoring.psychometrics.answers import Answers
from services.diagnostics.scoring.readings import Floats


@dataclass(frozen=True, slots=True)
class Item:
    """One item in the answers of `n` people.

    `difficulty` is the mean share of right answers (or of points), so a hard item has a low one;
    `discrimination` is `None` where all answered alike.
    """

    difficulty: float
    discrimination: float | None
    n: int


def item_properties(
    answers: Answers, parameters: Parameters, *, span: tuple[float, float] = (0.0, 1.0)
) -> tuple[Item, ...] | None:
    """Difficulty and corrected discrimination of each item, in their order; `None` while hidden.

    `span` is the lowest and the highest score: wrong and right, or the first and the last level. Discrimination
    is the correlation with the sum of the *other* items, for the item itself would flatter it (Henrysson, 1963,
    Psychometrika 28, 211–218); of right and wrong answers it is the point-biserial correlation.
    """
    lowest, highest = span
    if answers.people and not (answers.scores.min() >= lowest and answers.scores.max() <= highest):
        raise ValueError(f"a score runs from {lowest} to {highest}")
    if answers.are_hidden(parameters):
        return None
    total = answers.scores.sum(axis=1)
    return tuple(
        Item((float(own.mean()) - lowest) / (highest - lowest), _correlation(own, total - own), answers.people)
        for own in answers.scores.T
    )


def _correlation(one: Floats, other: Floats) -> float | None:
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(np.corrcoef(one, other)[0, 1])
