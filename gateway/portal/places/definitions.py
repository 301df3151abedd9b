"""The definitions of all indicators: what is counted over what, in words, with versions; to be searched."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from babel.numbers import format_decimal
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.portal.places.reports import Json
from gateway.portal.places.view import definitions_of
from gateway.portal.reader import Portal, Reader
from gateway.portal.words import day

ANALYST = "analyst"
LONGEST = 100
# A counter of one domain ends with the domain's letter.
_OF_DOMAIN = re.compile(r"(?P<family>[a-z_]+)_(?P<letter>[DMSPIN])")


@dataclass(frozen=True, slots=True)
class Meaning:
    """An indicator's definition in words."""

    code: str
    name: str
    definition: str
    unit: str
    numerator: str
    denominator: str
    wanted: str
    version: str


def router(portal: Portal) -> APIRouter:
    """The door of the definitions."""
    opened = APIRouter(include_in_schema=False)

    @opened.get("/city/definitions")
    async def show(request: Request, wanted: str = "") -> HTMLResponse:
        reader = await portal.reader(request, "city", ANALYST)
        definitions = await definitions_of(reader)
        asked = wanted.strip()[:LONGEST]
        found = [meaning_of(one, reader) for one in definitions.values()]
        return portal.show(
            reader,
            "places/definitions.html",
            wanted=asked,
            meanings=list(matching(found, asked)),
            total=len(found),
            address="/city/definitions",
        )

    return opened


def matching(found: Iterable[Meaning], wanted: str) -> Iterable[Meaning]:
    """The definitions in which all words that are wanted stand, in whatever order."""
    words = wanted.casefold().split()
    for one in found:
        text = " ".join((one.code, one.name, one.definition, one.numerator, one.denominator)).casefold()
        if all(word in text for word in words):
            yield one


def meaning_of(one: Json, reader: Reader) -> Meaning:
    """A definition in words: what is counted, over what, and which way is wanted."""
    language = reader.language
    valid_from = day(one["valid_from"], language)
    return Meaning(
        code=str(one["code"]),
        name=str(one["name"][language]),
        definition=str(one["definition"][language]),
        unit=reader.say(f"definitions.unit-{one['unit']}"),
        numerator=counter_said(str(one["numerator"]), reader),
        denominator=counter_said(str(one["denominator"]), reader) if one["denominator"] else "",
        wanted=_wanted(one, reader),
        version=reader.say("definitions.version", version=one["version"], day=valid_from),
    )


def _wanted(one: Mapping[str, object], reader: Reader) -> str:
    direction, target = one["direction"], one["target"]
    if not isinstance(direction, str):
        return ""
    told = reader.say(f"definitions.{direction}")
    if not isinstance(target, int | float):
        return told
    percent = format_decimal(100 * target, "#,##0", locale=reader.language)
    return f"{told} {reader.say('definitions.target', percent=percent)}"


def counter_said(name: str, reader: Reader) -> str:
    """A counter in words; one that has none is called by its name in the catalogue."""
    texts = reader.request.app.state.portal.pages.texts
    found = _OF_DOMAIN.fullmatch(name)
    slug = f"counter.{(found['family'] if found else name).replace('_', '-')}"
    if not texts.knows(slug, reader.language):
        return name
    domain = {"domain": reader.say(f"counter.domain-{found['letter']}")} if found else {}
    return reader.say(slug, **domain)
