"""The quick run from end to end: every row is there, and nothing is left behind."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.samples import WANTED
from bench.submissions import CPU_OF_BARE, OUTSIDE, SEPTEMBER, TO_BARE
from tests.architecture.house import ROOT


def still_running(folder: Path) -> list[str]:
    """Command lines of processes that work in a folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(folder) in line:
            found.append(line)
    return found


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder with a short name: PostgreSQL's socket lies in it, and its address may not be long."""
    with tempfile.TemporaryDirectory(prefix="neo-") as name:
        yield Path(name)


DOORS = {
    "guarded-to-bare-get",
    "mount-to-direct",
    "proxy-to-direct",
    "gateway-to-bare-query",
    "proxy-to-bare-query",
    "session-to-bearer",
}
START = {"start-warm", "memory-in-all"}
DIAGNOSTICS = {one.code for one in (TO_BARE, CPU_OF_BARE, SEPTEMBER, OUTSIDE)}
EVENTS = {row.code for row in WANTED} - DOORS - START


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "rows"), [("http", DOORS), ("diagnostics", DIAGNOSTICS), ("events", EVENTS)])
def test_quick_run_fills_every_row_and_leaves_nothing_behind(
    tmp_path: Path, scratch: Path, kind: str, rows: set[str]
) -> None:
    report = tmp_path / "report.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NEO_LANG": "en", "TMPDIR": str(scratch)}
    command = [sys.executable, "-m", "deploy.cli", "bench", kind, "--quick", "--json", str(report)]

    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    written = json.loads(report.read_text(encoding="utf-8"))
    assert {one["code"] for one in written["ratios"]} == rows
    assert "bench." not in run.stdout
    assert list(scratch.iterdir()) == []
    assert still_running(scratch) == []
