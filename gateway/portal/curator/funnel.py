"""The year as a funnel: from those who were asked to those who were measured again, in people; pure.

Each step tells its number, what it counts, whom it waits for, and the one thing that the curator can do about it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """All that the API told of a cycle; a part is None where nothing stands yet or, unless `is_whole`, is away."""

    first: Told | None = None
    first_turnout: Sequence[Told] = ()
    readiness: Told | None = None
    pairs: Told | None = None
    meetings: Told | None = None
    second: Told | None = None
    waiting: Mapping[str, "Waiting"] = field(default_factory=dict)
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Waiting:
    """Some people whom a step waits for, by id, and whether there are more."""

    people: Sequence[str] = ()
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `count` is None while nothing can be counted; `of` is the count at the widest step."""

    slug: str
    count: int | None
    of: int
    waiting: Waiting
    leads_to: str


def funnel(known: Known) -> list[Step]:
    """The eight steps in their order."""
    counts = _counts(known)
    widest = max((count for count in counts.values() if count), default=0)
    return [
        Step(slug, counts[slug], widest, known.waiting.get(slug, Waiting()), leads_to)
        for slug, leads_to in (
            ("invited", "campaign"),
            ("answered", "campaign"),
            ("scored", "campaign"),
            ("released", ""),
            ("matched", "workshop"),
            ("agreed", ""),
            ("met", "health"),
            ("second", "campaign"),
        )
    ]


def _counts(known: Known) -> dict[str, int | None]:
    first, second, readiness = known.first or {}, known.second or {}, known.readiness or {}
    pairs, meetings = known.pairs or {}, known.meetings or {}
    own = next((one for one in known.first_turnout if one["instrument"] == "SELF"), {})
    return {
        "invited": first.get("invited"),
        "answered": own.get("finished"),
        "scored": first.get("scored"),
        "released": readiness.get("with_releases"),
        "matched": pairs.get("asked") or None,
        "agreed": pairs.get("agreed") if pairs.get("asked") else None,
        "met": meetings.get("met") if meetings.get("in_pairs") else None,
        "second": second.get("scored"),
    }


def both(pair: Told) -> tuple[str, str]:
    """The two people of a pair."""
    return str(pair["giver_id"]), str(pair["taker_id"])


def still_to_answer(pairings: Iterable[Told], school: str) -> list[str]:
    """Who of the school is asked and has not answered: the taker first, the giver once the taker agreed."""
    asked = {"PROPOSED": "taker", "TAKER_AGREED": "giver"}
    sides = [(pair, asked[pair["state"]]) for pair in pairings if pair["state"] in asked]
    return unique(str(pair[f"{side}_id"]) for pair, side in sides if pair[f"{side}_school"] == school)


def still_to_meet(assignments: Iterable[Told]) -> list[str]:
    """The people of some pairs, both of a pair side by side."""
    return unique(one for pair in assignments for one in both(pair))


def unique(people: Iterable[str]) -> list[str]:
    """Everybody once, in the order in which they came."""
    return list(dict.fromkeys(people))


def first_of(people: Sequence[str], most: int) -> Waiting:
    """The beginning of a list of people."""
    return Waiting(people[:most], is_more=len(people) > most)
