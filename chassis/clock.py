"""Business time, given to whoever needs it; tokens, retries and deduplication use real time instead."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Says what time it is in the life of the schools."""

    def now(self) -> datetime:
        """Business time, UTC."""
        ...


class RealClock:
    """The time of the machine."""

    def now(self) -> datetime:
        """Business time, UTC."""
        return datetime.now(UTC)


class LocalClock:
    """A clock that a demo may move forward; it exists in local mode only."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """Business time, UTC."""
        return datetime.now(UTC) + self.offset

    def move_to(self, moment: datetime) -> None:
        """Let business time go on from `moment`."""
        self.offset = moment - datetime.now(UTC)
