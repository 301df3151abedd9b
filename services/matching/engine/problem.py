"""The task: people with free times and capacity, what they are strong in, what they need.

Levels are `level10`, ten times the level of the competency scale. Ids are opaque strings. Everything is kept
in the order of the ids, so the order in which rows arrive never shows in a result.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Protocol, TypeVar

from chassis.refusals import Invalid

# Thousandths: gap × weight × wish may reach several units.
HIGHEST_PRIORITY = 10_000

PairKey = tuple[str, str]
EdgeKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Person:
    """A participant; `slots` is a bitmask of weekly free times, `manager` the line manager's id.

    `least_give` and `least_take` are how many pairings the person was promised in either role.
    """

    id: str
    school: str
    give_capacity: int
    take_capacity: int
    slots: int
    manager: str | None = None
    least_give: int = 0
    least_take: int = 0

    @property
    def key(self) -> tuple[str]:
        return (self.id,)


@dataclass(frozen=True, slots=True)
class Strength:
    """What a person can teach; no level means offered and verified, but not measured."""

    person: str
    competency: str
    level10: int | None

    @property
    def key(self) -> PairKey:
        return (self.person, self.competency)


@dataclass(frozen=True, slots=True)
class Need:
    """What a person wants to learn; no level means declared, but not measured. Priority is 0…10,000 thousandths."""

    person: str
    competency: str
    level10: int | None
    priority1000: int

    @property
    def key(self) -> PairKey:
        return (self.person, self.competency)


@dataclass(frozen=True, slots=True)
class Ban:
    """This giver must not teach this taker, whatever the competency."""

    giver: str
    taker: str

    @property
    def key(self) -> PairKey:
        return (self.giver, self.taker)


@dataclass(frozen=True, slots=True)
class PastPair:
    """These two met in these roles in an earlier cycle; a new acquaintance is worth slightly more."""

    giver: str
    taker: str

    @property
    def key(self) -> PairKey:
        return (self.giver, self.taker)


@dataclass(frozen=True, slots=True)
class OpenPair:
    """These two are proposed or work together in these roles already; an ordered pair meets once at a time."""

    giver: str
    taker: str

    @property
    def key(self) -> PairKey:
        return (self.giver, self.taker)


@dataclass(frozen=True, slots=True)
class Pin:
    """The person in charge wants exactly this pairing in the result."""

    giver: str
    taker: str
    competency: str

    @property
    def key(self) -> EdgeKey:
        return (self.giver, self.taker, self.competency)


@dataclass(frozen=True, slots=True)
class Edge:
    """An allowed pairing with its worth, an integer of at least one."""

    giver: str
    taker: str
    competency: str
    score: int

    @property
    def key(self) -> EdgeKey:
        return (self.giver, self.taker, self.competency)


class _Row(Protocol):
    @property
    def key(self) -> tuple[str, ...]: ...


_R = TypeVar("_R", bound=_Row)


@dataclass(frozen=True, slots=True)
class Instance:
    """One task, complete in itself; raises `Invalid` when its rows contradict each other.

    `max_gap10` makes the upper limit of the level difference hard; without it the fit only falls.
    `listed_edges`, when given, is the full list of allowed edges with their scores and replaces the rules.
    `load_costs` is what the second, third… pairing of a person in one role costs, in units of the score: never
    falling, and the last figure goes on.
    """

    people: tuple[Person, ...]
    strengths: tuple[Strength, ...] = ()
    needs: tuple[Need, ...] = ()
    bans: tuple[Ban, ...] = ()
    pins: tuple[Pin, ...] = ()
    past_pairs: tuple[PastPair, ...] = ()
    open_pairs: tuple[OpenPair, ...] = ()
    max_gap10: int | None = None
    listed_edges: tuple[Edge, ...] | None = None
    load_costs: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for field in ("people", "strengths", "needs", "bans", "pins", "past_pairs", "open_pairs", "listed_edges"):
            rows = getattr(self, field)
            if rows is not None:
                object.__setattr__(self, field, _in_order(rows, field=field))
        _refuse_strangers(self)
        _refuse_out_of_range(self)

    def canonical(self) -> str:
        """The task as JSON text, the same text in whatever order its rows came; `thaw` reads it."""
        return json.dumps(_plain(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    def fingerprint(self) -> str:
        """SHA-256 of the canonical text."""
        return sha256(self.canonical().encode()).hexdigest()


def _plain(value: object) -> object:
    """Dataclasses as mappings, all the way down; several times quicker than `asdict`, which copies every number."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    names = getattr(value, "__slots__", None)
    return value if names is None else {name: _plain(getattr(value, name)) for name in names}


def thaw(canonical: str) -> Instance:
    """The task behind its canonical text."""
    task = json.loads(canonical)
    listed = task["listed_edges"]
    return Instance(
        people=tuple(Person(**row) for row in task["people"]),
        strengths=tuple(Strength(**row) for row in task["strengths"]),
        needs=tuple(Need(**row) for row in task["needs"]),
        bans=tuple(Ban(**row) for row in task["bans"]),
        pins=tuple(Pin(**row) for row in task["pins"]),
        past_pairs=tuple(PastPair(**row) for row in task["past_pairs"]),
        open_pairs=tuple(OpenPair(**row) for row in task["open_pairs"]),
        max_gap10=task["max_gap10"],
        listed_edges=None if listed is None else tuple(Edge(**row) for row in listed),
        load_costs=tuple(task.get("load_costs", ())),
    )


def _in_order(rows: Iterable[_R], *, field: str) -> tuple[_R, ...]:
    kept = tuple(sorted(set(rows), key=lambda row: row.key))
    for one, other in pairwise(kept):
        if one.key == other.key:
            raise Invalid("matching.instance-repeats", field=field, key=list(one.key))
    return kept


def _refuse_strangers(instance: Instance) -> None:
    known = {person.id for person in instance.people}
    named = {
        "strengths": {row.person for row in instance.strengths},
        "needs": {row.person for row in instance.needs},
        "bans": {person for row in instance.bans for person in row.key},
        "pins": {person for row in instance.pins for person in row.key[:2]},
        "listed_edges": {person for row in instance.listed_edges or () for person in row.key[:2]},
    }
    for field, people in named.items():
        if strangers := sorted(people - known):
            raise Invalid("matching.unknown-person", field=field, people=strangers)


def _refuse_out_of_range(instance: Instance) -> None:
    for person in instance.people:
        if min(person.give_capacity, person.take_capacity, person.slots, person.least_give, person.least_take) < 0:
            raise Invalid("matching.out-of-range", field="people", person=person.id)
    for need in instance.needs:
        if not 0 <= need.priority1000 <= HIGHEST_PRIORITY:
            raise Invalid("matching.out-of-range", field="needs", person=need.person)
    for edge in instance.listed_edges or ():
        if edge.score < 1 or edge.giver == edge.taker:
            raise Invalid("matching.out-of-range", field="listed_edges", person=edge.giver)
    if any(later < earlier for earlier, later in pairwise((0, *instance.load_costs))):
        # A load that grew cheaper would pay for heaping pairings on one person, and would be no flow any more.
        raise Invalid("matching.out-of-range", field="load_costs", person="")
