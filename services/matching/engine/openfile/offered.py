"""The edges that a file means: those it lists, or all that its rules allow.

Within a district everybody can meet; across districts only two people who are both online, and of those each need
is offered the few best. The upper limit of the level difference is hard here.
"""

import numpy as np

from services.matching.engine.openfile.reading import OpenTask
from services.matching.engine.rules import LEAST_GAP10
from services.matching.engine.table import Integers, Truths, whole

# round(1000 · exp(−½ ((d − 1.5) / 0.5)²)) for level differences d = 0.0, 0.1 … 4.0.
_UP = (11, 20, 34, 56, 89, 135, 198, 278, 375, 487, 607, 726, 835, 923, 980)
_DOWN = (980, 923, 835, 726, 607, 487, 375, 278, 198, 135, 89, 56, 34, 20, 11, 6, 3, 2, 1, 0)
FIT1000 = whole([*_UP, 1000, *_DOWN])
SAME_DISTRICT100 = 105
ACROSS100 = 90
FEW = 3


def offered_edges(task: OpenTask) -> Integers:
    """All allowed edges as rows (giver, taker, competency, score), without the banned."""
    rows = task.listed if task.listed is not None else _by_rules(task)
    return rows[~task.is_banned(rows)]


def _by_rules(task: OpenTask) -> Integers:
    codes, everybody = task.codes, np.ones(task.people, dtype=bool)
    near = _meeting(task, task.district * codes, everybody)
    far = _meeting(task, np.zeros(task.people, dtype=np.int64), task.online > 0)
    far = far[task.district[far[:, 0]] != task.district[far[:, 1]]]
    order = np.lexsort((far[:, 0], -far[:, 3], far[:, 1] * codes + far[:, 2]))
    far = far[order]
    topic = far[:, 1] * codes + far[:, 2]
    first = np.searchsorted(topic, topic)
    return np.concatenate((near, far[np.arange(len(far)) - first < FEW]))


def _meeting(task: OpenTask, place: Integers, who: Truths) -> Integers:
    """Edges between people of the same place among these people."""
    strengths, needs = task.strengths[who[task.strengths[:, 0]]], task.needs[who[task.needs[:, 0]]]
    offers = place[strengths[:, 0]] + strengths[:, 1]
    order = np.argsort(offers, kind="stable")
    strengths, offers = strengths[order], offers[order]
    wanted = place[needs[:, 0]] + needs[:, 1]
    first, last = (np.searchsorted(offers, wanted, side=side) for side in ("left", "right"))
    need = np.repeat(np.arange(len(needs)), last - first)
    ends = np.cumsum(last - first)
    strength = np.repeat(last - ends, last - first) + np.arange(len(need))
    return _scored(task, strengths[strength], needs[need])


def _scored(task: OpenTask, strengths: Integers, needs: Integers) -> Integers:
    giver, taker, gap = strengths[:, 0], needs[:, 0], strengths[:, 2] - needs[:, 2]
    allowed = (gap >= LEAST_GAP10) & (gap <= task.max_gap10) & (giver != taker)
    allowed &= (task.slots[giver] & task.slots[taker]) != 0
    giver, taker, gap, needs = giver[allowed], taker[allowed], gap[allowed], needs[allowed]
    worth = needs[:, 3] * FIT1000[np.minimum(gap, len(FIT1000) - 1)] // 1000
    reach = np.where(task.district[giver] == task.district[taker], SAME_DISTRICT100, ACROSS100)
    return np.column_stack((giver, taker, needs[:, 1], np.maximum(1, worth * reach // 100)))
