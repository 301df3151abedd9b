"""What a reader asks of a matrix; all of it stands in the address, so that a view can be sent on as a link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Self
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from gateway.portal.talk import Query

ORDERS = ("name", "up", "down")
KINDS = ("district", "school")
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Set:
    """Indicators that are looked at together; a code that ends in `*` stands for one of each domain."""

    name: str
    codes: tuple[str, ...]

    def of(self, known: Sequence[str]) -> tuple[str, ...]:
        """Its indicators, in the order of the catalogue."""
        return _chosen(self.codes, tuple(known))


SETS = (
    Set("engaged", ("E_ENG_ANY", "E_ENG_MENTOR", "E_ENG_MENTEE", "E_ENG_DUAL", "E_DUAL")),
    Set("gaps", ("GAPS_*",)),
    Set("strengths", ("STRENGTHS_*",)),
    Set("course", ("MEETINGS_HELD", "P_CONT", "P_CONSENT", "P_EARLY")),
    Set("effect", ("P_GAIN_*", "P_CLOSED", "P_CSAT")),
)


@lru_cache(maxsize=100)
def _chosen(wanted: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """Every matrix asks this of the same few sets and definitions."""
    return tuple(code for code in known if any(_fits(code, one) for one in wanted))


def _fits(code: str, wanted: str) -> bool:
    return code == wanted or (wanted.endswith("*") and code.startswith(wanted[:-1]) and "." not in code)


@dataclass(frozen=True, slots=True)
class Asking:
    """Which indicators, in which order, whose rows, which publication, and from which row on."""

    indicators: tuple[str, ...]
    by: str = ""
    order: str = "name"
    wanted: str = ""
    kind: str = "district"
    district: str = ""
    publication: str = ""
    after: str = ""

    @classmethod
    def read(cls, query: QueryParams, known: Sequence[str]) -> Self:
        """Read an address; what no page could have written there is passed over."""
        named = set(query.getlist("indicator")) & set(known)
        indicators = tuple(code for code in known if code in named) or SETS[0].of(known)
        by, order = query.get("by", ""), query.get("order", "name")
        is_sorted = by in indicators and order in ORDERS[1:]
        return cls(
            indicators=indicators,
            by=by if is_sorted else "",
            order=order if is_sorted else "name",
            wanted=query.get("wanted", "").strip()[:LONGEST],
            kind=query.get("kind", "") if query.get("kind") in KINDS else "district",
            district=query.get("district", ""),
            publication=query.get("publication", ""),
            after=query.get("after", ""),
        )

    def address(self, path: str, **other: Any) -> str:
        """The address of this view with something changed; a changed view begins at its first row."""
        asked = replace(self, **{"after": "", **other})
        pairs = [("indicator", code) for code in asked.indicators]
        pairs += [(name, value) for name, value in asked.plain.items() if value]
        return f"{path}?{urlencode(pairs)}"

    @property
    def plain(self) -> Mapping[str, str]:
        """Everything but the indicators, as it stands in an address; what is usual is left out."""
        return {
            "by": self.by,
            "order": "" if self.order == "name" else self.order,
            "wanted": self.wanted,
            "kind": "" if self.kind == "district" else self.kind,
            "district": self.district,
            "publication": self.publication,
            "after": self.after,
        }

    def sorted_by(self, code: str) -> dict[str, str]:
        """The other order of a column: the largest first, then the smallest, then by name again."""
        if self.by != code:
            return {"by": code, "order": "down"}
        return {"by": code, "order": "up"} if self.order == "down" else {"by": "", "order": "name"}

    def query(self, limit: int) -> dict[str, Query]:
        """The same as the API is asked."""
        return {
            "indicator": list(self.indicators),
            "by": self.by or None,
            "order": self.order,
            "wanted": self.wanted or None,
            "publication_id": self.publication or None,
            "after": self.after or None,
            "limit": limit,
        }
