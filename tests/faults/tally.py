"""The count of faults: made, and survived, which is said only after the city has rested and was found equal."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """How many faults of each kind were made and survived, and the sign by which an operator saw the last of them."""

    made: Counter[str] = field(default_factory=Counter)
    survived: Counter[str] = field(default_factory=Counter)
    signs: dict[str, str] = field(default_factory=dict)

    def make(self, kind: str, times: int = 1, *, sign: str) -> None:
        """Count a fault that really bit; `sign` is what was seen of it."""
        self.made[kind] += times
        self.signs[kind] = sign

    def skip(self, kind: str, *, why: str) -> None:
        """Say that a fault could not be made here."""
        self.made[kind] += 0
        self.signs.setdefault(kind, f"skipped: {why}")

    def survive(self) -> None:
        """All faults so far are behind the city: it has come to rest and equals the calm one."""
        self.survived = Counter(self.made)

    def lines(self) -> list[str]:
        """A table for people."""
        width = max((len(kind) for kind in self.made), default=5)
        head = f"{'fault':<{width}}  made  survived  seen"
        rows = [
            f"{kind:<{width}}  {made:>4}  {self.survived[kind]:>8}  {self.signs[kind]}"
            for kind, made in self.made.items()
        ]
        return [head, *rows]
