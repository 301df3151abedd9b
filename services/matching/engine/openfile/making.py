"""Invented instances that look like a city: popular and rare competencies, strong and weak people, few free times.

Everything is drawn from the seed, so the same number of people and seed make the same file everywhere.
"""

from dataclasses import dataclass, replace

import numpy as np

from services.matching.engine.openfile.offered import offered_edges
from services.matching.engine.openfile.reading import DEFAULT_MAX_GAP10, OpenTask
from services.matching.engine.table import Integers, whole

COMPETENCIES = 57
ASSESSED = 18
PEOPLE_PER_DISTRICT = 2_000
TIMES = 10
_STRONG10, _WEAK10 = 37, 24


@dataclass(frozen=True, slots=True)
class _People:
    """What everybody has drawn: levels of the assessed competencies, one row per person and competency."""

    person: Integers
    competency: Integers
    level10: Integers


def a_city(people: int, *, seed: int) -> OpenTask:
    """A made task; its edges are listed, as in the published examples."""
    dice = np.random.default_rng(seed)
    districts = max(1, round(people / PEOPLE_PER_DISTRICT))
    rows = _levels(dice, people)
    strong = (rows.level10 >= _STRONG10) & (dice.random(len(rows.person)) < 0.7)
    weak = (rows.level10 <= _WEAK10) & (dice.random(len(rows.person)) < 0.65)
    priority = dice.integers(300, 1001, len(rows.person))
    task = OpenTask(
        ids=tuple(str(place) for place in range(people)),
        district=dice.integers(0, districts, people),
        online=(dice.random(people) < 0.12).astype(np.int64),
        slots=_times(dice, people),
        give=dice.choice(whole([1, 2, 3]), people, p=[0.1, 0.8, 0.1]),
        take=dice.choice(whole([1, 2]), people, p=[0.09, 0.91]),
        least_give=np.zeros(people, dtype=np.int64),
        least_take=np.zeros(people, dtype=np.int64),
        strengths=np.column_stack((rows.person, rows.competency, rows.level10))[strong],
        needs=np.column_stack((rows.person, rows.competency, rows.level10, priority))[weak],
        bans=_bans(dice, people),
        pins=whole([]).reshape(0, 3),
        listed=None,
        max_gap10=DEFAULT_MAX_GAP10,
        load=(),
        seed=seed,
    )
    return replace(task, listed=offered_edges(task))


def _levels(dice: np.random.Generator, people: int) -> _People:
    """Eighteen competencies each, the popular ones more often; levels from ability, difficulty and chance."""
    popular = dice.lognormal(0.0, 0.45, COMPETENCIES)
    difficult = dice.normal(0.0, 9.0, COMPETENCIES)
    able = dice.normal(0.0, 5.0, people)
    drawn = np.log(popular) + dice.gumbel(size=(people, COMPETENCIES))
    assessed = np.sort(np.argpartition(-drawn, ASSESSED, axis=1)[:, :ASSESSED], axis=1)
    level = 30.5 + able[:, None] + difficult[assessed] + dice.normal(0.0, 5.0, (people, ASSESSED))
    level10 = np.clip(np.rint(level), 10, 50).astype(np.int64)
    return _People(np.repeat(np.arange(people), ASSESSED), assessed.ravel(), level10.ravel())


def _times(dice: np.random.Generator, people: int) -> Integers:
    """Ten times of the week, some of them liked by most; everybody has about three of them free."""
    liked = dice.uniform(0.05, 0.55, TIMES)
    free = dice.random((people, TIMES)) < liked
    masks: Integers = (free << np.arange(TIMES)).sum(axis=1).astype(np.int64)
    return masks


def _bans(dice: np.random.Generator, people: int) -> Integers:
    """A ban for every third person or so."""
    pairs = dice.integers(0, max(1, people), (people // 3, 2))
    kept: Integers = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    return kept.reshape(-1, 2)


def document_of_task(task: OpenTask) -> dict[str, object]:
    """A task as a document of the open format."""
    found: dict[str, object] = {
        "n": task.people,
        "seed": task.seed,
        "max_gap10": task.max_gap10,
        "district": task.district.tolist(),
        "online": task.online.tolist(),
        "slots": task.slots.tolist(),
        "G": task.give.tolist(),
        "T": task.take.tolist(),
        "min_give": task.least_give.tolist(),
        "min_take": task.least_take.tolist(),
        "strengths": task.strengths.tolist(),
        "needs": task.needs.tolist(),
        "bans": task.bans.tolist(),
        "pins": task.pins.tolist(),
    }
    if task.load:
        found["load_costs"] = list(task.load)
    if task.listed is not None:
        names = ("giver", "taker", "comp", "score")
        found["edges"] = {name: task.listed[:, place].tolist() for place, name in enumerate(names)}
    return found
