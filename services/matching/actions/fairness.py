"""Fairness of a result (C26): what a curator may ask for, and what came of it, counted; pure.

Loads are made dearer inside the score, where they still are a flow; balance over the cycles is a promise of places,
which comes before everything else. Both are part of the frozen input and of its hash.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from services.matching.engine.problem import Edge, Instance, PairKey, Person

HUB_SHARE = 10


@dataclass(frozen=True, slots=True)
class Fairness:
    """What a run is asked for beside its goals.

    `load_costs` is what the second, third… pairing of a person in one role costs, in units of the score, never
    falling; the last goes on. `is_balanced` promises a place to learn to those who have only given in earlier
    cycles, and a place to share to those who have only taken.
    """

    load_costs: tuple[int, ...] = ()
    is_balanced: bool = False

    def as_json(self) -> dict[str, object]:
        """The wish as it is stored; nothing where nothing is asked for."""
        costs = {"load_costs": list(self.load_costs)} if self.load_costs else {}
        return {**costs, **({"is_balanced": True} if self.is_balanced else {})}


def fair(instance: Instance, wish: Fairness) -> Instance:
    """The task with what is asked for; `Invalid` (`matching.out-of-range`) for load costs that fall."""
    people = tuple(_promised(instance)) if wish.is_balanced else instance.people
    return replace(instance, people=people, load_costs=wish.load_costs)


def plain(instance: Instance) -> Instance:
    """The task without load costs and promises."""
    people = tuple(replace(person, least_give=0, least_take=0) for person in instance.people)
    return replace(instance, people=people, load_costs=())


def _promised(instance: Instance) -> Iterator[Person]:
    gave, took = _sides([pair.key for pair in instance.past_pairs])
    strong, needy = {row.person for row in instance.strengths}, {row.person for row in instance.needs}
    for person in instance.people:
        only_gave, only_took = person.id in gave - took, person.id in took - gave
        yield replace(
            person,
            least_take=int(only_gave and person.id in needy and person.take_capacity > 0),
            least_give=int(only_took and person.id in strong and person.give_capacity > 0),
        )


def _sides(pairs: Collection[PairKey]) -> tuple[set[str], set[str]]:
    return {giver for giver, _ in pairs}, {taker for _, taker in pairs}


@dataclass(frozen=True, slots=True)
class Measure:
    """One count of a whole; what it means stands in the texts under `fairness.<key>`."""

    key: str
    count: int
    of: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The counts of a result, and how many people carry 1, 2, … pairings in each role."""

    measures: tuple[Measure, ...]
    gives: Mapping[int, int]
    takes: Mapping[int, int]


def measured(instance: Instance, matches: Sequence[Edge]) -> Measured:
    """Count how evenly a result treats people."""
    pairs = [edge.key[:2] for edge in matches]
    gives, takes = Counter(giver for giver, _ in pairs), Counter(taker for _, taker in pairs)
    reached = gives.keys() | takes.keys()
    before = {one for pair in instance.open_pairs for one in pair.key}
    alone = sum(person.id not in reached and person.id not in before for person in instance.people)
    islands = _islands(pairs)
    everybody = len(instance.people)
    counts = [
        Measure("reached", len(reached), everybody),
        Measure("both-roles", len(gives.keys() & takes.keys()), everybody),
        Measure("alone", alone, everybody),
        Measure("islands", len(islands), len(reached)),
        Measure("largest-island", max(map(len, islands), default=0), len(reached)),
        Measure("hub", sum(sorted(gives.values(), reverse=True)[: ceil(len(gives) / HUB_SHARE)]), len(pairs)),
        Measure("most-given", max(gives.values(), default=0), len(pairs)),
        Measure("most-taken", max(takes.values(), default=0), len(pairs)),
        *_over_the_cycles(instance, pairs),
    ]
    return Measured(tuple(counts), _spread(gives), _spread(takes))


def _over_the_cycles(instance: Instance, pairs: Sequence[PairKey]) -> Iterator[Measure]:
    past = {pair.key for pair in instance.past_pairs}
    gave, took = _sides([*past, *pairs])
    here = {person.id for person in instance.people}
    yield Measure("only-gave", len((gave - took) & here), len(here))
    yield Measure("only-took", len((took - gave) & here), len(here))
    yield Measure("gave-and-took", len(gave & took & here), len(here))
    yield Measure("repeats", sum(pair in past for pair in pairs), len(pairs))


def _spread(loads: Counter[str]) -> Mapping[int, int]:
    return dict(sorted(Counter(loads.values()).items()))


def _islands(pairs: Sequence[PairKey]) -> list[set[str]]:
    """Groups of people who are joined by pairs, directly or through others."""
    beside: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        beside[one].add(other)
        beside[other].add(one)
    found: list[set[str]] = []
    left = set(beside)
    while left:
        island, front = set[str](), {left.pop()}
        while front:
            island |= front
            front = {other for one in front for other in beside[one]} - island
        left -= island
        found.append(island)
    return found
