"""Staff imports: when a checked file may be applied."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.refusals import Conflict

CHECKED, REFUSED, APPLIED = "CHECKED", "REFUSED", "APPLIED"
KEPT_HOURS = 24


@dataclass(frozen=True, slots=True)
class Counts:
    """What applying a file would change, in people."""

    new: int
    changed: int
    left: int
    unchanged: int
    conflicts: int

    @classmethod
    def of(cls, told: Mapping[str, int]) -> "Counts":
        """The counts as they were kept."""
        return cls(told["new"], told["changed"], told["left"], told["unchanged"], told["conflicts"])


def check_applying(state: str, *, has_rows: bool) -> None:
    """Refuse to apply a file with errors, or one that was checked before the school's staff changed."""
    if state == REFUSED:
        raise Conflict("import.refused", state=state, legal=[])
    if not has_rows:
        raise Conflict("import.outdated", state=state, legal=[])


def check_same(checked: Counts, found: Counts) -> None:
    """Refuse when the file would now do something else than what the curator was shown."""
    if checked != found:
        raise Conflict("import.outdated", state=CHECKED, legal=[])
