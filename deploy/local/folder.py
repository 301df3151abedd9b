"""The data folder of a local city: one run at a time, never from a newer version, with the city's own clock."""

import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from chassis import schema
from chassis.clock import SharedClock
from contracts.topology import LISTENERS
from deploy.local.issuer.settings import CONFIDENTIAL_CLIENTS
from deploy.local.servers import ServerTrouble, stop_left_over

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Folder:
    """A data folder that this process holds alone."""

    path: Path
    clock: SharedClock
    client_secrets: dict[str, str]
    was_killed: bool

    @property
    def has_demo(self) -> bool:
        """Was the demo city loaded to its end?"""
        return (self.path / "demo.json").exists()

    @property
    def has_half_a_demo(self) -> bool:
        """Was the demo begun and interrupted?"""
        return (self.path / "demo.begun").exists() and not self.has_demo

    @property
    def demo_journal(self) -> Path:
        """Where the demo keeps what it was answered, as long as it is not at its end."""
        return self.path / "demo.journal"

    @property
    def can_go_on(self) -> bool:
        """May an interrupted demo go on? Not one that kept no journal: an older version began it."""
        return self.has_half_a_demo and self.demo_journal.exists()

    def begin_demo(self, moment: datetime) -> None:
        """Set business time to the demo's beginning, before anything happens in this folder."""
        self.demo_journal.touch()
        (self.path / "demo.begun").touch()
        self.clock.move_to(moment)

    def go_on_with_demo(self) -> None:
        """Let business time go on from where the demo stopped; the city was off since, and nothing happened in it.

        The demo's dates lie days apart; a night's pause must not carry the schools past one of them.
        """
        stood_still = time.time() - self.demo_journal.stat().st_mtime
        self.clock.move_to(self.clock.now() - timedelta(seconds=stood_still))

    def leave_demo(self) -> None:
        """Note at the end of a run that a half demo's city has lived until now."""
        if self.can_go_on:
            self.demo_journal.touch()

    def keep_demo(self, report: dict[str, object]) -> None:
        """Note that the demo city is loaded, and what it showed; its journal is not needed any more."""
        (self.path / "demo.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
        self.demo_journal.unlink(missing_ok=True)


def _lock(path: Path) -> TextIO:
    handle = (path / "lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.seek(0)
        owner = handle.read().strip() or "?"
        handle.close()
        raise ServerTrouble("folder.in-use", folder=str(path), pid=owner) from None
    return handle


def _check_version(path: Path) -> None:
    known = path / "version.json"
    if not known.exists():
        return
    found = json.loads(known.read_text())
    heads = {service: schema.head_of(service) or "0" for service in LISTENERS}
    newer = [service for service, head in found.get("heads", {}).items() if head > heads.get(service, "0")]
    if found.get("format", 0) > FORMAT or newer:
        raise ServerTrouble("folder.from-newer-version", folder=str(path), services=", ".join(newer) or "-")


def _write_version(path: Path) -> None:
    heads = {service: schema.head_of(service) for service in LISTENERS}
    (path / "version.json").write_text(json.dumps({"format": FORMAT, "heads": heads}))


def _secrets(path: Path) -> dict[str, str]:
    kept = path / "clients.json"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(json.dumps({client: secrets.token_urlsafe(24) for client in CONFIDENTIAL_CLIENTS}))
    found: dict[str, str] = json.loads(kept.read_text())
    return found


@contextmanager
def hold(path: Path, *, is_fresh: bool = False) -> Iterator[Folder]:
    """Hold a data folder alone; raises ServerTrouble when another run holds it or a newer version made it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        handle = _lock(path)
    except PermissionError:
        raise ServerTrouble("folder.not-writable", folder=str(path)) from None
    try:
        was_killed = (path / "running").exists()
        if is_fresh:
            _empty(path)
        _check_version(path)
        _write_version(path)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        (path / "running").touch()
        yield Folder(path, SharedClock(path / "clock"), _secrets(path), was_killed and not is_fresh)
        (path / "running").unlink(missing_ok=True)
    finally:
        handle.close()


def _empty(path: Path) -> None:
    """Throw the city away, and end what a killed run left running in it."""
    stop_left_over(path)
    for child in path.iterdir():
        if child.name == "lock":
            continue
        if child.is_dir():
            shutil.rmtree(child)
        else:
            child.unlink()
