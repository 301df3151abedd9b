"""What the analyst of the city orders and what is made of it in the background: a list, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.portal.places.reports import Json
from gateway.portal.reader import Reader

ANALYST = "analyst"
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order in words: what it is about, how it stands, what came of it or why nothing did."""

    order_id: str
    title: str
    state: str
    chip: str
    about: str
    found: str
    trouble: str


async def newest(reader: Reader, api: str) -> Sequence[Json]:
    """All orders behind an address of the API, the newest first."""
    found: Sequence[Json] = await reader.talk.all_of(api, limit=AT_ONCE)
    return sorted(found, key=lambda one: str(one["ordered_at"]), reverse=True)
