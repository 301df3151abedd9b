"""What the kernel and the servers say: processor time, memory, the settings that durability hangs on."""

import os
import platform
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import asyncpg

TICK = 1 / os.sysconf("SC_CLK_TCK")
KIBIBYTE = 1024
_PARENT, _USER, _SYSTEM, _ENDED_USER, _ENDED_SYSTEM = 1, 11, 12, 13, 14
DURABILITY = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers")


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_seconds(pid: int) -> float:
    """Processor time of a process, of its living children, and of those that have ended."""
    total = 0.0
    for one in family(pid):
        try:
            fields = _stat(one)
        except (FileNotFoundError, ProcessLookupError):
            continue
        counted = (_USER, _SYSTEM, _ENDED_USER, _ENDED_SYSTEM) if one == pid else (_USER, _SYSTEM)
        total += sum(int(fields[field]) for field in counted) * TICK
    return total


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(_stat(int(entry.name))[_PARENT])
            except (FileNotFoundError, ProcessLookupError):
                continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB: resident as `ps` counts it, and proportional, where shared pages are counted once."""

    resident: float
    proportional: float


def memory_of(pids: Iterable[int]) -> Memory:
    """The memory of several processes together."""
    kept = {"Rss": 0, "Pss": 0}
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        for line in lines:
            name, _, rest = line.partition(":")
            if name in kept:
                kept[name] += int(rest.split()[0])
    return Memory(kept["Rss"] / KIBIBYTE, kept["Pss"] / KIBIBYTE)


def sync_milliseconds(folder: Path, *, times: int = 30) -> float:
    """How long this folder's disk takes to keep 8 KiB for good, at the median: the floor under each commit."""
    path, taken = folder / "sync-probe", []
    with path.open("wb", buffering=0) as probe:
        for _ in range(times):
            probe.write(b"\0" * 8192)
            began = time.perf_counter()
            os.fdatasync(probe.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    path.unlink()
    return median(taken)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a run took place: without it the figures mean nothing."""

    python: str
    cores: int
    load_before: float
    sync_ms: float
    postgres: dict[str, str] = field(default_factory=dict)
    nats_sync: str = "-"

    @property
    def is_busy(self) -> bool:
        """Did others want a good part of a core before the measurement began?"""
        return self.load_before > self.cores / 4


def surroundings() -> Surroundings:
    """Look around before anything is started."""
    with tempfile.TemporaryDirectory(prefix="neo-bench-") as folder:
        return Surroundings(
            python=platform.python_version(),
            cores=len(os.sched_getaffinity(0)),
            load_before=round(os.getloadavg()[0], 2),
            sync_ms=round(sync_milliseconds(Path(folder)), 3),
        )


async def with_servers(before: Surroundings, folder: Path, connection: asyncpg.Connection) -> Surroundings:
    """Add what the servers in `folder` say of themselves."""
    postgres = {name: str(await connection.fetchval(f"show {name}")) for name in DURABILITY}
    config = (folder / "nats" / "nats.conf").read_text()
    interval = [line.partition(":")[2].strip() for line in config.splitlines() if "sync_interval" in line]
    return replace(before, postgres=postgres, nats_sync=interval[0] if interval else "default (2m)")
