"""Somebody's solution of a file, looked at without a line of the solver's code.

Limits and sums are counted anew from the file. The proof of the best is complementary slackness: with the
potentials of the certificate no unused step may cost less than nothing and no used step more. Potentials that do
not show it are not believed either way: the checker then looks for a better network itself.
"""

from dataclasses import dataclass

import numpy as np

from services.matching.engine.openfile.fields import numbers
from services.matching.engine.openfile.led import broken_group
from services.matching.engine.openfile.offered import offered_edges
from services.matching.engine.openfile.reading import OpenTask
from services.matching.engine.openfile.slackness import Steps, improvement, is_proved, potentials_in, steps_of
from services.matching.engine.openfile.verdicts import Checked, Verdict
from services.matching.engine.table import Integers


@dataclass(frozen=True, slots=True)
class Sums:
    """Dual roles, people reached, score, cost of loads, promised places left empty."""

    dual: int
    covered: int
    score: int
    load: int
    short: int


PROVABLE = ("dual-first", "score-only")


def check(task: OpenTask, document: dict[str, object]) -> Checked:
    """The first thing that is wrong with a solution, or how far it is right."""
    matches = _matches_in(document)
    if matches is None:
        return Checked(Verdict.WRONG_FORM, {"place": "matches"})
    edges = offered_edges(task)
    led = document.get("groups")
    broken = _broken_limit(task, edges, matches) or (
        _broken_capacity(task, matches) if led is None else broken_group(task, matches, led)
    )
    if broken is not None:
        return broken
    chosen = np.isin(task.keys(edges), task.keys(matches))
    sums = sums_of(task, edges[chosen])
    certificate = document.get("certificate")
    certificate = certificate if isinstance(certificate, dict) else {}
    wrong = _wrong_sum(sums, document.get("objective"), certificate)
    if wrong is not None:
        return wrong
    return _proof(task, edges, (chosen, sums), certificate)


def _matches_in(document: dict[str, object]) -> Integers | None:
    rows = document.get("matches")
    if not isinstance(rows, list) or any(not isinstance(row, list) or len(row) != 3 for row in rows):
        return None
    return numbers([one for row in rows for one in row], "matches", width=3).reshape(-1, 3)


def _broken_limit(task: OpenTask, edges: Integers, matches: Integers) -> Checked | None:
    """The first limit that a choice breaks."""
    if len(matches) and matches[:, :2].max() >= task.people:
        return Checked(Verdict.WRONG_FORM, {"place": "matches"})
    codes = np.isin(matches[:, 2], edges[:, 2])
    allowed = np.zeros(len(matches), dtype=bool)
    allowed[codes] = np.isin(task.keys(matches[codes]), task.keys(edges))
    if not allowed.all():
        return Checked(Verdict.NOT_ALLOWED, _row(matches[~allowed][0]))
    for verdict, keys in (
        (Verdict.NEED_TWICE, matches[:, 1] * task.codes + matches[:, 2]),
        (Verdict.PAIR_TWICE, matches[:, 0] * task.people + matches[:, 1]),
    ):
        again = np.setdiff1d(np.arange(len(keys)), np.unique(keys, return_index=True)[1])
        if len(again):
            return Checked(verdict, _row(matches[again[0]]))
    missing = ~np.isin(task.keys(task.pins), task.keys(matches))
    return Checked(Verdict.PIN_MISSING, _row(task.pins[missing][0])) if missing.any() else None


def _broken_capacity(task: OpenTask, matches: Integers) -> Checked | None:
    """The first person who carries too many pairs."""
    for side, role, most in ((0, "giver", task.give), (1, "taker", task.take)):
        counts = np.bincount(matches[:, side], minlength=task.people)
        if (counts > most).any():
            who = int(np.argmax(counts > most))
            facts: dict[str, str | int] = {
                "role": role,
                "person": who,
                "count": int(counts[who]),
                "limit": int(most[who]),
            }
            return Checked(Verdict.OVER_CAPACITY, facts)
    return None


def _row(row: Integers) -> dict[str, str | int]:
    return {"giver": int(row[0]), "taker": int(row[1]), "competency": int(row[2])}


def sums_of(task: OpenTask, chosen: Integers) -> Sums:
    """The sums of a choice, from the file alone."""
    gives, takes = (np.bincount(chosen[:, side], minlength=task.people) for side in (0, 1))
    short = np.maximum(task.least_give - gives, 0).sum() + np.maximum(task.least_take - takes, 0).sum()
    return Sums(
        dual=int(((gives > 0) & (takes > 0)).sum()),
        covered=int(((gives > 0) | (takes > 0)).sum()),
        score=int(chosen[:, 3].sum()),
        load=_load(task, gives) + _load(task, takes),
        short=int(short),
    )


def _load(task: OpenTask, counts: Integers) -> int:
    """What the second, third… pairings of people cost."""
    units = range(2, 1 + int(counts.max(initial=0))) if task.load else ()
    return sum(task.load[min(unit - 2, len(task.load) - 1)] * int((counts >= unit).sum()) for unit in units)


def _wrong_sum(sums: Sums, objective: object, certificate: dict[str, object]) -> Checked | None:
    claimed = dict(objective) if isinstance(objective, dict) else {}
    claimed |= {name: certificate[name] for name in ("load", "short") if name in certificate}
    for name in ("dual", "covered", "score", "load", "short"):
        if name in claimed and claimed[name] != getattr(sums, name):
            facts: dict[str, str | int] = {"name": name, "claimed": str(claimed[name]), "counted": getattr(sums, name)}
            return Checked(Verdict.WRONG_SUMS, facts)
    return None


def _proof(
    task: OpenTask,
    edges: Integers,
    choice: tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], Sums],
    certificate: dict[str, object],
) -> Checked:
    chosen, sums = choice
    facts: dict[str, str | int] = {"dual": sums.dual, "covered": sums.covered, "score": sums.score, "short": sums.short}
    variant = str(certificate.get("variant", PROVABLE[0]))
    if variant not in PROVABLE:
        return Checked(Verdict.UNPROVED, {**facts, "variant": variant})
    steps = steps_of(task, edges, chosen, with_roles=variant == PROVABLE[0])
    has_potentials = "potentials" in certificate
    if has_potentials and is_proved(steps.weighed_by(certificate), potentials_in(certificate, steps)):
        return Checked(Verdict.PROVED, facts)
    better = improvement(steps)
    if better is not None:
        return Checked(Verdict.SUBOPTIMAL, {**facts, **_gain(steps, better)})
    return Checked(Verdict.FORGED if has_potentials else Verdict.FOUND_BEST, facts)


def _gain(steps: Steps, better: Integers) -> dict[str, str | int]:
    """What the better network found would change."""
    short, roles, value = (-int(column[better].sum()) for column in (steps.quota, steps.role, steps.money))
    return {"filled": short, "roles": roles, "value": value}
