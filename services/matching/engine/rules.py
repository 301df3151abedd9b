"""Which edges are allowed and what each is worth.

The rules stand in one order, and that order is also the order of the reasons: what stops a pair first is what
a person is told.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.matching.engine.problem import EdgeKey, Instance, Need, PairKey, Person, Strength

LEAST_GAP10 = 10
BEST_GAP10 = 15
# round(1000 · exp(−½ ((d − 1.5) / 0.5)²)) for level differences d = 1.0, 1.1 … 2.5, written out so that no
# platform's rounding can change a score.
_FIT1000 = (607, 726, 835, 923, 980, 1000, 980, 923, 835, 726, 607, 487, 375, 278, 198, 135)
_FIT_FALL_PER_TENTH = 8
NEUTRAL_FIT1000 = 500
OVERLAP100 = (0, 90, 95, 100)
PAST_PAIR100 = 90


class Block(StrEnum):
    """Why a need stays unmet, in the order in which the rules are asked."""

    NOBODY_STRONG = "nobody-strong"
    LEVEL_TOO_NEAR = "level-too-near"
    LEVEL_TOO_FAR = "level-too-far"
    NO_COMMON_TIME = "no-common-time"
    BANNED = "banned"
    LINE_MANAGER = "line-manager"
    OUT_OF_REACH = "out-of-reach"
    TAKER_FULL = "taker-full"
    PAIR_TAKEN = "pair-taken"
    NO_FREE_GIVER = "no-free-giver"


@dataclass(frozen=True, slots=True)
class Book:
    """An instance opened for look-ups."""

    people: Mapping[str, Person]
    strong: Mapping[str, tuple[Strength, ...]]
    bans: frozenset[PairKey]
    past_pairs: frozenset[PairKey]
    open_pairs: frozenset[PairKey]
    max_gap10: int | None

    @classmethod
    def of(cls, instance: Instance) -> "Book":
        strong: defaultdict[str, list[Strength]] = defaultdict(list)
        for strength in instance.strengths:
            strong[strength.competency].append(strength)
        return cls(
            people={person.id: person for person in instance.people},
            strong={competency: tuple(rows) for competency, rows in strong.items()},
            bans=frozenset(ban.key for ban in instance.bans),
            past_pairs=frozenset(pair.key for pair in instance.past_pairs),
            open_pairs=frozenset(pair.key for pair in instance.open_pairs),
            max_gap10=instance.max_gap10,
        )

    def candidates(self, need: Need) -> tuple[Strength, ...]:
        """Everyone else who is strong in what is needed."""
        return tuple(row for row in self.strong.get(need.competency, ()) if row.person != need.person)


def first_block(book: Book, strength: Strength, need: Need) -> Block | None:
    """The first rule that forbids this giver to this taker, or nothing.

    A difference of less than one level leaves too little to teach; a difference that is not known passes.
    A line manager does not teach those whom they assess.
    """
    gap10 = _gap10(strength, need)
    if gap10 is not None and gap10 < LEAST_GAP10:
        return Block.LEVEL_TOO_NEAR
    if gap10 is not None and book.max_gap10 is not None and gap10 > book.max_gap10:
        return Block.LEVEL_TOO_FAR
    if not common_slots(book, strength.person, need.person):
        return Block.NO_COMMON_TIME
    if (strength.person, need.person) in book.bans:
        return Block.BANNED
    if book.people[need.person].manager == strength.person:
        return Block.LINE_MANAGER
    if (strength.person, need.person) in book.open_pairs:
        return Block.PAIR_TAKEN
    return None


def edges_no_more(instance: Instance, keys: Iterable[EdgeKey]) -> tuple[EdgeKey, ...]:
    """Those of once allowed edges that this later instance allows no more."""
    book = Book.of(instance)
    strengths = {row.key: row for row in instance.strengths}
    needs = {row.key: row for row in instance.needs}

    def stands(key: EdgeKey) -> bool:
        giver, taker, competency = key
        strength, need = strengths.get((giver, competency)), needs.get((taker, competency))
        return strength is not None and need is not None and first_block(book, strength, need) is None

    return tuple(key for key in keys if not stands(key))


def common_slots(book: Book, giver: str, taker: str) -> int:
    """The bitmask of the times when both are free."""
    return book.people[giver].slots & book.people[taker].slots


def fit1000(gap10: int | None) -> int:
    """How well a level difference suits teaching, in thousandths.

    A bell around 1.5 levels up to 2.5; above it a straight fall of 8 a tenth, so that the weakest can still
    be served; 500 when the difference is not known. `gap10` is at least 10.
    """
    if gap10 is None:
        return NEUTRAL_FIT1000
    beyond = gap10 - LEAST_GAP10 - len(_FIT1000) + 1
    if beyond <= 0:
        return _FIT1000[gap10 - LEAST_GAP10]
    return max(1, _FIT1000[-1] - _FIT_FALL_PER_TENTH * beyond)


def _gap10(strength: Strength, need: Need) -> int | None:
    if strength.level10 is None or need.level10 is None:
        return None
    return strength.level10 - need.level10
