"""Why each need of a file stays unmet: the first step after which nobody was left."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from services.matching.engine.openfile.writing import Ordered
from services.matching.engine.problem import Edge
from services.matching.engine.rules import LEAST_GAP10
from services.matching.engine.table import Integers, Truths


class Step(StrEnum):
    """The steps in the order in which they are asked."""

    NOBODY_STRONG = "nobody-strong"
    OUT_OF_REACH = "out-of-reach"
    LEVEL_TOO_NEAR = "level-too-near"
    LEVEL_TOO_FAR = "level-too-far"
    NO_COMMON_TIME = "no-common-time"
    BANNED = "banned"
    NOT_OFFERED = "not-offered"
    TAKER_FULL = "taker-full"
    PAIR_TAKEN = "pair-taken"
    NO_FREE_GIVER = "no-free-giver"


@dataclass(frozen=True, slots=True)
class Unmet:
    """A need that nobody serves; `person` is the id of the file."""

    person: str
    competency: str
    step: Step


def unmet_in(ordered: Ordered, matches: Sequence[Edge]) -> tuple[Unmet, ...]:
    """Each unmet need in the order of the file."""
    task = ordered.task
    served = {(edge.taker, edge.competency) for edge in matches}
    strengths = task.strengths[np.argsort(task.strengths[:, 1], kind="stable")]
    found = []
    full = _Full.of(ordered, matches)
    for person, code, level, _ in task.needs.tolist():
        name = (task.ids[person], str(code))
        if name not in served:
            first, last = np.searchsorted(strengths[:, 1], (code, code + 1))
            step = _step(ordered, strengths[first:last], (person, code, level), full)
            found.append(Unmet(*name, step))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Full:
    """Who carries as much as they can, by position in the file, and the edges that are offered, by key."""

    givers: Truths
    takers: Truths
    offered: Integers

    @classmethod
    def of(cls, ordered: Ordered, matches: Sequence[Edge]) -> "_Full":
        task, edges = ordered.task, ordered.table.edges
        place = {name: position for position, name in enumerate(task.ids)}
        gives = np.bincount([place[edge.giver] for edge in matches], minlength=task.people)
        takes = np.bincount([place[edge.taker] for edge in matches], minlength=task.people)
        position = ordered.position
        columns = (position[edges.giver], position[edges.taker], ordered.codes[edges.competency])
        return cls(gives >= task.give, takes >= task.take, np.sort(task.keys(np.column_stack(columns))))


def _step(ordered: Ordered, strong: Integers, need: tuple[int, int, int], full: _Full) -> Step:
    """The first step that leaves none of those who are strong in this competency."""
    task, (person, code, level) = ordered.task, need
    left = strong[strong[:, 0] != person]
    givers, gap = left[:, 0], left[:, 2] - level
    rows = np.column_stack((givers, np.full(len(left), person), np.full(len(left), code)))
    is_offered = np.isin(task.keys(rows), full.offered)
    same = task.district[givers] == task.district[person]
    steps = (
        (Step.NOBODY_STRONG, np.ones(len(left), dtype=bool)),
        (Step.OUT_OF_REACH, same | ((task.online[givers] > 0) & bool(task.online[person]))),
        (Step.LEVEL_TOO_NEAR, gap >= LEAST_GAP10),
        (Step.LEVEL_TOO_FAR, gap <= task.max_gap10),
        (Step.NO_COMMON_TIME, (task.slots[givers] & task.slots[person]) != 0),
        (Step.BANNED, ~task.is_banned(rows)),
        (Step.NOT_OFFERED, is_offered),
        (Step.TAKER_FULL, np.full(len(left), not full.takers[person])),
        (Step.NO_FREE_GIVER, ~full.givers[givers]),
    )
    stays = np.ones(len(left), dtype=bool)
    for step, passes in steps:
        stays &= passes
        if not stays.any():
            return step
    return Step.PAIR_TAKEN
