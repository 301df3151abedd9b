"""Pairs in the curator's words: who with whom on what, how it goes and why, what a pair still waits for; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.portal.catalogue import Catalogue
from gateway.portal.curator.years import Told
from gateway.portal.reader import Reader
from gateway.portal.words import day, in_words

KINDS = {"green": "good", "amber": "watch", "red": "bad"}


@dataclass(frozen=True, slots=True)
class Known:
    """What the words of a page are made with: who reads, names of people, names of competencies."""

    reader: Reader
    names: Mapping[str, str]
    competencies: Catalogue | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair in words; `seen` is the tag of the assignment that they tell of."""

    assignment_id: str
    seen: str
    giver: str
    taker: str
    competency: str
    state: str
    kind: str
    why: Sequence[str]
    met: str
    asks_for_help: bool


def in_health(known: Known, one: Told) -> Pair:
    """A working pair with its colour as a word, and why."""
    state = known.reader.say(f"health.colour.{one['colour']}")
    why = [known.reader.say(f"health.cause.{cause}", count=one["quiet_days"]) for cause in one["causes"]]
    return _pair(known, one, state=state, kind=KINDS[one["colour"]], why=[*why, *_notes(known, one)])


def in_list(known: Known, one: Told) -> Pair:
    """A pair that does not work now: what it waits for, or how it ended."""
    reader = known.reader
    why = [requirement(reader, code) for code in one["waits_for"]]
    if one["reason"]:
        why.append(reader.say(f"health.reason.{one['reason']}"))
    if one["rests_for"]:
        why.append(reader.say(f"health.rests.{one['rests_for']}"))
    if one["ends_on"]:
        why.append(reader.say("health.ends-on", day=day(one["ends_on"], reader.language)))
    return _pair(
        known, one, state=reader.say(f"health.state.{one['state']}"), kind="plain", why=[*why, *_notes(known, one)]
    )


def requirement(reader: Reader, code: str) -> str:
    """What a pair waits for: the consent of one of the two, or a paper."""
    what, _, rest = code.partition(".")
    if what == "consent":
        return reader.say(f"health.waits.consent-{rest.rpartition('.')[2]}")
    return reader.say(f"health.waits.paper.{rest}")


def _notes(known: Known, one: Told) -> list[str]:
    notes = [known.reader.say("health.wishes-rematch")] if one["wishes_rematch"] else []
    if one["disputed_meetings"]:
        notes.append(known.reader.say("health.disputed", count=one["disputed_meetings"]))
    return notes


def _pair(known: Known, one: Told, *, state: str, kind: str, why: Sequence[str]) -> Pair:
    elsewhere = known.reader.say("health.elsewhere")
    met = day(one["met_on"], known.reader.language)
    return Pair(
        assignment_id=one["assignment_id"],
        seen=one["etag"],
        giver=known.names.get(one["giver_id"], elsewhere),
        taker=known.names.get(one["taker_id"], elsewhere),
        competency=in_words(known.competencies, one["competency"]),
        state=state,
        kind=kind,
        why=why,
        met=known.reader.say("health.met", day=met) if met else known.reader.say("health.not-met"),
        asks_for_help=one["asks_for_help"],
    )
