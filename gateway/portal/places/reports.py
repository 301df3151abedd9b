"""A school's report in words: where it stands, what changed since the last version, its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.portal.city import Cell, CellWords, Shown
from gateway.portal.places.asking import SETS
from gateway.portal.reader import Reader
from gateway.portal.words import day, moment

Json = Mapping[str, Any]
# The steps of a report, each with the field that tells when it was taken.
STEPS = (
    ("COMPUTED", "computed_at"),
    ("REVIEWED", "reviewed_at"),
    ("SIGNED", "signed_at"),
    ("SUBMITTED", "submitted_at"),
    ("ACCEPTED", "accepted_at"),
    ("PUBLISHED", "published_at"),
)
RANKS = {state: rank for rank, (state, _) in enumerate(STEPS)}


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator, or a figure beside it, with its definition and its number in words."""

    name: str
    definition: str
    shown: Shown | None
    is_beside: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Indicators that are looked at together; `is_empty` while there is nothing that any could be counted from."""

    name: str
    title: str
    lines: Sequence[Measured]
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """What an indicator was and is; `verdict` says in words whether chance could explain the difference."""

    name: str
    before: str
    after: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What a report is compared with, what changed, and how much did not."""

    against: str
    lines: Sequence[Changed]
    same: int


def words_of(reader: Reader) -> CellWords:
    """Cells in the reader's language."""
    return CellWords(reader.request.app.state.portal.pages.texts, reader.language, "matrix.interval")


def steps_of(report: Json, reader: Reader) -> list[dict[str, str]]:
    """The way of a report as a step bar; a returned one has stopped where the district stands."""
    returned = report["state"] == "RETURNED"
    rank = RANKS["ACCEPTED"] if returned else RANKS[report["state"]] + 1
    return [
        {
            "name": reader.say(f"report.step-{state}"),
            "state": _step_state(number, rank, returned=returned),
            "note": moment(report[field], reader.language),
        }
        for number, (state, field) in enumerate(STEPS)
    ]


def _step_state(number: int, rank: int, *, returned: bool) -> str:
    if number < rank:
        return "done"
    if number > rank:
        return "ahead"
    return "stopped" if returned else "now"


def groups_of(numbers: Sequence[Json], reader: Reader) -> list[Group]:
    """The numbers of a school by set; what stands beside an indicator follows it."""
    words = words_of(reader)
    known = [str(one["indicator"]) for one in numbers]
    found = []
    for one in SETS:
        codes = set(one.of(known))
        chosen = [number for number in numbers if str(number["indicator"]).partition(".")[0] in codes]
        if chosen:
            title = reader.say(f"matrix.set-{one.name}")
            found.append(Group(one.name, title, [_measured(number, words) for number in chosen], is_uncounted(chosen)))
    return found


def is_uncounted(numbers: Sequence[Json]) -> bool:
    """Is there nothing yet that any of these could be counted from?"""
    return not any(number.get("n_num") or number.get("n_den") for number in numbers)


def _measured(number: Json, words: CellWords) -> Measured:
    shown = words.cell(Cell.read(number), number["unit"])
    return Measured(number["name"], number["definition"], shown, is_beside="." in number["indicator"])


def compared_of(changes: Json, reader: Reader) -> Compared | None:
    """The differences to the report before; None for the first report of a school."""
    against = changes["against"]
    if against is None:
        return None
    facts = {"version": against["version"], "as_of": day(against["as_of"], reader.language)}
    slug = "report.against-version" if against["is_same_report"] else "report.against-earlier"
    words = words_of(reader)
    lines = [_changed(one, words, reader) for one in changes["items"]]
    return Compared(reader.say(slug, **facts), lines, int(changes["same"]))


def _changed(one: Json, words: CellWords, reader: Reader) -> Changed:
    before, after = (_number(one[side], words) for side in ("before", "after"))
    return Changed(one["name"], before, after, reader.say(f"report.{verdict_of(one)}"))


def verdict_of(one: Json) -> str:
    """How a difference is judged: grown, fallen, only by chance, or not comparable."""
    if one["is_distinguishable"] is None:
        return "not-comparable"
    if not one["is_distinguishable"]:
        return "by-chance"
    return "grown" if one["difference"] > 0 else "fallen"


def _number(number: Json | None, words: CellWords) -> str:
    if number is None:
        return "—"
    shown = words.cell(Cell.read(number), number["unit"])
    if shown is None:
        return "—"
    return f"{shown.number} ({shown.counted})" if shown.counted else shown.number
