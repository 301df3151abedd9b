"""The frame around a page: at which place and in which role it is read, and where one can go from there.

A person may hold several roles at several places. One of them at a time is the hat that the reader wears: it
decides the navigation, five entries at most, so that they fit at the lower edge of a phone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chassis.identity import Principal


@dataclass(frozen=True, slots=True)
class Entry:
    """One way of the navigation: the path below the place, its text `frame.<slug>`, its icon."""

    slug: str
    path: str
    icon: str


ENTRIES: Mapping[str, Sequence[Entry]] = {
    "teacher": (
        Entry("my-day", "/my-day", "sun"),
        Entry("my-profile", "/my-profile", "user-round"),
        Entry("my-pairs", "/my-pairs", "handshake"),
        Entry("my-papers", "/my-papers", "file-text"),
        Entry("my-data", "/my-data", "shield-check"),
    ),
    "observer": (Entry("visits", "/visits", "eye"), Entry("my-data", "/my-data", "shield-check")),
    "curator": (
        Entry("cycle", "/cycle", "route"),
        Entry("people", "/people", "users-round"),
        Entry("campaign", "/campaign", "clipboard-list"),
        Entry("workshop", "/workshop", "network"),
        Entry("health", "/health", "heart-pulse"),
    ),
    "head": (
        Entry("desk", "/desk", "signature"),
        Entry("roadmap", "/roadmap", "route"),
        Entry("totals", "/totals", "chart-line"),
    ),
    "coordinator": (
        Entry("matrix", "/matrix", "table-2"),
        Entry("reports", "/reports", "inbox"),
        Entry("board", "/board", "handshake"),
    ),
    "analyst": (
        Entry("city", "", "landmark"),
        Entry("publications", "/publications", "send"),
        Entry("definitions", "/definitions", "book-open"),
        Entry("psychometrics", "/psychometrics", "scale"),
    ),
    "auditor": (Entry("access-log", "/access-log", "eye"), Entry("erasures", "/erasures", "trash-2")),
    "operator": (Entry("operations", "/operations", "gauge"),),
}
# What one is asked to do first: where a reader with several hats begins.
ORDER = ("teacher", "curator", "head", "observer", "coordinator", "analyst", "auditor", "operator")
# Roles of the whole city have pages that belong to no place.
_PLACELESS = {"auditor": "", "operator": "", "analyst": "/city"}


@dataclass(frozen=True, slots=True)
class Hat:
    """A role at a place; the place is `schools/<id>`, `districts/<id>` or `city`."""

    place: str
    role: str

    @property
    def entries(self) -> Sequence[Entry]:
        """Where one can go in it."""
        return ENTRIES[self.role]

    def address(self, entry: Entry) -> str:
        """The page behind an entry."""
        root = _PLACELESS.get(self.role, f"/{self.place}") if self.place == "city" else f"/{self.place}"
        return f"{root}{entry.path}"

    @property
    def home(self) -> str:
        """The first page in it."""
        return self.address(self.entries[0])


@dataclass(frozen=True, slots=True)
class Way:
    """An entry as the page shows it."""

    slug: str
    icon: str
    address: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A hat that the reader could put on instead: its place by name, its role's slug, its first page."""

    name: str
    role: str
    address: str
    is_worn: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a page."""

    hat: Hat
    place_name: str
    ways: Sequence[Way]
    choices: Sequence[Choice]


def hats_of(principal: Principal) -> list[Hat]:
    """All that somebody may wear, the one that is asked to do things first in front; roles without pages left out."""
    worn = [Hat(grant.place, grant.role) for grant in principal.grants if grant.role in ENTRIES]
    return sorted(worn, key=lambda hat: (ORDER.index(hat.role), hat.place))


def frame_of(hats: Sequence[Hat], worn: Hat, path: str, names: Mapping[str, str]) -> Frame:
    """The frame of one page; `names` are the places' names by place."""
    ways = [
        Way(entry.slug, entry.icon, worn.address(entry), is_here=_is_at(path, worn.address(entry), entry))
        for entry in worn.entries
    ]
    choices = [Choice(names.get(hat.place, hat.place), hat.role, hat.home, is_worn=hat == worn) for hat in hats]
    return Frame(worn, names.get(worn.place, worn.place), ways, choices)


def _is_at(path: str, address: str, entry: Entry) -> bool:
    return path == address or (bool(entry.path) and path.startswith(f"{address}/"))
