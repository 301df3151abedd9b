"""What a card of a teacher's day is, and what the services told of the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from gateway.portal.catalogue import Catalogue
from gateway.portal.teacher.wording import Wording

GIVER, TAKER = "giver", "taker"
# A meeting that is neither held nor over.
OPEN_MEETINGS = ("PLANNED", "CONFIRMED")


class Rank(IntEnum):
    """What helps most comes first: where somebody waits, where a day runs out, then my own things."""

    LAST_DAYS = 0
    PROPOSAL = 1
    CONSENT = 2
    CONFIRM = 3
    REFLECT = 4
    FORM = 5
    COLLEAGUE = 6
    TESTS = 7
    PLAN = 8
    LOOK_BACK = 9
    SURVEY = 10
    ANSWERED = 11
    NOTICES = 12


@dataclass(frozen=True, slots=True)
class Tap:
    """A thing done right in the card: one button of its form."""

    value: str
    label: str
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One thing that waits for the reader; `taps` are answered in the card, `action` leads to a page."""

    rank: Rank
    title: str
    seconds: int
    address: str
    action: str = ""
    why: str = ""
    kind: str = ""
    privacy: str = ""
    taps: Sequence[Tap] = ()


@dataclass(frozen=True, slots=True)
class Morning:
    """What the services told; None where one of them is away."""

    forms: Sequence[Mapping[str, Any]] | None = ()
    tests: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    looks_back: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    appeals: Sequence[Mapping[str, Any]] = ()
    proposals: Sequence[Mapping[str, Any]] | None = ()
    assignments: Sequence[Mapping[str, Any]] | None = ()
    meetings: Sequence[Mapping[str, Any]] = ()
    surveys: Sequence[Mapping[str, Any]] = ()
    notices: Sequence[Mapping[str, Any]] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def people(self) -> list[str]:
        """All whose names the cards need."""
        rated = [other["person_id"] for form in self.forms or () for other in form["colleagues"]]
        pairs = [one["partner_id"] for one in (*(self.proposals or ()), *(self.assignments or ()))]
        return [*rated, *pairs]


@dataclass(frozen=True, slots=True)
class Table:
    """What the cards are written with: the words, the catalogue, where the school's pages begin, and who reads."""

    words: Wording
    catalogue: Catalogue | None
    root: str
    me: str

    def page(self, path: str) -> str:
        """The address of a page."""
        return f"{self.root}/{path}"

    def name(self, code: str) -> str:
        """What a competency is called, its code while the catalogue is away."""
        return self.catalogue.name(code) if self.catalogue else code

    def say(self, slug: str, **facts: Any) -> str:
        """A text."""
        return self.words.say(slug, **facts)


def kind_of(side: str) -> str:
    """The colour and form of a side of a pair: giving is warm, taking is cool."""
    return "give" if side == GIVER else "take"
