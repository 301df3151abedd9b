"""Why a need stays unmet and what speaks for a pair: slugs, codes and counts, never a level."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.matching.engine.offers import last_blocks, table_of
from services.matching.engine.problem import Edge, Instance, PairKey
from services.matching.engine.rules import Block, Book, common_slots
from services.matching.engine.table import whole


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
    served = {edge.key[1:] for edge in matches}
    at_optimum, blocks = _at_the_optimum(instance, matches), last_blocks(instance)
    return tuple(
        UnmetNeed(need.person, need.competency, at_optimum.get(need.key) or blocks.get(place, Block.NOBODY_STRONG))
        for place, need in enumerate(instance.needs)
        if need.key not in served
    )


def _at_the_optimum(instance: Instance, matches: Sequence[Edge]) -> dict[PairKey, Block]:
    """Why a need that somebody may serve would be left out of this network."""
    table = table_of(replace(instance, pins=()))
    gives, takes = Counter(edge.giver for edge in matches), Counter(edge.taker for edge in matches)
    full = whole([gives[one] for one in table.ids]) >= table.give
    topics, need = np.unique(table.topics, return_inverse=True)
    has_free_giver = np.zeros(len(topics), dtype=bool)
    has_free_giver[need[~full[table.edges.giver]]] = True
    found = {}
    for topic, is_free in zip(topics.tolist(), has_free_giver.tolist(), strict=True):
        taker, code = divmod(topic, len(table.competencies))
        # At an optimum a free giver is left over only where the two already meet for something else.
        block = Block.PAIR_TAKEN if is_free else Block.NO_FREE_GIVER
        is_full = takes[table.ids[taker]] >= table.take[taker]
        found[table.ids[taker], table.competencies[code]] = Block.TAKER_FULL if is_full else block
    return found


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
