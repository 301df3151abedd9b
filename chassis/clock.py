"""Business time, given to whoever needs it; tokens, retries and deduplication use real time instead."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
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


class SharedClock(LocalClock):
    """A local clock that lives in a file: several processes see the same time, and the next run goes on from it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.read_at = 0

    def now(self) -> datetime:
        """Business time, UTC."""
        try:
            written_at = self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return super().now()
        if written_at != self.read_at:
            self.offset = timedelta(seconds=float(self.path.read_text()))
            self.read_at = written_at
        return super().now()

    def move_to(self, moment: datetime) -> None:
        """Let business time go on from `moment`, for everybody who shares the file."""
        super().move_to(moment)
        scratch = self.path.with_name(f"{self.path.name}.new")
        scratch.write_text(str(self.offset.total_seconds()))
        scratch.replace(self.path)


def clock_of(mode: str, path: str | None) -> Clock:
    """The clock of a service as its own process: the real one, unless local mode shares a file."""
    return SharedClock(Path(path)) if mode == "local" and path else RealClock()
