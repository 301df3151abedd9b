"""A file of the open format as columns; people are named by their position, as in the file."""

import gzip
import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chassis.refusals import Invalid, Missing
from services.matching.engine.openfile.fields import Fields, first_repeat, first_wrong, numbers
from services.matching.engine.problem import HIGHEST_PRIORITY
from services.matching.engine.table import Integers, Truths, whole

DEFAULT_MAX_GAP10 = 25
MOST_PEOPLE = 1_000_000
_HIGHEST_LEVEL10 = 1000


@dataclass(frozen=True, slots=True)
class OpenTask:
    """What a file says. Rows are as in the file: strengths (person, competency, level), needs (…, priority)."""

    ids: tuple[str, ...]
    district: Integers
    online: Integers
    slots: Integers
    give: Integers
    take: Integers
    least_give: Integers
    least_take: Integers
    strengths: Integers
    needs: Integers
    bans: Integers
    pins: Integers
    listed: Integers | None
    max_gap10: int
    load: tuple[int, ...]
    seed: int

    @property
    def people(self) -> int:
        return len(self.ids)

    def keys(self, rows: Integers) -> Integers:
        """One number for each (giver, taker, competency)."""
        return (rows[:, 0] * max(1, self.people) + rows[:, 1]) * self.codes + rows[:, 2]

    @property
    def codes(self) -> int:
        """More than every competency's number."""
        listed = 0 if self.listed is None else int(self.listed[:, 2].max(initial=0))
        found = (
            rows[:, column].max(initial=0) for rows, column in ((self.strengths, 1), (self.needs, 1), (self.pins, 2))
        )
        return 1 + max(listed, *(int(one) for one in found))

    def is_banned(self, rows: Integers) -> Truths:
        """Which of these (giver, taker, …) are banned pairs."""
        banned = self.bans[:, 0] * max(1, self.people) + self.bans[:, 1]
        found: Truths = np.isin(rows[:, 0] * max(1, self.people) + rows[:, 1], banned)
        return found


def document_at(path: Path) -> dict[str, object]:
    """The JSON object in a file, packed or not; raises `Missing` and `Invalid` with the place in the text."""
    try:
        raw = path.read_bytes()
        text = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        found = json.loads(text)
    except FileNotFoundError:
        raise Missing("match.no-file", path=str(path)) from None
    except json.JSONDecodeError as wrong:
        raise Invalid("match.not-json", path=str(path), line=wrong.lineno, column=wrong.colno) from None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, RecursionError) as wrong:
        raise Invalid("match.unreadable", path=str(path), reason=type(wrong).__name__) from None
    if not isinstance(found, dict):
        raise Invalid("match.no-object", path=str(path))
    return found


def task_from(document: dict[str, object]) -> OpenTask:
    """The task in a document; `Invalid` names the first place that is wrong and slug and facts say how to mend it."""
    fields = Fields(document)
    size = fields.number("n")
    if size > MOST_PEOPLE:
        raise Invalid("match.no-number", place="n")
    task = OpenTask(
        ids=_ids(document, size),
        district=fields.column("district", size, default=0),
        online=fields.column("online", size, default=0),
        slots=fields.column("slots", size),
        give=fields.column("G", size),
        take=fields.column("T", size),
        least_give=fields.column("min_give", size, default=0),
        least_take=fields.column("min_take", size, default=0),
        strengths=fields.rows("strengths", 3),
        needs=fields.rows("needs", 4),
        bans=fields.rows("bans", 2),
        pins=fields.rows("pins", 3),
        listed=_listed(document),
        max_gap10=fields.number("max_gap10", default=DEFAULT_MAX_GAP10),
        load=tuple(numbers(_list_of(document, "load_costs"), "load_costs").tolist()),
        seed=fields.number("seed", default=0),
    )
    _refuse_nonsense(task)
    return task


def _list_of(document: dict[str, object], name: str) -> list[object]:
    value = document.get(name, [])
    if not isinstance(value, list):
        raise Invalid("match.no-list", place=name)
    return value


def _ids(document: dict[str, object], size: int) -> tuple[str, ...]:
    given = document.get("ids")
    if given is None:
        return tuple(str(place) for place in range(size))
    if not isinstance(given, list) or len(given) != size:
        raise Invalid(
            "match.wrong-length", place="ids", length=len(given) if isinstance(given, list) else 0, expected=size
        )
    names = tuple(str(one) for one in given)
    order = {name: place for place, name in enumerate(sorted(set(names)))}
    if place := first_repeat(whole([order[name] for name in names]), "ids"):
        raise Invalid("match.repeated", place=place)
    return names


def _listed(document: dict[str, object]) -> Integers | None:
    """The edges of a file as rows (giver, taker, competency, score), or nothing if the rules decide."""
    edges = document.get("edges")
    if edges is None:
        return None
    if not isinstance(edges, dict):
        raise Invalid("match.no-object", path="edges")
    columns = []
    for name in ("giver", "taker", "comp", "score"):
        if not isinstance(edges.get(name), list):
            raise Invalid("match.no-list", place=f"edges.{name}")
        columns.append(numbers(edges[name], f"edges.{name}"))
        if len(columns[-1]) != len(columns[0]):
            length, expected = len(columns[-1]), len(columns[0])
            raise Invalid("match.wrong-length", place=f"edges.{name}", length=length, expected=expected)
    return np.column_stack(columns) if columns else whole([]).reshape(0, 4)


def _refuse_nonsense(task: OpenTask) -> None:
    """Refuse rows that name nobody, levels and priorities out of range, and rows that stand there twice."""
    people, strengths, needs = task.people, task.strengths, task.needs
    strangers = (
        *((name, rows, 0) for name, rows in (("strengths", strengths), ("needs", needs))),
        *((name, rows, at) for name, rows in (("bans", task.bans), ("pins", task.pins)) for at in (0, 1)),
    )
    for name, rows, at in strangers:
        if place := first_wrong(rows[:, at] >= people, name, at=at):
            raise Invalid("match.unknown-person", place=place, people=people)
    out_of_range = (
        first_wrong(strengths[:, 2] > _HIGHEST_LEVEL10, "strengths", at=2),
        first_wrong(needs[:, 2] > _HIGHEST_LEVEL10, "needs", at=2),
        first_wrong(needs[:, 3] > HIGHEST_PRIORITY, "needs", at=3),
    )
    for place in filter(None, out_of_range):
        raise Invalid("match.out-of-range", place=place)
    for name, rows in (("strengths", strengths), ("needs", needs)):
        if place := first_repeat(rows[:, 0] * task.codes + rows[:, 1], name):
            raise Invalid("match.repeated", place=place)
    if place := first_wrong(np.diff(whole([0, *task.load])) < 0, "load_costs"):
        raise Invalid("match.falling-load", place=place)
    if task.listed is not None:
        _refuse_nonsense_edges(task, task.listed)


def _refuse_nonsense_edges(task: OpenTask, listed: Integers) -> None:
    for at, name in ((0, "edges.giver"), (1, "edges.taker")):
        if place := first_wrong(listed[:, at] >= task.people, name):
            raise Invalid("match.unknown-person", place=place, people=task.people)
    if place := first_wrong(listed[:, 0] == listed[:, 1], "edges.taker"):
        raise Invalid("match.self-edge", place=place)
    if place := first_wrong(listed[:, 3] < 1, "edges.score"):
        raise Invalid("match.out-of-range", place=place)
    if place := first_repeat(task.keys(listed), "edges.giver"):
        raise Invalid("match.repeated", place=place)
