"""Builders of matching tasks, an oracle by enumeration, and a small reader of the open file format."""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

from services.matching.engine.offers import edges
from services.matching.engine.openfile.making import a_city
from services.matching.engine.problem import Ban, Edge, Instance, Need, Person, Strength

CITY_80 = Path(__file__).parent / "data" / "city-80.json.gz"


def a_person(id: str, *, give: int = 2, take: int = 2, slots: int = 0b1, manager: str | None = None) -> Person:
    return Person(id, "spb-693", give, take, slots, manager)


def a_task(
    people: Iterable[Person] = (),
    *,
    strengths: Iterable[tuple[str, str, int | None]] = (),
    needs: Iterable[tuple[str, str, int | None]] = (),
    bans: Iterable[tuple[str, str]] = (),
) -> Instance:
    """A task with needs of full priority."""
    return Instance(
        people=tuple(people),
        strengths=tuple(Strength(*row) for row in strengths),
        needs=tuple(Need(*row, priority1000=1000) for row in needs),
        bans=tuple(Ban(*row) for row in bans),
    )


def best_by_enumeration(instance: Instance, *, dual_first: bool) -> tuple[int, int, int]:
    """(first goal, second goal, score) of the best of all choices of edges."""
    return max(_worth(choice, dual_first=dual_first) for choice in _legal_choices(instance))


def _legal_choices(instance: Instance) -> Iterator[tuple[Edge, ...]]:
    allowed = edges(instance)
    for size in range(len(allowed) + 1):
        yield from (one for one in combinations(allowed, size) if is_legal(instance, one))


def is_legal(instance: Instance, choice: Sequence[Edge]) -> bool:
    """The limits as one would count them on paper, apart from the engine's own count."""
    keys = [(edge.giver, edge.taker, edge.competency) for edge in choice]
    needs, pairs = {key[1:] for key in keys}, {key[:2] for key in keys}
    if len(needs) < len(keys) or len(pairs) < len(keys):
        return False
    if any((pin.giver, pin.taker, pin.competency) not in keys for pin in instance.pins):
        return False
    return all(
        sum(edge.giver == person.id for edge in choice) <= person.give_capacity
        and sum(edge.taker == person.id for edge in choice) <= person.take_capacity
        for person in instance.people
    )


def _worth(choice: tuple[Edge, ...], *, dual_first: bool) -> tuple[int, int, int]:
    gives, takes = {edge.giver for edge in choice}, {edge.taker for edge in choice}
    dual, covered = len(gives & takes), len(gives | takes)
    score = sum(edge.score for edge in choice)
    return (dual, covered, score) if dual_first else (covered, dual, score)


def city(path: Path = CITY_80) -> Instance:
    """A generated city with its listed edges; people are named by position."""
    task = json.loads(gzip.decompress(path.read_bytes()))
    listed = task["edges"]
    columns = zip(listed["giver"], listed["taker"], listed["comp"], listed["score"], strict=True)
    return Instance(
        people=tuple(
            Person(_id(place), f"district-{task['district'][place]}", task["G"][place], task["T"][place], slots)
            for place, slots in enumerate(task["slots"])
        ),
        strengths=tuple(Strength(_id(person), f"c{code}", level) for person, code, level in task["strengths"]),
        needs=tuple(Need(_id(person), f"c{code}", level, prio) for person, code, level, prio in task["needs"]),
        bans=tuple(Ban(_id(giver), _id(taker)) for giver, taker in task["bans"]),
        max_gap10=task.get("max_gap10", 25),
        listed_edges=tuple(Edge(_id(giver), _id(taker), f"c{code}", score) for giver, taker, code, score in columns),
    )


def a_raw_city(people: int) -> Instance:
    """A made city whose edges follow from levels and times: quick to make and to hand over, long to solve."""
    task = a_city(people, seed=1)
    rows = zip(task.slots.tolist(), task.give.tolist(), task.take.tolist(), strict=True)
    return Instance(
        people=tuple(
            Person(_id(place), "spb-693", give, take, slots) for place, (slots, give, take) in enumerate(rows)
        ),
        strengths=tuple(Strength(_id(person), f"c{code}", level) for person, code, level in task.strengths.tolist()),
        needs=tuple(Need(_id(person), f"c{code}", level, prio) for person, code, level, prio in task.needs.tolist()),
        max_gap10=task.max_gap10,
    )


def _id(place: int) -> str:
    return f"p{place:05}"
