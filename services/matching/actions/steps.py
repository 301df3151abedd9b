"""The smallest changes that would help a person to a pair; pure, from a frozen task and its result."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from services.matching.actions.scene import Scene
from services.matching.domain import SLOTS
from services.matching.engine.problem import Instance, Need, Person, Strength
from services.matching.engine.rules import Book, first_block

_WHOLE_WEEK = (1 << len(SLOTS)) - 1
_Partners = Callable[[Scene, Book, Person], Iterator[str]]


class Step(StrEnum):
    """A change that helps, from the smallest on."""

    ADD_TIME = "add-time"
    TAKE_PLACE = "take-place"
    GIVE_PLACE = "give-place"
    ADD_NEED = "add-need"
    COLLEAGUES_PLACE = "colleagues-place"
    SAY_SOMETHING = "say-something"


@dataclass(frozen=True, slots=True)
class Change:
    """One step: a free time of the person, a place, a topic to ask for, or one more place of `giver`."""

    step: Step
    slot: int | None = None
    competency: str | None = None
    giver: str | None = None


def changes_for(scene: Scene, person: str) -> Iterator[Change]:
    """What would help this person, the smallest step first; a step is named only if a pair would be allowed then."""
    one = scene.book.people[person]
    yield from _with_time(scene, one, _partners)
    yield from _with_taking_place(scene, one)
    yield from _with_giving_place(scene, one)
    yield from _with_need(scene, one)
    yield from _with_colleagues_place(scene, one)
    if not scene.needs.get(person) and not scene.strengths.get(person):
        yield Change(Step.SAY_SOMETHING)


def own_changes_for(scene: Scene, person: str) -> Iterator[Change]:
    """What would help this person to learn: the person's own steps only.

    Nothing of the giving side is looked at: what depends on it would tell a giver of a proposal, or of its end,
    before the taker has said yes.
    """
    one = scene.book.people[person]
    yield from _with_time(scene, one, _who_could_teach)
    yield from _with_taking_place(scene, one)
    yield from _with_need(scene, one)


def _with_time(scene: Scene, person: Person, partners: _Partners) -> Iterator[Change]:
    """The one more free time that opens most pairs."""
    book, useful = scene.as_if(replace(person, slots=_WHOLE_WEEK)), Counter[int]()
    for other in partners(scene, book, person):
        times = scene.book.people[other].slots & _WHOLE_WEEK
        if not times & person.slots:
            useful.update(slot for slot in range(len(SLOTS)) if times >> slot & 1)
    if useful:
        yield Change(Step.ADD_TIME, slot=min(useful, key=lambda slot: (-useful[slot], slot)))


def _who_could_teach(scene: Scene, book: Book, person: Person) -> Iterator[str]:
    """Who could teach the person under this book, both having a free place."""
    if scene.can_take(person.id):
        for need in scene.needs.get(person.id, ()):
            if need.key in scene.rules:
                yield from _givers(scene, book, need)


def _partners(scene: Scene, book: Book, person: Person) -> Iterator[str]:
    """With whom the person could pair under this book, both having a free place."""
    yield from _who_could_teach(scene, book, person)
    if person.give_capacity:
        for strength in scene.strengths.get(person.id, ()):
            yield from _takers(scene, book, strength)


def _givers(scene: Scene, book: Book, need: Need) -> Iterator[str]:
    for strength in book.candidates(need):
        if scene.can_give(strength.person) and _is_open(scene, book, strength, need):
            yield strength.person


def _takers(scene: Scene, book: Book, strength: Strength) -> Iterator[str]:
    for need in scene.asked.get(strength.competency, ()):
        if need.person != strength.person and scene.can_take(need.person) and _is_open(scene, book, strength, need):
            yield need.person


def _is_open(scene: Scene, book: Book, strength: Strength, need: Need) -> bool:
    return (strength.person, need.person) not in scene.pairs and first_block(book, strength, need) is None


def _with_taking_place(scene: Scene, person: Person) -> Iterator[Change]:
    """A first place to learn, of a person who has none."""
    for need in scene.needs.get(person.id, ()) if not person.take_capacity else ():
        if any(_givers(scene, scene.book, need)):
            yield Change(Step.TAKE_PLACE, competency=need.competency)
            return


def _with_giving_place(scene: Scene, person: Person) -> Iterator[Change]:
    """A first place to share, of a person who has none."""
    for strength in scene.strengths.get(person.id, ()) if not person.give_capacity else ():
        if any(_takers(scene, scene.book, strength)):
            yield Change(Step.GIVE_PLACE, competency=strength.competency)
            return


def _with_need(scene: Scene, person: Person) -> Iterator[Change]:
    """One more topic to ask for: the one that most people with a free place and a common time share."""
    if not scene.can_take(person.id):
        return
    own = {need.competency for need in scene.needs.get(person.id, ())}
    own |= {strength.competency for strength in scene.strengths.get(person.id, ())}
    shared = {
        competency: sum(1 for _ in _givers(scene, scene.book, Need(person.id, competency, None, 1000)))
        for competency in sorted(scene.book.strong.keys() - own)
    }
    best = max(shared, key=lambda competency: shared[competency], default=None)
    if best is not None and shared[best]:
        yield Change(Step.ADD_NEED, competency=best)


def _with_colleagues_place(scene: Scene, person: Person) -> Iterator[Change]:
    """One more place of somebody who shares what the person needs, and is full."""
    if not person.take_capacity:
        return
    for need in sorted(scene.needs.get(person.id, ()), key=lambda row: (-row.priority1000, row.competency)):
        for strength in scene.book.candidates(need):
            if not scene.can_give(strength.person) and _is_open(scene, scene.book, strength, need):
                yield Change(Step.COLLEAGUES_PLACE, competency=need.competency, giver=strength.person)
                return


def after(instance: Instance, person: str, change: Change) -> Instance:
    """The task as it would be after the change."""
    if change.step is Step.ADD_NEED and change.competency:
        return replace(instance, needs=(*instance.needs, Need(person, change.competency, None, 1000)))
    return replace(instance, people=tuple(_changed(one, person, change) for one in instance.people))


def _changed(one: Person, person: str, change: Change) -> Person:
    if change.step is Step.COLLEAGUES_PLACE and one.id == change.giver:
        return replace(one, give_capacity=one.give_capacity + 1)
    if one.id != person:
        return one
    if change.step is Step.ADD_TIME and change.slot is not None:
        return replace(one, slots=one.slots | 1 << change.slot)
    if change.step is Step.TAKE_PLACE:
        return replace(one, take_capacity=one.take_capacity + 1)
    return replace(one, give_capacity=one.give_capacity + 1) if change.step is Step.GIVE_PLACE else one
