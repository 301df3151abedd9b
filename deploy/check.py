"""`neo check`: everything that must be green before a commit, in under a minute."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.show import Voice

FAST = "not servers and not slow and not needs_chromium and not needs_compose and not faults"


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that is looked at."""

    name: str
    command: tuple[str, ...]


def looks(bin_folder: Path) -> tuple[Look, ...]:
    """What is looked at; the slowest begin first and run beside each other."""
    return (
        Look("tests", (sys.executable, "-m", "pytest", "-q", "-m", FAST)),
        Look("types", (str(bin_folder / "mypy"),)),
        Look("imports", (str(bin_folder / "lint-imports"), "--cache-dir", ".import_linter_cache")),
        Look("lint", (str(bin_folder / "ruff"), "check", ".")),
        Look("format", (str(bin_folder / "ruff"), "format", "--check", ".")),
    )


def check(root: Path, voice: Voice, *, with_tests: bool = True) -> int:
    """Look at everything; what is wrong is printed whole. Returns the exit code."""
    began = time.monotonic()
    env = {**os.environ, "PYTHONPATH": str(root)}
    running = [
        (look, subprocess.Popen(look.command, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        for look in looks(Path(sys.executable).parent)
        if with_tests or look.name != "tests"
    ]
    failed = []
    for look, process in running:
        output, _ = process.communicate()
        is_good = process.returncode == 0
        seconds = round(time.monotonic() - began)
        voice.say("check.good" if is_good else "check.bad", name=look.name, seconds=seconds)
        if not is_good:
            failed.append(look.name)
            sys.stdout.write(output.decode(errors="replace"))
        elif look.name == "tests":
            sys.stdout.write(output.decode(errors="replace").strip().splitlines()[-1] + "\n")
    voice.say("check.end-bad" if failed else "check.end-good", names=", ".join(failed))
    return 1 if failed else 0
