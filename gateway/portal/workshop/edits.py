"""What curators have changed in a run: each edit in words, with who made it, and whether it was taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from babel.dates import format_timedelta

from gateway.portal.words import moment
from gateway.portal.workshop.changes import hand_said
from gateway.portal.workshop.visit import Names, Visit

# Between two steps of hands the program makes one or two of its own.
NEWEST = 20


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit in words."""

    edit: str
    what: str
    who: str
    at: str
    undone: str

    @property
    def can_undo(self) -> bool:
        """Does it still stand?"""
        return not self.undone


async def edits_of(visit: Visit, found: Sequence[Mapping[str, Any]]) -> list[Edit]:
    """The edits of a run, the newest first."""
    names = await visit.names(person for one in found for person in people_of(one))
    return [edit_of(one, names, visit) for one in reversed(found)]


def steps_of(edits: Sequence[Mapping[str, Any]]) -> int:
    """How often anything was edited or taken back: by this a page knows that there is more."""
    return len(edits) + sum(one["undone_at"] is not None for one in edits)


def last_step(edits: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Who did what last: the person, and the kind of the edit or `undone`."""
    made = [(str(one["made_at"]), str(one["made_by"]), str(one["kind"])) for one in edits]
    undone = [(str(one["undone_at"]), str(one["undone_by"]), "undone") for one in edits if one["undone_at"]]
    _, who, what = max([*made, *undone])
    return who, what


async def last_hand(visit: Visit, run_id: object) -> str:
    """Whose step was the last on a run, what it was and how long ago; nothing where only the program has worked."""
    path = visit.api("matching", f"runs/{run_id}/changes")
    changes = (await visit.reader.talk.get(path, limit=NEWEST))["items"]
    last = next((one for one in changes if one["by"]), None)
    if last is None:
        return ""
    names = await visit.names([last["by"]])
    what = hand_said(last, visit)
    return visit.say("workshop.last-step", who=names.short(last["by"]), what=what, ago=ago(last["at"], visit))


def ago(told: str, visit: Visit) -> str:
    """How long ago a moment of the API was; a day and more ago its date."""
    clock = getattr(visit.reader.request.app.state, "clock", None)
    passed = (clock.now() if clock else datetime.now(UTC)) - datetime.fromisoformat(told)
    if passed < timedelta(minutes=1):
        return visit.say("workshop.just-now")
    if passed >= timedelta(days=1):
        return moment(told, visit.reader.language)
    return str(format_timedelta(-passed, add_direction=True, locale=visit.reader.language))


def people_of(edit: Mapping[str, Any]) -> list[str | None]:
    """Everybody whom an edit names, also who made it."""
    pairs = [pair for part in ("pin", "unpin", "ban", "unban") for pair in edit[part]]
    named = [pair[side] for pair in pairs for side in ("giver_id", "taker_id")]
    return [*named, edit["made_by"], edit["undone_by"]]


def edit_of(one: Mapping[str, Any], names: Names, visit: Visit) -> Edit:
    """An edit as a line."""
    undone = ""
    if one["undone_at"]:
        at = moment(one["undone_at"], visit.reader.language)
        undone = visit.say("workshop.undone", who=names.full(one["undone_by"] or ""), at=at)
    return Edit(
        one["edit_id"],
        what_of(one, names, visit),
        names.full(one["made_by"] or ""),
        moment(one["made_at"], visit.reader.language),
        undone,
    )


def what_of(one: Mapping[str, Any], names: Names, visit: Visit) -> str:
    """What an edit does, with the pairs that it is about."""
    said = {part: _pairs(one[part], names) for part in ("pin", "unpin", "ban", "unban")}
    first = next((said[part] for part in ("pin", "unpin", "ban", "unban") if said[part]), "")
    return visit.say(f"workshop.edit.{one['kind']}", pairs=first)


def _pairs(pairs: Sequence[Mapping[str, str]], names: Names) -> str:
    told = []
    for pair in pairs:
        people = f"{names.short(pair['giver_id'])} → {names.short(pair['taker_id'])}"
        told.append(f"{people} ({pair['competency']})" if "competency" in pair else people)
    return ", ".join(told)
