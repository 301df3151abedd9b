"""What may be said of a pair, from facts: topic, time, subject, format, acquaintance. Never a level or a score."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.database import Row, Tx
from services.matching.store import background

ONLINE = "online"
_Two = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class PairReason:
    """Why two people are proposed to each other on a topic.

    `first_slot` is the first free time that both had when the run was solved, `common_times` how many both have
    now, where both have entered theirs at this school. `is_mutual` and `have_met` are for the curator alone:
    mutual help would tell a taker of a proposal that another was not yet asked for.
    """

    competency: str
    first_slot: int | None
    common_times: int | None = None
    is_same_subject: bool = False
    is_online: bool = False
    is_across_schools: bool = False
    is_mutual: bool = False
    have_met: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the people of some pairs beside their task."""

    subjects: Mapping[UUID, frozenset[str]]
    times: Mapping[UUID, int]
    online: frozenset[tuple[UUID, str]]
    mutual: frozenset[_Two] = frozenset()
    met: frozenset[_Two] = frozenset()

    def reason_of(self, pair: Row) -> PairReason:
        """The facts of one pair, which is a row of a run or of the pairings."""
        giver, taker = pair["giver_id"], pair["taker_id"]
        have_times = giver in self.times and taker in self.times
        return PairReason(
            competency=pair["competency"],
            first_slot=pair["first_slot"],
            common_times=(self.times[giver] & self.times[taker]).bit_count() if have_times else None,
            is_same_subject=bool(self.subjects.get(giver, frozenset()) & self.subjects.get(taker, frozenset())),
            is_online=(giver, pair["competency"]) in self.online,
            is_across_schools=pair.get("giver_school") != pair.get("taker_school"),
            is_mutual=(taker, giver) in self.mutual,
            have_met=(giver, taker) in self.met,
        )


async def known_of(tx: Tx, school: str, pairs: Sequence[Row]) -> Known:
    """What may be said of pairs to their own two people: one look at each table, however many pairs there are."""
    people, givers = _people_of(pairs), {pair["giver_id"] for pair in pairs}
    offered: list[Row] = []
    for cycle in sorted({pair["cycle_id"] for pair in pairs}):
        offered += await background.offered_by(tx, school, cycle, givers)
    subjects = await background.subjects_of(tx, school, people)
    times = await background.free_times_of(tx, school, people)
    return Known(
        subjects={row["person_id"]: frozenset(row["subjects"]) for row in subjects},
        times={row["person_id"]: row["slots"] for row in times},
        online=frozenset((row["person_id"], row["competency"]) for row in offered if _is_online(row["formats"])),
    )


async def known_to_curator(tx: Tx, school: str, run: Row, variant: str, pairs: Sequence[Row]) -> Known:
    """What may be said of the pairs of a run to the curator: who helps whom in return, and who has met before."""
    known = await known_of(tx, school, [{**pair, "cycle_id": run["cycle_id"]} for pair in pairs])
    people = _people_of(pairs)
    given = await background.given_by(tx, run["run_id"], variant, people)
    met = await background.earlier_pairs_of(tx, run["cycle_id"], people)
    return Known(known.subjects, known.times, known.online, _twos(given), _twos(met))


def _people_of(pairs: Iterable[Row]) -> set[UUID]:
    return {person for pair in pairs for person in (pair["giver_id"], pair["taker_id"])}


def _twos(rows: Iterable[Row]) -> frozenset[_Two]:
    return frozenset((row["giver_id"], row["taker_id"]) for row in rows)


def _is_online(formats: Collection[str]) -> bool:
    return any(ONLINE in name.lower() for name in formats)
