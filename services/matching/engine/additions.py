"""The next best: what may be proposed once a pair was declined, while everybody else keeps what they have.

The pairs that are open keep their place as pins, the pairs that were asked already are asked no more, and the
best network around them is found like any other: what it has beside the pins is what may be added.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.matching.engine.beside import Wanted, never, solve_beside
from services.matching.engine.offers import edges
from services.matching.engine.optimum import IsCancelled
from services.matching.engine.problem import Edge, EdgeKey, Instance, PairKey, Pin
from services.matching.engine.standing import without_pairs


def additions(
    standing: Instance,
    *,
    kept: Sequence[EdgeKey],
    asked: Iterable[PairKey],
    wanted: Wanted,
    is_cancelled: IsCancelled = never,
) -> tuple[Edge, ...]:
    """The pairs that make the best network around those that are kept.

    `standing` is what is still free beside the kept pairs: places, needs and pairs that take part in them are out
    of it already. None is added where none is left. Raises as `solve_beside` does.
    """
    free = edges(without_pairs(replace(standing, pins=()), asked))
    if not free:
        return ()
    known = {person.id for person in standing.people}
    pinned = [key for key in kept if known.issuperset(key[:2])]
    around = _around(standing, free, pinned)
    found = solve_beside(around, wanted, is_cancelled=is_cancelled).matches
    held = set(pinned)
    return tuple(edge for edge in found if edge.key not in held)


def _around(standing: Instance, free: Sequence[Edge], pinned: Sequence[EdgeKey]) -> Instance:
    """The free edges and the pinned ones, whose worth is the same in every choice and therefore the least."""
    gives, takes = Counter(key[0] for key in pinned), Counter(key[1] for key in pinned)
    held = set(pinned)
    listed = [edge for edge in free if edge.key not in held]
    return Instance(
        people=tuple(
            replace(
                person,
                give_capacity=person.give_capacity + gives[person.id],
                take_capacity=person.take_capacity + takes[person.id],
            )
            for person in standing.people
        ),
        pins=tuple(Pin(*key) for key in sorted(held)),
        listed_edges=(*listed, *(Edge(*key, score=1) for key in sorted(held))),
        load_costs=standing.load_costs,
    )
