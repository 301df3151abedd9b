"""How far a campaign has come: who was invited, has begun and has finished, instrument by instrument."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Participation(StrEnum):
    """How far one person has come with one instrument; never what was answered."""

    NOT_BEGUN = "NOT_BEGUN"
    BEGUN = "BEGUN"
    FINISHED = "FINISHED"


@dataclass(frozen=True, slots=True)
class Turnout:
    """People by how far they have come; `begun` counts those who have finished too."""

    invited: int
    begun: int
    finished: int


def participation_of(*, asked: int, done: int, has_begun: bool) -> Participation:
    """Finished is who has done all that was asked; begun is who has done anything of it."""
    if done >= asked:
        return Participation.FINISHED
    return Participation.BEGUN if has_begun or done else Participation.NOT_BEGUN


def turnout_of(participation: Iterable[Participation]) -> Turnout:
    """How many people stand where."""
    everyone = list(participation)
    return Turnout(
        invited=len(everyone),
        begun=sum(each is not Participation.NOT_BEGUN for each in everyone),
        finished=sum(each is Participation.FINISHED for each in everyone),
    )


def due_among(participation: Mapping[UUID, Participation], present: frozenset[UUID]) -> dict[UUID, Participation]:
    """Who of the people present has not finished, by id; who has left the school is reminded of nothing."""
    return {
        person: state
        for person, state in sorted(participation.items())
        if state is not Participation.FINISHED and person in present
    }
