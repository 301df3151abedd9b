"""Do several raters see the same? The intraclass correlation, always with its model and its interval.

Shrout and Fleiss, 1979, Psychological Bulletin 86, 420–428; McGraw and Wong, 1996, Psychological Methods 1, 30–46.
Which model is right is a question of who rated whom:

- ICC(1): everyone is rated by colleagues of their own; the raters' habits cannot be told from error (P360).
- ICC(2,…): the same raters saw everyone and stand for any raters: absolute agreement (OBS by several observers).
- ICC(3,…): the same raters saw everyone and stand for themselves alone: order agrees, the marks need not.

(…,1) is the reliability of one rater, (…,k) that of the mean of all k.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

import numpy as np

from services.diagnostics.scoring.estimates import Estimate, upper_tail
from services.diagnostics.scoring.parameters import Parameters
from services.diagnostics.scoring.psychometrics.answers import Reliability, complete
from services.diagnostics.scoring.quantiles import fisher_quantile

Ratings = Sequence[Sequence[float | None]]


class Model(StrEnum):
    """Who rated whom, and whether one rater or the mean of all is meant."""

    ONE_WAY = "ICC(1)"
    ONE_WAY_MEAN = "ICC(1,k)"
    TWO_WAY = "ICC(2,1)"
    TWO_WAY_MEAN = "ICC(2,k)"
    FIXED = "ICC(3,1)"
    FIXED_MEAN = "ICC(3,k)"

    @property
    def is_one_way(self) -> bool:
        """Has everyone raters of their own?"""
        return self in (Model.ONE_WAY, Model.ONE_WAY_MEAN)

    @property
    def is_absolute(self) -> bool:
        """Do the same raters see everyone, and does it matter that one of them is stricter?"""
        return self in (Model.TWO_WAY, Model.TWO_WAY_MEAN)

    @property
    def is_of_mean(self) -> bool:
        """Is it the reliability of the mean of all raters?"""
        return self in (Model.ONE_WAY_MEAN, Model.TWO_WAY_MEAN, Model.FIXED_MEAN)


@dataclass(frozen=True, slots=True)
class _Variance:
    """An analysis of variance: mean squares between people, between raters, and of the rest with its freedom."""

    people: int
    missing: int
    raters: float
    between: float
    by_raters: float
    rest: float
    freedom: int


def agreement(ratings: Ratings, model: Model, parameters: Parameters) -> Reliability | None:
    """The intraclass correlation of a table of ratings: a row for each person rated, a column for each rater.

    A missing rating (`None`) takes the person out of the two-way models, where everyone needs the same raters. In
    the one-way models it is no loss: people may have different numbers of raters, k is then their adjusted mean
    (Donner, 1986, International Statistical Review 54, 67–82), and only people without any rating are missing.
    `None` while hidden, when nobody was rated twice, or when people do not differ.
    """
    variance = _one_way(ratings, parameters) if model.is_one_way else _two_way(ratings, parameters)
    if variance is None or variance.between == 0:
        return None
    tail = upper_tail(parameters)
    single = _absolute(variance, tail) if model.is_absolute else _consistent(variance, tail)
    estimate = _of_mean(single, variance.raters) if model.is_of_mean else single
    return Reliability(estimate, model.value, variance.people, variance.missing, variance.raters)


def _one_way(ratings: Ratings, parameters: Parameters) -> _Variance | None:
    rows = [np.array(marks) for row in ratings if (marks := [mark for mark in row if mark is not None])]
    sizes = np.array([len(row) for row in rows], dtype=np.float64)
    people, total = len(rows), int(sizes.sum())
    if people < parameters.item_people or total == people:
        return None
    means = np.array([row.mean() for row in rows])
    mean = float((sizes * means).sum() / total)
    return _Variance(
        people=people,
        missing=len(ratings) - people,
        raters=float((total - np.square(sizes).sum() / total) / (people - 1)),
        between=float((sizes * np.square(means - mean)).sum() / (people - 1)),
        by_raters=0.0,
        rest=sum(float(np.square(row - row.mean()).sum()) for row in rows) / (total - people),
        freedom=total - people,
    )


def _two_way(ratings: Ratings, parameters: Parameters) -> _Variance | None:
    answers = complete(ratings)
    if answers.are_hidden(parameters) or answers.items < 2:
        return None
    marks, people, raters = answers.scores, answers.people, answers.items
    own, theirs, mean = marks.mean(axis=1, keepdims=True), marks.mean(axis=0, keepdims=True), marks.mean()
    freedom = (people - 1) * (raters - 1)
    return _Variance(
        people=people,
        missing=answers.missing,
        raters=raters,
        between=float(raters * np.square(own - mean).sum() / (people - 1)),
        by_raters=float(people * np.square(theirs - mean).sum() / (raters - 1)),
        rest=float(np.square(marks - own - theirs + mean).sum() / freedom),
        freedom=freedom,
    )


def _consistent(variance: _Variance, tail: float) -> Estimate:
    """ICC(1) and ICC(3,1): `(B − W) / (B + (k − 1)·W)`, the bounds with W times and divided by Fisher's F."""

    def share(rest: float) -> float:
        return (variance.between - rest) / (variance.between + (variance.raters - 1) * rest)

    upper, lower = variance.people - 1, variance.freedom
    return Estimate(
        share(variance.rest),
        share(variance.rest * fisher_quantile(tail, upper=upper, lower=lower)),
        share(variance.rest / fisher_quantile(tail, upper=lower, lower=upper)),
    )


def _absolute(variance: _Variance, tail: float) -> Estimate:
    """ICC(2,1): `(B − E) / (B + (k − 1)·E + k·(J − E)/n)`, the bounds with Satterthwaite's degrees of freedom."""
    people, raters = variance.people, variance.raters
    between, by_raters, rest = variance.between, variance.by_raters, variance.rest
    value = (between - rest) / (between + (raters - 1) * rest + raters * (by_raters - rest) / people)
    if value == 1:
        return Estimate(1.0, 1.0, 1.0)
    odds = raters * value / (people * (1 - value))
    first, second = odds * by_raters, (1 + odds * (people - 1)) * rest
    freedom = (first + second) ** 2 / (first**2 / (raters - 1) + second**2 / variance.freedom)
    others = raters * by_raters + (raters * people - raters - people) * rest
    above = fisher_quantile(tail, upper=people - 1, lower=freedom)
    below = fisher_quantile(tail, upper=freedom, lower=people - 1)
    return Estimate(
        value,
        people * (between - above * rest) / (above * others + people * between),
        people * (below * between - rest) / (others + people * below * between),
    )


def _of_mean(single: Estimate, raters: float) -> Estimate:
    """The same for the mean of all raters (Spearman–Brown)."""

    def joint(value: float) -> float:
        return raters * value / (1 + (raters - 1) * value) if 1 + (raters - 1) * value > 0 else -inf

    return Estimate(joint(single.value), joint(single.low), joint(single.high))
