"""The network of a run, three times the same: a map, a table with reasons, and the people who were left out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from gateway.portal.workshop.visit import Names, Visit

PAGE = 25
# More than this is no picture any more.
MOST_ON_MAP = 200
SORTS = ("giver", "taker", "topic")


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair of the result in words; `address` is its own page."""

    giver: str
    taker: str
    code: str
    giver_name: str
    taker_name: str
    topic: str
    reason: str
    is_pinned: bool
    is_mutual: bool
    address: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks of the table: one topic, part of a name, an order, and from which row on."""

    topic: str = ""
    who: str = ""
    sort: str = "giver"
    after: int = 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody without a pair: why, and what would help, the smallest step first."""

    name: str
    why: str
    help: Sequence[tuple[str, str]]


def pairs_of(proposals: Sequence[Mapping[str, Any]], run: str, names: Names, visit: Visit) -> list[Pair]:
    """The pairs that a run found, with their reasons."""
    return [
        Pair(
            giver=one["giver_id"],
            taker=one["taker_id"],
            code=one["competency"],
            giver_name=names.full(one["giver_id"]),
            taker_name=names.full(one["taker_id"]),
            topic=visit.topic(one["competency"]),
            reason=names.filled(one["why"]["template"], giver=one["giver_id"], taker=one["taker_id"]),
            is_pinned=one["is_pinned"],
            is_mutual=bool(one["why"]["is_mutual"]),
            address=visit.of_run(run, f"pairs/{one['giver_id']}/{one['taker_id']}/{one['competency']}"),
        )
        for one in proposals
    ]


def selected(pairs: Sequence[Pair], chosen: Chosen) -> list[Pair]:
    """The pairs that the filter lets through, in the order that was asked for."""
    who = chosen.who.strip().casefold()
    kept = [
        pair
        for pair in pairs
        if chosen.topic in ("", pair.code)
        and (not who or who in pair.giver_name.casefold() or who in pair.taker_name.casefold())
    ]
    orders = {
        "giver": lambda pair: (pair.giver_name, pair.taker_name, pair.code),
        "taker": lambda pair: (pair.taker_name, pair.giver_name, pair.code),
        "topic": lambda pair: (pair.code, pair.giver_name, pair.taker_name),
    }
    return sorted(kept, key=orders.get(chosen.sort, orders["giver"]))


def topics_of(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    """The topics among the pairs, as a filter offers them."""
    return sorted({(pair.code, pair.topic) for pair in pairs})


def rest_of_address(chosen: Chosen, **more: str) -> str:
    """The filter and the order as they stand in the address."""
    wanted = {"topic": chosen.topic, "who": chosen.who, "sort": chosen.sort if chosen.sort != "giver" else "", **more}
    return urlencode({name: value for name, value in wanted.items() if value})


def picture_of(pairs: Sequence[Pair], names: Names, visit: Visit) -> dict[str, Any]:
    """The map: people with their warm and cool halves, arrows from give to take; the busiest people first."""
    gives, takes = Counter(pair.giver for pair in pairs), Counter(pair.taker for pair in pairs)
    busiest = [person for person, _ in (gives + takes).most_common(MOST_ON_MAP)]
    people = [_person(one, (gives[one], takes[one]), names, visit) for one in sorted(busiest)]
    shown = set(busiest)
    arrows = [_arrow(pair, names) for pair in pairs if {pair.giver, pair.taker} <= shown]
    return {"people": people, "pairs": arrows}


def _person(person: str, loads: tuple[int, int], names: Names, visit: Visit) -> dict[str, Any]:
    gives, takes = loads
    label = visit.say("workshop.map-person", name=names.full(person), gives=gives, takes=takes)
    return {"id": person, "name": names.short(person), "label": label, "gives": gives, "takes": takes}


def _arrow(pair: Pair, names: Names) -> dict[str, Any]:
    return {
        "giver": pair.giver,
        "taker": pair.taker,
        "label": f"{names.short(pair.giver)} → {names.short(pair.taker)}\n{pair.topic}",
        "address": pair.address,
        "is_marked": pair.is_pinned,
    }


def left_out_of(items: Sequence[Mapping[str, Any]], names: Names, visit: Visit) -> list[LeftOut]:
    """People without a pair, as the API gives them page by page."""
    return [
        LeftOut(
            names.full(one["person_id"]),
            names.filled(one["template"], person=one["person_id"]),
            [(names.filled(step["template"], giver=step["giver_id"]), effect_of(step, visit)) for step in one["help"]],
        )
        for one in items
    ]


def effect_of(step: Mapping[str, Any], visit: Visit) -> str:
    """What a step changes in the network as a whole; nothing where that was not reckoned."""
    if step["covered"] is None and step["dual"] is None:
        return ""
    told = visit.say("workshop.help-effect", covered=f"+{step['covered'] or 0}", dual=f"+{step['dual'] or 0}")
    return told if step["is_exact"] else visit.say("workshop.help-at-least", effect=told)
