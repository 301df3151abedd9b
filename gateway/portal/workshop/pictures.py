"""Every kind of picture on one page, with invented content: part of the design system."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.portal.pages import Pages, language_of

Say = Callable[..., str]
# Who shares what with whom, by position in the list of names.
PAIRS = ((0, 1, "D03"), (1, 2, "P02"), (2, 0, "M05"), (3, 2, "S01"), (4, 3, "D08"), (3, 5, "I02"), (6, 4, "N01"))
GAPS = ((2, 5, 0), (7, 1, 3), (4, 0, None), (9, 3, 1), (1, 6, 2))
SHARES = ((0.62, 0.81, 0.4), (0.58, None, 0.35), (0.7, 0.66, None))


@dataclass(frozen=True, slots=True)
class Sample:
    """One invented picture: its kind, what it shows, and the same as rows of a table."""

    kind: str
    title: str
    facts: Mapping[str, Any]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def pictures_router(pages: Pages) -> APIRouter:
    """The door to the page; it shows nobody's things, so anybody may look."""
    router = APIRouter(include_in_schema=False)

    @router.get("/styleguide/charts")
    async def show_pictures(request: Request) -> HTMLResponse:
        language = language_of(request)

        def say(slug: str, **facts: Any) -> str:
            return pages.texts.say(slug, language, **facts)

        return pages.show(request, "workshop/pictures.html", samples=samples(say))

    return router


def samples(say: Say) -> list[Sample]:
    """One of each kind."""
    return [_network(say), _heat(say), _matrix(say), _before_after(say), _funnel(say), _trend(say)]


def _network(say: Say) -> Sample:
    names = say("charts.names").split(", ")
    people = [
        {
            "id": str(place),
            "name": name,
            "gives": sum(pair[0] == place for pair in PAIRS),
            "takes": sum(pair[1] == place for pair in PAIRS),
        }
        for place, name in enumerate(names)
    ]
    told = [(names[giver], names[taker], topic) for giver, taker, topic in PAIRS]
    pairs = [
        {"giver": str(giver), "taker": str(taker), "label": f"{names[giver]} → {names[taker]}: {topic}"}
        for giver, taker, topic in PAIRS
    ]
    head = (say("charts.giver"), say("charts.taker"), say("charts.topic"))
    return Sample("network", say("charts.network"), {"people": people, "pairs": pairs}, head, tuple(told))


def _heat(say: Say) -> Sample:
    rows, columns = ("D03", "D08", "M05", "P02", "S01"), tuple(say(f"level.{step}") for step in (1, 2, 3))
    most = max(count for line in GAPS for count in line if count is not None)
    cells = [
        {
            "row": row,
            "column": column,
            "share": (count or 0) / most,
            "text": "" if count is None else str(count),
            "label": f"{rows[row]}, {columns[column]}: {say('charts.hidden') if count is None else count}",
            "hidden": count is None,
        }
        for row, line in enumerate(GAPS)
        for column, count in enumerate(line)
    ]
    told = [(rows[row], *(say("charts.hidden") if one is None else str(one) for one in GAPS[row])) for row in range(5)]
    facts = {"rows": rows, "columns": columns, "cells": cells}
    return Sample("heat", say("charts.heat"), facts, (say("charts.topic"), *columns), tuple(told))


def _matrix(say: Say) -> Sample:
    rows = tuple(say("charts.school", number=number) for number in (5, 24, 693))
    columns = (say("charts.engagement"), say("charts.reversal"), say("charts.growth"))
    told = [[say("charts.hidden") if share is None else f"{share:.0%}" for share in line] for line in SHARES]
    cells = [
        {
            "row": row,
            "column": column,
            "share": share or 0,
            "text": "" if share is None else told[row][column],
            "label": f"{rows[row]}, {columns[column]}: {told[row][column]}",
            "hidden": share is None,
        }
        for row, line in enumerate(SHARES)
        for column, share in enumerate(line)
    ]
    facts = {"rows": rows, "columns": columns, "cells": cells}
    lines = tuple((rows[row], *told[row]) for row in range(3))
    return Sample("matrix", say("charts.matrix"), facts, (say("charts.place"), *columns), lines)


def _before_after(say: Say) -> Sample:
    changes = (("D03", 2, 3.5, 4), ("M05", 3, 3.2, 4), ("P02", 1.5, 2.5, 3))
    rows = [
        {
            "name": name,
            "before": {"low": before - 0.5, "value": before, "high": before + 0.6},
            "after": {"low": after - 0.3, "value": after, "high": after + 0.4},
            "target": target,
            "label": f"{name}: {say(f'level.{round(before)}')} → {say(f'level.{round(after)}')}",
        }
        for name, before, after, target in changes
    ]
    told = [(name, say(f"level.{round(before)}"), say(f"level.{round(after)}")) for name, before, after, _ in changes]
    facts = {"steps": [say(f"level.{step}") for step in range(1, 6)], "rows": rows}
    head = (say("charts.topic"), say("charts.before"), say("charts.after"))
    return Sample("beforeafter", say("charts.beforeafter"), facts, head, tuple(told))


def _funnel(say: Say) -> Sample:
    names, counts = say("charts.funnel-steps").split(", "), (60, 52, 47, 41, 33)
    steps = [
        {"name": name, "value": count, "text": str(count), "label": f"{name}: {count}"}
        for name, count in zip(names, counts, strict=True)
    ]
    told = [(name, str(count)) for name, count in zip(names, counts, strict=True)]
    head = (say("charts.step"), say("charts.people"))
    return Sample("funnel", say("charts.funnel"), {"steps": steps}, head, tuple(told))


def _trend(say: Say) -> Sample:
    times, values = ("2025", "2026", "2027", "2028"), (31, 38, None, 47)
    low = [None if value is None else value - 4 for value in values]
    high = [None if value is None else value + 5 for value in values]
    words = [say("charts.hidden") if value is None else f"{value} % ({value - 4}–{value + 5} %)" for value in values]
    labels = [f"{time}: {word}" for time, word in zip(times, words, strict=True)]
    line = {"name": say("charts.reversal"), "values": values, "low": low, "high": high, "labels": labels}
    facts = {"times": times, "lines": [line], "min": 0, "max": 100, "unit": " %"}
    told = tuple(zip(times, words, strict=True))
    return Sample("trend", say("charts.trend"), facts, (say("charts.year"), say("charts.reversal")), told)
