"""Who rates whom: colleagues for the ratings of a campaign, observers for the lessons."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from uuid import UUID

from chassis.refusals import Invalid


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person of a school with the subjects taught, the main one first."""

    person_id: UUID
    subjects: tuple[str, ...] = ()

    def shares_subject_with(self, other: "Colleague") -> bool:
        """Do both teach the same subject?"""
        return not set(self.subjects).isdisjoint(other.subjects)


def assign_raters(people: Iterable[Colleague], seed: int, *, per_person: int = 3) -> dict[UUID, tuple[UUID, ...]]:
    """The raters of each person: exactly `min(per_person, n − 1)`, nobody oneself, same subject first.

    Everyone rates as many as rate oneself, so the load is equal. The seed alone decides: the same people and
    seed give the same raters in whatever order the people come. Refused as `raters.person-twice` or
    `raters.too-few`.
    """
    if per_person < 1:
        raise Invalid("raters.too-few", field="per_person")
    everyone = _in_order(people, seed)
    count = min(per_person, len(everyone) - 1)
    ratings = {
        person.person_id: {circle[(place + step) % len(circle)].person_id for step in range(1, count + 1)}
        for circle in _circles(everyone, count)
        for place, person in enumerate(circle)
    }
    _bring_together(everyone, ratings)
    return {person_id: tuple(sorted(raters)) for person_id, raters in sorted(ratings.items())}


def assign_observers(people: Iterable[Colleague], observers: Iterable[UUID], seed: int) -> dict[UUID, UUID]:
    """One observer for each person, loads within one of each other, nobody oneself.

    Whoever cannot be observed stands in no pair: the only observer of a school. Refused as `observers.nobody`
    or `raters.person-twice`.
    """
    draw = _draw(seed)
    watching = sorted(set(observers), key=draw)
    if not watching:
        raise Invalid("observers.nobody", field="observers")
    assessed = sorted((person.person_id for person in _each_once(people)), key=draw)
    both = [person_id for person_id in watching if person_id in set(assessed)]
    ring = both if len(both) > 1 else [*both, *(each for each in watching if each not in both)]
    pairs = {
        person_id: ring[(place + 1) % len(ring)]
        for place, person_id in enumerate(ring)
        if person_id in both and len(ring) > 1
    }
    load = Counter(pairs.values())
    for person_id in assessed:
        if person_id not in both:
            pairs[person_id] = min(watching, key=lambda each: (load[each], watching.index(each)))
            load[pairs[person_id]] += 1
    return pairs


def _draw(seed: int) -> Callable[[UUID], bytes]:
    return lambda person_id: sha256(f"{seed}:{person_id}".encode()).digest()


def _each_once(people: Iterable[Colleague]) -> list[Colleague]:
    everyone = list(people)
    if len({person.person_id for person in everyone}) < len(everyone):
        raise Invalid("raters.person-twice", field="people")
    return everyone


def _in_order(people: Iterable[Colleague], seed: int) -> list[Colleague]:
    """People of one main subject stand together, drawn by lot inside it."""
    draw = _draw(seed)
    return sorted(_each_once(people), key=lambda person: (person.subjects[:1], draw(person.person_id)))


def _circles(everyone: Sequence[Colleague], count: int) -> list[list[Colleague]]:
    """Rounds in which each is rated by the next `count`: one for each large enough subject, one for the rest.

    A rest too small for a round of its own joins the smallest other round.
    """
    subjects = groupby(everyone, key=lambda person: person.subjects[:1])
    groups = [(subject, list(members)) for subject, members in subjects]
    large = [members for subject, members in groups if subject and len(members) > count]
    rest = [person for person in everyone if not any(person in members for members in large)]
    if not rest or len(rest) > count or not large:
        return [*large, rest]
    smallest = min(large, key=len)
    return [[*members, *rest] if members is smallest else members for members in large]


def _bring_together(circle: Sequence[Colleague], ratings: dict[UUID, set[UUID]]) -> None:
    """Exchange raters as long as that puts colleagues of one subject together; nobody's load changes."""
    near = {each.person_id: [other.person_id for other in circle if _is_near(each, other)] for each in circle}
    rated: dict[UUID, set[UUID]] = {each.person_id: set() for each in circle}
    for person_id, raters in ratings.items():
        for rater_id in raters:
            rated[rater_id].add(person_id)
    for person_id, rater_id in ((each, other) for each, others in near.items() for other in others):
        exchange = _exchange(person_id, rater_id, ratings=ratings, rated=rated, near=near)
        if exchange is not None:
            stranger, other = exchange
            _move(rater_id, other, to=person_id, ratings=ratings, rated=rated)
            _move(stranger, person_id, to=other, ratings=ratings, rated=rated)


def _move(
    rater_id: UUID, left: UUID, *, to: UUID, ratings: dict[UUID, set[UUID]], rated: dict[UUID, set[UUID]]
) -> None:
    ratings[left].remove(rater_id)
    rated[rater_id].remove(left)
    ratings[to].add(rater_id)
    rated[rater_id].add(to)


def _is_near(person: Colleague, other: Colleague) -> bool:
    return person is not other and person.shares_subject_with(other)


def _exchange(
    person_id: UUID,
    rater_id: UUID,
    *,
    ratings: dict[UUID, set[UUID]],
    rated: dict[UUID, set[UUID]],
    near: dict[UUID, list[UUID]],
) -> tuple[UUID, UUID] | None:
    """A stranger who rates the person and someone strange whom the rater rates, who may change places."""
    if rater_id in ratings[person_id]:
        return None
    strangers = sorted(ratings[person_id].difference(near[person_id]))
    others = sorted(rated[rater_id].difference(near[rater_id]))
    pairs = ((stranger, other) for stranger in strangers for other in others)
    return next(((s, o) for s, o in pairs if s != o and s not in ratings[o]), None)
