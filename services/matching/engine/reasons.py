"""Why a need stays unmet and what speaks for a pair: slugs, codes and counts, never a level."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from services.matching.engine.problem import Edge, Instance, Need
from services.matching.engine.rules import Block, Book, common_slots, edges, first_block

_STEPS = tuple(Block)


@dataclass(frozen=True, slots=True)
class UnmetNeed:
    """A need that nobody serves, with the first rule after which nobody was left."""

    person: str
    competency: str
    rule: Block


@dataclass(frozen=True, slots=True)
class PairFacts:
    """What may be said of a pair to its two people: the topic, how often and when they could meet."""

    competency: str
    common_slots: int
    first_slot: int | None


def unmet_needs(instance: Instance, matches: Sequence[Edge]) -> tuple[UnmetNeed, ...]:
    """Each unmet need in the order of (person, competency), with its reason."""
    book, served = Book.of(instance), {edge.key[1:] for edge in matches}
    offers: defaultdict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in edges(instance):
        offers[edge.key[1:]].append(edge)
    situation = _Situation.of(instance, matches)
    return tuple(
        UnmetNeed(need.person, need.competency, _rule(book, need, offers[need.key], situation))
        for need in instance.needs
        if need.key not in served
    )


def pair_facts(instance: Instance, match: Edge) -> PairFacts:
    """The facts behind one pair's sentence; `first_slot` is the lowest bit that both have free."""
    return _facts(Book.of(instance), match)


def network_facts(instance: Instance, matches: Sequence[Edge]) -> tuple[PairFacts, ...]:
    """The facts behind the sentences of a whole network, in its order."""
    book = Book.of(instance)
    return tuple(_facts(book, match) for match in matches)


def _facts(book: Book, match: Edge) -> PairFacts:
    shared = common_slots(book, match.giver, match.taker)
    first = (shared & -shared).bit_length() - 1 if shared else None
    return PairFacts(match.competency, shared.bit_count(), first)


@dataclass(frozen=True, slots=True)
class _Situation:
    """Who is full and who already meets whom under a result."""

    full_takers: frozenset[str]
    full_givers: frozenset[str]

    @classmethod
    def of(cls, instance: Instance, matches: Sequence[Edge]) -> "_Situation":
        gives, takes = Counter(edge.giver for edge in matches), Counter(edge.taker for edge in matches)
        return cls(
            full_takers=frozenset(one.id for one in instance.people if takes[one.id] >= one.take_capacity),
            full_givers=frozenset(one.id for one in instance.people if gives[one.id] >= one.give_capacity),
        )


def _rule(book: Book, need: Need, offers: Sequence[Edge], situation: _Situation) -> Block:
    if offers:
        return _rule_at_the_optimum(need, offers, situation)
    blocks = [first_block(book, strength, need) for strength in book.candidates(need)]
    if None in blocks:
        return Block.OUT_OF_REACH
    # Each candidate drops out at its first block, so nobody is left after the last of these.
    return max((block for block in blocks if block), key=_STEPS.index, default=Block.NOBODY_STRONG)


def _rule_at_the_optimum(need: Need, offers: Sequence[Edge], situation: _Situation) -> Block:
    if need.person in situation.full_takers:
        return Block.TAKER_FULL
    if any(edge.giver not in situation.full_givers for edge in offers):
        # At an optimum a free giver is left over only where the two already meet for something else.
        return Block.PAIR_TAKEN
    return Block.NO_FREE_GIVER
