"""Who was left out of a result, why, and the smallest change that would help; pure, from a frozen task.

Nobody is left out for what they are: each reason names a time, a place, a wish or a topic, and each change is a step
that somebody can take.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.matching.actions.scene import Scene
from services.matching.actions.steps import Change, changes_for
from services.matching.engine.problem import Need, Person, Strength
from services.matching.engine.rules import Block, first_block

_ORDER = {block: place for place, block in enumerate(Block)}


class Why(StrEnum):
    """Why a person has no pair in a result; `NEED_UNMET` comes with the rule after which nobody was left."""

    NOTHING_SAID = "nothing-said"
    NO_TIMES = "no-times"
    NO_PLACES = "no-places"
    NEED_UNMET = "need-unmet"
    NOT_ASKED = "not-asked"
    NEEDS_SERVED = "needs-served"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A person without a pair: why, on which topic, and what would help, the smallest change first."""

    person: str
    why: Why
    competency: str | None
    rule: Block | None
    changes: tuple[Change, ...]


def left_out(scene: Scene) -> Iterator[str]:
    """Who has no pair, in the order of the ids."""
    before = {one for pair in scene.book.open_pairs for one in pair}
    for person in scene.instance.people:
        if not (scene.gives[person.id] or scene.takes[person.id] or person.id in before):
            yield person.id


def explained(scene: Scene, person: str) -> LeftOut:
    """Why this person has no pair, and what would help."""
    need = _nearest(scene, person)
    why = _why(scene, scene.book.people[person], need)
    is_of_need = why is Why.NEED_UNMET and need is not None
    return LeftOut(
        person=person,
        why=why,
        competency=need.competency if is_of_need and need else None,
        rule=scene.rules.get(need.key) if is_of_need and need else None,
        changes=tuple(changes_for(scene, person)),
    )


def _why(scene: Scene, person: Person, need: Need | None) -> Why:
    strengths = scene.strengths.get(person.id, ())
    if need is None and not strengths:
        return Why.NOTHING_SAID
    if not person.slots:
        return Why.NO_TIMES
    if not (need and person.take_capacity) and not (strengths and person.give_capacity):
        return Why.NO_PLACES
    if need is not None and person.take_capacity:
        return Why.NEED_UNMET
    is_sought = any(
        first_block(scene.book, strength, other) is None for strength in strengths for other in _wanted(scene, strength)
    )
    return Why.NEEDS_SERVED if is_sought else Why.NOT_ASKED


def _wanted(scene: Scene, strength: Strength) -> Iterator[Need]:
    """Everybody else's needs of what this person shares, served or not."""
    return (
        need
        for need in scene.instance.needs
        if need.competency == strength.competency and need.person != strength.person
    )


def _nearest(scene: Scene, person: str) -> Need | None:
    """The need that came furthest through the rules; of several the most urgent."""
    found = [need for need in scene.needs.get(person, ()) if need.key in scene.rules]
    return max(
        found, key=lambda need: (_ORDER[scene.rules[need.key]], need.priority1000, need.competency), default=None
    )


class OwnWhy(StrEnum):
    """Why an own need has no pair, as the person itself may know: nothing of bans, managers, levels or colleagues."""

    PROPOSED = "proposed"
    NO_TIMES = "no-times"
    NO_PLACES = "no-places"
    OWN_FULL = "own-full"
    NO_COMMON_TIME = "no-common-time"
    ALL_BUSY = "all-busy"
    NOT_YET = "not-yet"


# Everything else is said in the same words, so that nobody can tell a ban from a lack.
_SAID_OF_OWN = {
    Block.NO_COMMON_TIME: OwnWhy.NO_COMMON_TIME,
    Block.TAKER_FULL: OwnWhy.OWN_FULL,
    Block.NO_FREE_GIVER: OwnWhy.ALL_BUSY,
}


def own_needs(scene: Scene, person: str) -> Iterator[tuple[str, OwnWhy]]:
    """Each own need by its code, in order: proposed, or why not yet."""
    one = scene.book.people[person]
    for need in scene.needs.get(person, ()):
        rule = scene.rules.get(need.key)
        if rule is None:
            yield need.competency, OwnWhy.PROPOSED
        elif not one.take_capacity:
            yield need.competency, OwnWhy.NO_PLACES
        else:
            yield need.competency, _SAID_OF_OWN.get(rule, OwnWhy.NOT_YET) if one.slots else OwnWhy.NO_TIMES
