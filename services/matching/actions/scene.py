"""A frozen task with one of its results, opened for look-ups; pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TypeVar

from services.matching.engine.problem import Edge, EdgeKey, Instance, Need, PairKey, Person, Strength
from services.matching.engine.reasons import unmet_needs
from services.matching.engine.rules import Block, Book

_R = TypeVar("_R", Need, Strength)


@dataclass(frozen=True, slots=True)
class Scene:
    """A task with one of its results, opened for look-ups."""

    instance: Instance
    book: Book
    needs: Mapping[str, tuple[Need, ...]]
    strengths: Mapping[str, tuple[Strength, ...]]
    asked: Mapping[str, tuple[Need, ...]]
    rules: Mapping[PairKey, Block]
    gives: Counter[str]
    takes: Counter[str]
    pairs: frozenset[PairKey]

    @classmethod
    def of(cls, instance: Instance, matches: Sequence[EdgeKey]) -> "Scene":
        edges = [Edge(*key, score=1) for key in matches]
        unmet = {(one.person, one.competency): one.rule for one in unmet_needs(instance, edges)}
        return cls(
            instance=instance,
            book=Book.of(instance),
            needs=_grouped(instance.needs, attrgetter("person")),
            strengths=_grouped(instance.strengths, attrgetter("person")),
            asked=_grouped((need for need in instance.needs if need.key in unmet), attrgetter("competency")),
            rules=unmet,
            gives=Counter(key[0] for key in matches),
            takes=Counter(key[1] for key in matches),
            pairs=frozenset(key[:2] for key in matches),
        )

    def can_give(self, person: str) -> bool:
        """Has the person a free place as a giver?"""
        return self.gives[person] < self.book.people[person].give_capacity

    def can_take(self, person: str) -> bool:
        """Has the person a free place as a taker?"""
        return self.takes[person] < self.book.people[person].take_capacity

    def as_if(self, person: Person) -> Book:
        """The book in which this person is as given here."""
        return replace(self.book, people={**self.book.people, person.id: person})


def _grouped(rows: Iterable[_R], key: Callable[[_R], str]) -> Mapping[str, tuple[_R, ...]]:
    found: defaultdict[str, list[_R]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return {name: tuple(some) for name, some in found.items()}
