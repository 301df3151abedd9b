"""A report on a staff file for a person at a terminal: aligned, grouped by fault, forty lines at the most."""

import shutil
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from deploy.show import Voice
from deploy.staff.report import Report
from services.registry.staff_file import Problem
from services.registry.staff_file.columns import TITLES, Header
from services.registry.staff_file.telling import tell

MOST_LINES = 40
_MOST_ROWS_NAMED = 6
_NARROWEST, _WIDEST = 60, 120
_WIDEST_PLACE = 36
_MOST_TITLES_NAMED = 12
_LONGEST_TITLE = 40
_LEAST_ROOM = 8
_KINDS = {"csv": "CSV", "xlsx": "XLSX"}
_ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 (BOM)", "cp1251": "Windows-1251", "utf-16": "UTF-16"}
_SEPARATORS = {";": "«;»", ",": "«,»", "\t": "TAB"}
_REASONS = {
    "external": "staff.not-external",
    "civil_law": "staff.not-civil-law",
    "not_pedagogical": "staff.not-pedagogical",
}

Pair = tuple[str, str]


def lines_of(report: Report, voice: Voice) -> list[str]:
    """The report; the last lines say what it comes to."""
    width = min(max(shutil.get_terminal_size((100, 24)).columns, _NARROWEST), _WIDEST)
    above = _aligned(list(_summary(report, voice)), width)
    verdict = voice.text("staff.fine" if report.code == 0 else "staff.has-errors", count=report.file.count("error"))
    below = ["", *textwrap.wrap(verdict, width)]
    room = max(MOST_LINES - len(above) - len(below), _LEAST_ROOM)
    return [*above, *_faults(report, voice, room, width), *below]


def _summary(report: Report, voice: Voice) -> Iterator[Pair]:
    file = report.file
    yield voice.text("staff.file"), " · ".join((report.name, *_kind(report, voice)))
    if file.header:
        yield voice.text("staff.header"), voice.text("staff.header-row", row=file.header.index + 1)
        yield from _columns(file.header, voice)
    yield (
        voice.text("staff.people"),
        voice.text("staff.people-and-posts", count=len(file.people), posts=report.positions),
    )
    definition = voice.text("staff.head-count-definition")
    yield voice.text("staff.head-count"), f"{file.head_count} — {definition}"
    if report.not_counted:
        found = report.not_counted
        reasons = (voice.text(slug, count=found[why]) for why, slug in _REASONS.items() if found[why])
        yield "", voice.text("staff.not-counted", reasons=", ".join(reasons))


def _kind(report: Report, voice: Voice) -> Iterator[str]:
    file = report.file
    yield _KINDS[file.kind]
    if file.encoding:
        yield _ENCODINGS.get(file.encoding, file.encoding)
    if file.separator:
        yield voice.text("staff.separator", sign=_SEPARATORS[file.separator])
    yield voice.text("staff.rows", count=file.rows_read)


def _columns(header: Header, voice: Voice) -> Iterator[Pair]:
    understood = sorted(header.places, key=lambda column: header.places[column])
    told = (_meant(header.titles[column], TITLES[column][0]) for column in understood)
    yield voice.text("staff.columns"), ", ".join(told)
    unread = (*header.ignored, *header.unwanted, *header.repeated)
    if unread:
        named = ", ".join(_short(title) for title in unread[:_MOST_TITLES_NAMED])
        more = len(unread) - _MOST_TITLES_NAMED
        yield "", voice.text("staff.columns-unread", columns=named + (f" … +{more}" if more > 0 else ""))


def _meant(title: str, meaning: str) -> str:
    return title if title == meaning else f"{_short(title)} → {meaning}"


def _short(title: str) -> str:
    return textwrap.shorten(title, _LONGEST_TITLE, placeholder="…")


def _aligned(pairs: Sequence[Pair], width: int) -> list[str]:
    """Words on the left, what they say on the right, broken to the width."""
    margin = max(len(word) for word, _ in pairs) + 2
    return [line for word, said in pairs for line in _hung(word, said, margin, width)]


def _hung(word: str, said: str, margin: int, width: int) -> list[str]:
    first, *rest = textwrap.wrap(said, max(20, width - margin)) or [""]
    return [f"{word:<{margin}}{first}".rstrip(), *(" " * margin + line for line in rest)]


def _faults(report: Report, voice: Voice, room: int, width: int) -> list[str]:
    """Errors before warnings, as many groups as there is room for; the rest is counted."""
    lines: list[str] = []
    shown = 0
    for problems, slug in ((report.file.errors, "staff.errors"), (report.file.warnings, "staff.warnings")):
        groups = _groups(problems)
        lines += ["", voice.text(slug, count=len(problems))] if groups else []
        margin = _margin(tell(group[0], report.say).where for group in groups[:room])
        for group in groups:
            told = _group(group, voice, margin, width)
            # One line is kept for what there is no room for.
            if len(lines) + len(told) >= room:
                break
            lines += told
            shown += len(group)
    more = len(report.file.problems) - shown
    return [*lines[: room - 1], *([voice.text("staff.more", count=more)] if more else [])]


def _margin(places: Iterable[str]) -> int:
    return min(max(map(len, places), default=0), _WIDEST_PLACE) + 4


def _groups(problems: Iterable[Problem]) -> list[list[Problem]]:
    """The problems of a kind in a column, by the row where the first of them stands."""
    found: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        found.setdefault((problem.slug, problem.column), []).append(problem)
    return list(found.values())


def _group(group: Sequence[Problem], voice: Voice, margin: int, width: int) -> list[str]:
    first, *others = group
    told = tell(first, voice.text)
    place = textwrap.shorten(told.where, margin - 4, placeholder="…")
    lines = _hung(f"  {place}", f"{told.what} {told.mend}", margin, width)
    if others:
        rows = ", ".join(str(problem.row) for problem in others[:_MOST_ROWS_NAMED])
        more = len(others) - _MOST_ROWS_NAMED
        also = voice.text("staff.also-more", rows=rows, count=more) if more > 0 else voice.text("staff.also", rows=rows)
        lines += _hung("", also, margin, width)
    return lines
