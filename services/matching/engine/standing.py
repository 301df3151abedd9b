"""What still stands of a frozen task at a later moment: it only ever loses, and gains nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from services.matching.engine.problem import Ban, Edge, EdgeKey, Instance, OpenPair, Person
from services.matching.engine.rules import Block, Book, edges_no_more, first_block


class Loss(StrEnum):
    """What took an allowed edge away after the input was frozen."""

    GIVER_GONE = "giver-gone"
    TAKER_GONE = "taker-gone"
    STRENGTH_GONE = "strength-gone"
    NEED_GONE = "need-gone"
    BANNED = "banned"
    PAIR_TAKEN = "pair-taken"
    NO_COMMON_TIME = "no-common-time"
    RULES = "rules"
    NO_ROOM = "no-room"


_OF_BLOCK = {
    Block.BANNED: Loss.BANNED,
    Block.PAIR_TAKEN: Loss.PAIR_TAKEN,
    Block.NO_COMMON_TIME: Loss.NO_COMMON_TIME,
}


@dataclass(frozen=True, slots=True)
class LostPair:
    """A pair of a result that stands no longer, and what took it away."""

    edge: EdgeKey
    loss: Loss


def lost_pairs(matches: Sequence[Edge], now: Instance) -> tuple[LostPair, ...]:
    """The pairs of a result that the task of now no longer allows, in the order of the result.

    Of more pairs than a person has room for now, all are named: which of them goes is not for us to say.
    """
    book, levels = Book.of(now), {row.key: row for row in now.strengths}
    needs, gone = {row.key: row for row in now.needs}, set(edges_no_more(now, (edge.key for edge in matches)))

    def loss(key: EdgeKey) -> Loss:
        giver, taker, competency = key
        if giver not in book.people or taker not in book.people:
            return Loss.GIVER_GONE if giver not in book.people else Loss.TAKER_GONE
        strength, need = levels.get((giver, competency)), needs.get((taker, competency))
        if strength is None or need is None:
            return Loss.STRENGTH_GONE if strength is None else Loss.NEED_GONE
        block = first_block(book, strength, need)
        return Loss.RULES if block is None else _OF_BLOCK.get(block, Loss.RULES)

    crowded = _crowded([edge for edge in matches if edge.key not in gone], book)
    return tuple(
        LostPair(edge.key, loss(edge.key) if edge.key in gone else Loss.NO_ROOM)
        for edge in matches
        if edge.key in gone or edge.key in crowded
    )


def _crowded(matches: Sequence[Edge], book: Book) -> set[EdgeKey]:
    """The pairs of people who have more of them than they can carry now."""
    gives, takes = Counter(edge.giver for edge in matches), Counter(edge.taker for edge in matches)
    return {
        edge.key
        for edge in matches
        if gives[edge.giver] > book.people[edge.giver].give_capacity
        or takes[edge.taker] > book.people[edge.taker].take_capacity
    }


def narrowed(frozen: Instance, now: Instance) -> Instance:
    """The frozen task without what is lost by now; what has come since is not in it.

    Pins that are lost are dropped; those that stand are kept.
    """
    people = {person.id: person for person in now.people}
    strengths, needs = {row.key: row for row in now.strengths}, {row.key: row for row in now.needs}
    known = {person.id for person in frozen.people}
    kept = replace(
        frozen,
        people=tuple(_less(person, people.get(person.id)) for person in frozen.people),
        strengths=tuple(strengths[row.key] for row in frozen.strengths if row.key in strengths),
        needs=tuple(replace(needs[row.key], priority1000=row.priority1000) for row in frozen.needs if row.key in needs),
        bans=(*frozen.bans, *(ban for ban in now.bans if known.issuperset(ban.key))),
        open_pairs=_joined(frozen.open_pairs, now.open_pairs),
    )
    lost = set(edges_no_more(replace(kept, pins=()), (pin.key for pin in frozen.pins)))
    return replace(kept, pins=tuple(pin for pin in frozen.pins if pin.key not in lost))


def _less(person: Person, now: Person | None) -> Person:
    if now is None:
        return replace(person, give_capacity=0, take_capacity=0, slots=0, least_give=0, least_take=0)
    return replace(
        person,
        give_capacity=min(person.give_capacity, now.give_capacity),
        take_capacity=min(person.take_capacity, now.take_capacity),
        slots=person.slots & now.slots,
        manager=now.manager,
    )


def _joined(some: Iterable[OpenPair], others: Iterable[OpenPair]) -> tuple[OpenPair, ...]:
    return tuple({pair.key: pair for pair in (*some, *others)}.values())


def without_pairs(instance: Instance, pairs: Iterable[tuple[str, str]]) -> Instance:
    """The task with these pairs banned as well; strangers to the task are passed over."""
    known = {person.id for person in instance.people}
    bans = {ban.key for ban in instance.bans} | {pair for pair in pairs if known.issuperset(pair)}
    return replace(instance, bans=tuple(Ban(*pair) for pair in sorted(bans)))
