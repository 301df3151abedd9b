"""One service process: forked from the fork server, or executed with a system clock that is wrong."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]


class Living(Protocol):
    """What a fleet does with a process; `multiprocessing` has the same words."""

    def is_alive(self) -> bool:
        """Does it still run?"""
        ...

    def terminate(self) -> None:
        """SIGTERM."""
        ...

    def kill(self) -> None:
        """SIGKILL."""
        ...

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end."""
        ...


def clock_library() -> Path | None:
    """The library of Debian's libfaketime that fits programs with threads; none where it is not installed."""
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


def wrong_time(library: Path, hours: int) -> dict[str, str]:
    """The environment of a program whose system clock is so many hours ahead."""
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME": f"{hours:+d}h",
        # Durations stay right; two names for the same wish, the second one for versions before 0.9.9.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


@dataclass(frozen=True, slots=True)
class Executed:
    """A service that was started as a program of its own."""

    program: subprocess.Popen[bytes]

    @classmethod
    def at_wrong_time(cls, service: str, told: dict[str, str], port: int, *, hours: int) -> "Executed":
        """Start a service whose system clock is so many hours ahead."""
        library = clock_library()
        assert library is not None, "a wrong clock needs libfaketime"
        command = [sys.executable, "-m", "tests.faults.processes", service, str(port)]
        env = {**os.environ, **told, **wrong_time(library, hours)}
        return cls(subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE))

    def is_alive(self) -> bool:
        """Does it still run?"""
        return self.program.poll() is None

    def terminate(self) -> None:
        """SIGTERM."""
        self.program.terminate()

    def kill(self) -> None:
        """SIGKILL."""
        self.program.kill()

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end, or for the time-out."""
        try:
            self.program.wait(timeout)
        except subprocess.TimeoutExpired:
            return
        if self.program.stdin is not None:
            self.program.stdin.close()
        # What libfaketime leaves behind of a program that was killed.
        for left in ("faketime_shm", "sem.faketime_sem"):
            Path(f"/dev/shm/{left}_{self.program.pid}").unlink(missing_ok=True)


def _end_with(wait_for_parent: Callable[[], object]) -> None:
    """When the test is killed, its services go too."""

    def watch() -> None:
        wait_for_parent()
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def serve_forked(service: str, told: dict[str, str], port: int, mutation: Callable[[], None] | None) -> None:
    """The life of a process that was forked."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "a forked process has a parent"
    _end_with(parent.join)
    os.environ.update(told)
    if mutation is not None:
        mutation()
    serve(service, port)


def serve(service: str, port: int) -> None:
    """The life of one service process."""
    import importlib
    import logging

    import uvicorn

    # Ctrl-C is for the test, which ends its services itself.
    os.setpgrp()
    logging.disable(logging.ERROR if not os.environ.get("NEO_FAULT_LOGS") else logging.NOTSET)
    app = importlib.import_module(f"services.{service}.app").from_env()
    uvicorn.run(app, host=HOST, port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    _end_with(sys.stdin.read)
    serve(sys.argv[1], int(sys.argv[2]))
