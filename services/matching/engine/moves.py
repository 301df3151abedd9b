"""Who moves between two results: the people who gain or lose a role, and the pairs that part or are formed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.matching.engine.problem import Edge


@dataclass(frozen=True, slots=True)
class Counts:
    """People with both roles, people with at least one, total score."""

    dual: int
    covered: int
    score: int


@dataclass(frozen=True, slots=True)
class Moves:
    """What a change would change, with the people by id, in order."""

    before: Counts
    after: Counts
    gain_second: tuple[str, ...]
    lose_second: tuple[str, ...]
    come_in: tuple[str, ...]
    drop_out: tuple[str, ...]
    parted: tuple[Edge, ...]
    formed: tuple[Edge, ...]


def moves_between(before: Sequence[Edge], after: Sequence[Edge]) -> Moves:
    """What one result has that the other has not, by the keys of the pairs."""
    old, new = {edge.key for edge in before}, {edge.key for edge in after}
    (was_dual, was_in), (is_dual, is_in) = _roles(before), _roles(after)
    return Moves(
        before=Counts(len(was_dual), len(was_in), sum(edge.score for edge in before)),
        after=Counts(len(is_dual), len(is_in), sum(edge.score for edge in after)),
        gain_second=tuple(sorted(is_dual - was_dual)),
        lose_second=tuple(sorted(was_dual - is_dual)),
        come_in=tuple(sorted(is_in - was_in)),
        drop_out=tuple(sorted(was_in - is_in)),
        parted=tuple(edge for edge in before if edge.key not in new),
        formed=tuple(edge for edge in after if edge.key not in old),
    )


def _roles(matches: Iterable[Edge]) -> tuple[set[str], set[str]]:
    pairs = [edge.key[:2] for edge in matches]
    gives, takes = {giver for giver, _ in pairs}, {taker for _, taker in pairs}
    return gives & takes, gives | takes
