"""The task of a district: only people who agreed, only topics offered outside, only pairs of two schools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from chassis.database import Row, Tx
from services.matching.actions.tasks import (
    is_away,
    is_open,
    need_of,
    people_of,
    takes_place,
    topic_of,
    two_of,
    was_formed,
)
from services.matching.domain import today_at_place
from services.matching.engine.offers import edges
from services.matching.engine.problem import Ban, Instance, OpenPair, PastPair, Strength
from services.matching.store import NOBODY, districts

_NeedKey = tuple[UUID, UUID, str]


@dataclass(frozen=True, slots=True)
class Ground:
    """The schools that take part, each with its running cycle and the cycle's last day."""

    cycles: Mapping[str, tuple[UUID, date]]

    @classmethod
    async def of(cls, tx: Tx, schools: Sequence[str]) -> "Ground":
        """The schools in which a cycle runs today; of several the one that began last."""
        rows = await districts.cycles_on(tx, schools, today_at_place(tx.now))
        return cls({row["school_id"]: (row["cycle_id"], row["ends_on"]) for row in rows})

    @property
    def schools(self) -> list[str]:
        return sorted(self.cycles)

    @property
    def ids(self) -> list[UUID]:
        return sorted(cycle for cycle, _ in self.cycles.values())


async def task_across(tx: Tx, ground: Ground, *, besides: UUID = NOBODY) -> Instance:
    """What is known now of those who agreed, by the rules alone: pairs inside a school are not yet left out.

    Who belongs to several schools takes part once, as a member of the first. A need that a pairing serves, or for
    which curators are being asked, is no demand; the question `besides` does not count.
    """
    schools, ids = ground.schools, ground.ids
    pairs = await districts.known_pairs(tx, schools)
    homes = _homes(await districts.people(tx, schools), ground, today_at_place(tx.now))
    released = [row for row in await districts.released(tx, schools, ids) if _is_at_home(row, homes)]
    levels = {topic_of(row): row["level10"] for row in released}
    taken = _taken(pairs, await districts.asked_needs(tx, schools, besides))
    wanted = [row for row in await districts.declared_needs(tx, schools, ids) if _is_at_home(row, homes)]
    known = {str(person) for person in homes}
    forbidden = await districts.forbidden_pairs(tx, schools, ids)
    return Instance(
        people=people_of(homes.values(), pairs),
        strengths=tuple(
            Strength(str(row["person_id"]), row["competency"], row["level10"]) for row in released if row["is_offered"]
        ),
        needs=tuple(need_of(row, levels.get(topic_of(row))) for row in wanted if _need_key(row) not in taken),
        bans=tuple(Ban(*two_of(row)) for row in forbidden if known.issuperset(two_of(row))),
        past_pairs=tuple(PastPair(*two_of(row)) for row in pairs if row["cycle_id"] not in ids and was_formed(row)),
        open_pairs=tuple(OpenPair(*two_of(row)) for row in pairs if takes_place(row)),
    )


def _taken(pairs: Sequence[Row], asked: Sequence[Row]) -> set[_NeedKey]:
    """The needs that a pairing serves, or for which curators are being asked."""
    served = {(row["cycle_id"], row["taker_id"], row["competency"]) for row in pairs if is_open(row)}
    return served | {(row["taker_cycle_id"], row["taker_id"], row["competency"]) for row in asked}


def _need_key(row: Row) -> _NeedKey:
    return row["cycle_id"], row["person_id"], row["competency"]


def _homes(rows: Sequence[Row], ground: Ground, today: date) -> Mapping[UUID, Row]:
    """Each person once, with the row of the first school."""
    found: dict[UUID, Row] = {}
    for row in rows:
        if not is_away(row, (today, ground.cycles[row["school_id"]][1])):
            found.setdefault(row["person_id"], row)
    return found


def _is_at_home(row: Row, homes: Mapping[UUID, Row]) -> bool:
    return row["person_id"] in homes and homes[row["person_id"]]["school_id"] == row["school_id"]


def only_across(task: Instance) -> Instance:
    """The task with the allowed pairs of two different schools as the full list; slow for a large district."""
    schools = {person.id: person.school for person in task.people}
    listed = tuple(edge for edge in edges(task) if schools[edge.giver] != schools[edge.taker])
    return replace(task, listed_edges=listed)
