"""Staff imports: what a file would make of people, and when a checked file may be applied."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from chassis.refusals import Conflict, Invalid

CHECKED, REFUSED, APPLYING, APPLIED, FAILED = "CHECKED", "REFUSED", "APPLYING", "APPLIED", "FAILED"
KEPT_HOURS = 24
# In these states a file may be applied, as long as its people are kept; failing changes nobody.
WAITS = frozenset({CHECKED, FAILED})
# Why a file has failed that must be checked anew.
OUTDATED = "import.outdated"


class Kind(StrEnum):
    """What a file would make of a person."""

    NEW = "NEW"
    CHANGED = "CHANGED"
    UNCHANGED = "UNCHANGED"
    LEFT = "LEFT"
    CONFLICT = "CONFLICT"


class Step(StrEnum):
    """What the applying of a file is at."""

    WAITING = "waiting"
    COMPARING = "comparing"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Counts:
    """What applying a file would change, in people."""

    new: int
    changed: int
    left: int
    unchanged: int
    conflicts: int


def check_applying(state: str, *, can_apply: bool) -> None:
    """Refuse to apply a file with errors, or one that was checked before the school's staff changed."""
    if state == REFUSED:
        raise Conflict("import.refused", state=state, legal=[])
    if not can_apply:
        raise Conflict("import.outdated", state=state, legal=[])


def check_same(checked: str, found: str) -> None:
    """Refuse when the file would now do something else than what the curator was shown; both are digests of it."""
    if checked != found:
        raise Conflict("import.outdated", state=APPLYING, legal=[])


def check_cancelling(state: str) -> None:
    """Refuse to cancel what is done: an applied file is taken back by no one step."""
    if state == APPLIED:
        raise Conflict("import.applied", state=state, legal=[])


def check_decided(decided: Mapping[int, UUID | None], rows: Collection[int], known: Collection[UUID]) -> None:
    """Refuse decisions about rows of nobody, people whom the school never had, and one person for two rows."""
    people = [person_id for person_id in decided.values() if person_id is not None]
    strange = [row for row, who in decided.items() if row not in rows or (who is not None and who not in known)]
    if strange or len(set(people)) < len(people):
        raise Invalid("import.decision-unfit", field="decisions", rows=sorted(strange))
