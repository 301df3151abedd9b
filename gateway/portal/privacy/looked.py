"""Who looked: the access logs of all services in one list, the newest first, each line in words."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from chassis.refusals import Unavailable
from gateway.portal.privacy.words import clock_of, day_in_words
from gateway.portal.talk import Query, Refused, Talk

# Those that show things of one person to another; reporting holds numbers and no people.
SERVICES = ("registry", "diagnostics", "matching", "tracking", "documents")
AT_ONCE = 30

Say = Callable[..., str]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of looks, where the next one begins, and the services that did not answer."""

    rows: Sequence[Row]
    next: str | None
    away: Sequence[str]


@dataclass(frozen=True, slots=True)
class Line:
    """One look in words; `whom` is the person who was looked at, for the officer, `when` the times and the clock."""

    who: str
    whom: str
    what: str
    deed: str
    sentence: str
    times: str
    clock: str
    when: str


@dataclass(frozen=True, slots=True)
class Day:
    """The looks of one day."""

    name: str
    lines: Sequence[Line]


async def looks(talk: Talk, path: str, **query: Query) -> Found:
    """The looks that every service tells at a path of its own, merged; `path` is without `/api/<service>/v1`.

    The lists have one order and one shape of cursor in all services, so that one cursor serves them all.
    """
    asked = await asyncio.gather(*(_ask(talk, f"/api/{service}/v1{path}", query) for service in SERVICES))
    told = [row for one in asked if one is not None for row in one]
    rows = sorted(told, key=lambda row: (row["first_at"], row["look_id"]), reverse=True)
    shown = rows[:AT_ONCE]
    away = [service for service, one in zip(SERVICES, asked, strict=True) if one is None]
    return Found(shown, f"{shown[-1]['first_at']}~{shown[-1]['look_id']}" if len(rows) > AT_ONCE else None, away)


async def _ask(talk: Talk, path: str, query: Mapping[str, Query]) -> list[Row] | None:
    """A service's lines, one more than are shown; None when it does not answer."""
    try:
        page = await talk.get(path, **{**query, "limit": AT_ONCE + 1})
    except Unavailable:
        return None
    except Refused as refused:
        if refused.status < 500:
            raise
        return None
    found: list[Row] = page["items"]
    return found


def lookers_in(rows: Sequence[Row]) -> list[str]:
    """Everybody who looked, for whom a name is wanted."""
    return sorted({row["looker_id"] for row in rows if row["looker_id"]})


def days_of(rows: Sequence[Row], names: Mapping[str, str], *, language: str, say: Say) -> list[Day]:
    """The looks day by day, in the order given."""
    return [
        Day(day_in_words(day, language), [line_of(row, names, language=language, say=say) for row in lines])
        for day, lines in groupby(rows, key=lambda row: str(row["looked_on"]))
    ]


def line_of(row: Row, names: Mapping[str, str], *, language: str, say: Say) -> Line:
    """One look in words."""
    who, what = _who(row, names, say), say(f"look.what.{row['what']}")
    times, clock = say("look.times", count=row["times"]), clock_of(row["last_at"], language)
    when = say("look.once-at", clock=clock) if row["times"] == 1 else f"{times} · {say('look.last-at', clock=clock)}"
    return Line(
        who=who,
        whom=names.get(row["person_id"], ""),
        what=what,
        deed=say(f"look.deed.{row['how']}"),
        sentence=_capital(say(f"look.{row['how']}", who=who, what=what)),
        times=times,
        clock=clock,
        when=when,
    )


def _who(row: Row, names: Mapping[str, str], say: Say) -> str:
    """A role and a name; a program; somebody who was erased; or the role alone where no name may be known."""
    role = say(f"role.{row['role']}") if row["role"] else ""
    if row["client"]:
        return say("look.program", client=row["client"])
    if row["looker_id"] is None:
        return say("look.erased", role=role)
    name = names.get(row["looker_id"], "")
    return f"{role} {name}".strip()


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
