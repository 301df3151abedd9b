"""How far a long job is, in words: the same on the page as it was loaded and in the events that follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Say = Callable[..., str]
Tell = Callable[[Mapping[str, Any], Say], "Telling"]

_SOLVING = frozenset({"DRAFT", "SOLVING"})
_PHASES = frozenset({"waiting", "building", "build", "solve", "prove", "settle", "reach", "relax", "branch", "done"})
_ENDS = frozenset({"dual-first", "coverage-first"})
_OPEN_ORDERS = frozenset({"ORDERED", "COLLECTING", "COMPUTING"})


@dataclass(frozen=True, slots=True)
class Telling:
    """Where a job stands: its share of 1 where it is known, the step in words, and whether anything more will come.

    The words change at milestones only, so that whoever listens is not told each tick.
    """

    words: str
    share: float | None
    is_over: bool


def of_run(run: Mapping[str, Any], say: Say) -> Telling:
    """A run of the matching: over when a person has to look at it, or when it has found the next best."""
    if run["state"] in _SOLVING:
        share = float(run["progress"]["share"])
        return Telling(_step(str(run["progress"]["step"]), say), round(share, 2), is_over=False)
    if run["is_searching"]:
        return Telling(say("progress.searching"), None, is_over=False)
    return Telling(say(f"progress.run.{run['state']}"), 1.0, is_over=True)


def of_district_run(run: Mapping[str, Any], say: Say) -> Telling:
    """A run across the schools of a district: it never looks for the next best by itself."""
    return of_run({**run, "is_searching": False}, say)


def of_import(found: Mapping[str, Any], say: Say) -> Telling:
    """A staff import: over unless it is being applied, be it that it was applied, cancelled or failed."""
    if found["state"] != "APPLYING":
        return Telling(say(f"progress.import.{found['state']}"), 1.0, is_over=True)
    progress = found["progress"]
    share = round(float(progress["share"]), 2) if progress["step"] == "writing" else None
    return Telling(say(f"progress.import.{progress['step']}"), share, is_over=False)


def of_publication(found: Mapping[str, Any], say: Say) -> Telling:
    """A publication of the city's totals: over when it stands or has failed."""
    state = str(found["state"])
    is_over = state != "COMPUTING"
    return Telling(say(f"progress.publication.{state}"), 1.0 if is_over else None, is_over=is_over)


def of_psychometrics(found: Mapping[str, Any], say: Say) -> Telling:
    """An order of figures on the instruments: schools are read in its first half, figures computed in the second."""
    state = str(found["state"])
    words = say(f"progress.psychometrics.{state}")
    if state not in _OPEN_ORDERS:
        return Telling(words, 1.0, is_over=True)
    read, made = _part(found["schools_done"], found["schools"]), _part(found["parts_done"], found["parts"])
    share = {"COLLECTING": read / 2, "COMPUTING": 0.5 + made / 2}.get(state)
    return Telling(words, None if share is None else round(share, 2), is_over=False)


def _part(done: int, of: int) -> float:
    return min(done / of, 1.0) if of else 0.0


def _step(step: str, say: Say) -> str:
    end, _, phase = step.rpartition(":")
    words = say(f"progress.step.{phase if phase in _PHASES else 'solve'}")
    return f"{say(f'progress.end.{end}')}: {words}" if end in _ENDS else words
