"""Answers of many people to the same items, and what is found in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.diagnostics.scoring.estimates import Estimate
from services.diagnostics.scoring.parameters import Parameters
from services.diagnostics.scoring.readings import Floats


@dataclass(frozen=True, slots=True)
class Answers:
    """Complete answers: a row for each person, a column for each item; `missing` people left something out."""

    scores: Floats
    missing: int

    @property
    def people(self) -> int:
        """How many people answered everything."""
        return len(self.scores)

    @property
    def items(self) -> int:
        """How many items there are."""
        return int(self.scores.shape[1])

    def are_hidden(self, parameters: Parameters) -> bool:
        """Are they too few for their properties to be told?"""
        return self.people < parameters.item_people


@dataclass(frozen=True, slots=True)
class Reliability:
    """A coefficient with its interval, the model by which it was found, and what it rests on.

    `n` people were counted and `missing` ones left out; `parts` is how many items or raters the figure is of.
    """

    estimate: Estimate
    model: str
    n: int
    missing: int
    parts: float


def complete(rows: Sequence[Sequence[float | None]]) -> Answers:
    """The people who answered every item; whoever left one out (`None`) is counted as missing.

    A 0 is a score: of a wrong answer to a task. "Not applicable" on the scale of levels has to come as `None`.
    """
    if len({len(row) for row in rows}) > 1:
        raise ValueError("every person is asked the same items")
    whole = [row for row in rows if None not in row]
    scores = np.array(whole, dtype=np.float64).reshape(len(whole), len(rows[0]) if rows else 0)
    return Answers(scores, len(rows) - len(whole))
