"""All strengths against all needs at once: the first rule that stops each combination, and the worth of the rest.

The same rules as `rules.first_block`, for whole columns. A competency at a time keeps memory small.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.matching.engine.problem import Edge, Instance, Need, PairKey, Strength
from services.matching.engine.rules import LEAST_GAP10, NEUTRAL_FIT1000, OVERLAP100, PAST_PAIR100, Block, fit1000
from services.matching.engine.table import Edges, Integers, Table, Truths, whole

_ORDER = {block: place for place, block in enumerate(Block, start=1)}
FREE = 0
_UNKNOWN = -1
_NOBODY = -1


@dataclass(frozen=True, slots=True)
class _School:
    """The people and pairs of an instance as columns."""

    instance: Instance
    place: Mapping[str, int]
    slots: Integers
    manager: Integers

    @classmethod
    def of(cls, instance: Instance) -> "_School":
        place = {person.id: number for number, person in enumerate(instance.people)}
        managers = [place.get(person.manager or "", _NOBODY) for person in instance.people]
        return cls(instance, place, whole([person.slots for person in instance.people]), whole(managers))

    def pairs(self, rows: Iterable[PairKey]) -> Integers:
        """The numbers of ordered pairs of people who take part."""
        known = (row for row in rows if row[0] in self.place and row[1] in self.place)
        return whole([self.place[giver] * len(self.place) + self.place[taker] for giver, taker in known])


@dataclass(frozen=True, slots=True)
class _KnownPairs:
    """The numbers of ordered pairs that are banned, that meet now, and that met in an earlier cycle."""

    banned: Integers
    open: Integers
    past: Integers


@dataclass(frozen=True, slots=True)
class Offers:
    """Combinations of one competency: giver and taker, the place of the need, the first block or `FREE`, the score."""

    giver: Integers
    taker: Integers
    need: Integers
    block: Integers
    score: Integers


def offers(instance: Instance) -> Iterator[tuple[str, Offers]]:
    """Every strength with every need of the same competency, in the order of the competencies; never oneself."""
    school = _School.of(instance)
    known = _KnownPairs(*(school.pairs(keys) for keys in _pairs_of(instance)))
    strengths, needs = _by_competency(instance.strengths), _by_competency(instance.needs)
    for competency in sorted(strengths.keys() & needs.keys()):
        yield competency, _of_competency(school, strengths[competency], needs[competency], known)


def _pairs_of(instance: Instance) -> Iterator[list[PairKey]]:
    yield [row.key for row in instance.bans]
    yield [row.key for row in instance.open_pairs]
    yield [row.key for row in instance.past_pairs]


def _by_competency(rows: Iterable[Strength | Need]) -> Mapping[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        found[row.competency].append(place)
    return found


def _of_competency(school: _School, strong: list[int], wanted: list[int], known: _KnownPairs) -> Offers:
    strengths = [school.instance.strengths[place] for place in strong]
    needs = [school.instance.needs[place] for place in wanted]
    giver = np.repeat(whole([school.place[row.person] for row in strengths]), len(needs))
    taker = np.tile(whole([school.place[row.person] for row in needs]), len(strengths))
    gap = _gaps(strengths, needs)
    others = giver != taker
    row = Offers(giver[others], taker[others], np.tile(whole(wanted), len(strengths))[others], *([giver[:0]] * 2))
    gap, priority = gap[others], np.tile(whole([need.priority1000 for need in needs]), len(strengths))[others]
    pair, shared = row.giver * len(school.place) + row.taker, school.slots[row.giver] & school.slots[row.taker]
    past = np.isin(pair, known.past)
    most = school.instance.max_gap10
    stops = (
        (Block.LEVEL_TOO_NEAR, (gap != _UNKNOWN) & (gap < LEAST_GAP10)),
        (Block.LEVEL_TOO_FAR, gap > most if most is not None else np.zeros(len(gap), dtype=bool)),
        (Block.NO_COMMON_TIME, shared == 0),
        (Block.BANNED, np.isin(pair, known.banned)),
        (Block.LINE_MANAGER, school.manager[row.taker] == row.giver),
        (Block.PAIR_TAKEN, np.isin(pair, known.open)),
    )
    block = np.select([stop for _, stop in stops], [_ORDER[name] for name, _ in stops], FREE).astype(np.int64)
    return Offers(row.giver, row.taker, row.need, block, _scores(gap, priority, shared, past))


def _gaps(strengths: Sequence[Strength], needs: Sequence[Need]) -> Integers:
    """Level differences of all combinations; −1 where one of the two is not known, and never below −1 otherwise."""
    high = np.array([np.nan if row.level10 is None else row.level10 for row in strengths])
    low = np.array([np.nan if row.level10 is None else row.level10 for row in needs])
    gap = np.repeat(high, len(needs)) - np.tile(low, len(strengths))
    return np.where(np.isnan(gap), _UNKNOWN, np.maximum(gap, 0)).astype(np.int64)


def _scores(gap: Integers, priority: Integers, shared: Integers, past: Truths) -> Integers:
    fits = whole([0] * LEAST_GAP10 + [fit1000(one) for one in range(LEAST_GAP10, 1 + int(gap.max(initial=0)))])
    fit = np.where(gap == _UNKNOWN, NEUTRAL_FIT1000, fits[np.minimum(gap, len(fits) - 1)])
    often = np.minimum(np.bitwise_count(shared), len(OVERLAP100) - 1)
    worth = priority * fit * whole(OVERLAP100)[often] * np.where(past, PAST_PAIR100, 100)
    scores: Integers = np.maximum(1, worth // (1000 * 100 * 100))
    return scores


def edges(instance: Instance) -> tuple[Edge, ...]:
    """All allowed edges in the order of (giver, taker, competency); listed ones lose only the banned."""
    table = table_of(replace(instance, pins=()))
    return table.named(np.arange(len(table.edges)))


def table_of(instance: Instance) -> Table:
    """An instance in numbers, with all its allowed edges; its pins are among them (`pins.check_pins`)."""
    edges, competencies = _listed(instance) if instance.listed_edges is not None else _found(instance)
    people = instance.people
    table = Table(
        ids=tuple(person.id for person in people),
        competencies=competencies,
        give=whole([person.give_capacity for person in people]),
        take=whole([person.take_capacity for person in people]),
        least_give=whole([person.least_give for person in people]),
        least_take=whole([person.least_take for person in people]),
        edges=edges,
        load=instance.load_costs,
        slots=whole([person.slots for person in people]),
    )
    return table.with_pins([pin.key for pin in instance.pins])


def _found(instance: Instance) -> tuple[Edges, tuple[str, ...]]:
    parts, competencies = [], []
    for code, (competency, rows) in enumerate(offers(instance)):
        free = np.flatnonzero(rows.block == FREE)
        parts.append((rows.giver[free], rows.taker[free], np.full(len(free), code), rows.score[free]))
        competencies.append(competency)
    columns = [np.concatenate(part) for part in zip(*parts, strict=True)] if parts else [whole([])] * 4
    return Edges(*columns).in_order(), tuple(competencies)


def _listed(instance: Instance) -> tuple[Edges, tuple[str, ...]]:
    """The listed edges without the banned ones; they stand in the order of their ids."""
    bans = {ban.key for ban in instance.bans}
    kept = [edge for edge in instance.listed_edges or () if edge.key[:2] not in bans]
    place = {person.id: number for number, person in enumerate(instance.people)}
    competencies = tuple(sorted({edge.competency for edge in kept}))
    code = {name: number for number, name in enumerate(competencies)}
    rows = [(place[edge.giver], place[edge.taker], code[edge.competency], edge.score) for edge in kept]
    return Edges(*np.array(rows, dtype=np.int64).reshape(-1, 4).T), competencies


def last_blocks(instance: Instance) -> dict[int, Block]:
    """For each need that anybody else is strong in, by its place: the block after which nobody was left.

    Each candidate drops out at its first block, so nobody is left after the last of these. Where the rules leave
    somebody, only a list of edges can have left them out.
    """
    last = np.zeros(len(instance.needs), dtype=np.int64)
    is_open = np.zeros(len(instance.needs), dtype=bool)
    for _, rows in offers(instance):
        np.maximum.at(last, rows.need, rows.block)
        is_open[rows.need[rows.block == FREE]] = True
    last[is_open] = _ORDER[Block.OUT_OF_REACH]
    blocks = tuple(Block)
    return {int(place): blocks[last[place] - 1] for place in np.flatnonzero(last)}
