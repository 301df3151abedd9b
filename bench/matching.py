"""The matching beside other ways to do it, in one run: seconds by phase, memory, and what each reaches."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from services.matching.engine.flow import solver_of
from services.matching.engine.goals import score_only
from services.matching.engine.openfile.making import a_city
from services.matching.engine.openfile.writing import Ordered
from services.matching.engine.optimum import Search
from services.matching.engine.table import Edges, Table, whole

ROOT = Path(__file__).resolve().parent.parent
SIZES = (80, 500, 2_000, 5_000, 35_000)
QUICK_SIZES = (80, 500, 2_000)
# A linear programme of a city takes minutes and gigabytes.
LARGEST_FOR_HIGHS = 5_000
ONE_TO_ONE, QUICK_ONE_TO_ONE = 500, 120
LONGEST_SECONDS = 1_800.0
RIVALS = ("scipy>=1.15", "mentor-match==7.0.1")
GOALS_SECONDS = {80: 0.010, 500: 0.050, 2_000: 0.3, 5_000: 2.0, 35_000: 15.0}


@dataclass(frozen=True, slots=True)
class Row:
    """One way on one size: seconds by the clock, by the processor and by phase, megabytes of the whole process.

    `bound` is the proved limit of the score under these roles, `missing` why a way is not to be had here. On a busy
    machine the processor's seconds are the ones to compare. Nothing where a way has no such thing.
    """

    way: str
    people: int
    total: float | None = None
    cpu: float | None = None
    edges: float | None = None
    build: float | None = None
    solve: float | None = None
    proof: float | None = None
    canonical: float | None = None
    memory_mb: float | None = None
    edge_count: int | None = None
    dual: int | None = None
    covered: int | None = None
    score: int | None = None
    bound: int | None = None
    solver: str = ""
    goal: float | None = None
    missing: str = ""


def run(quick: bool) -> list[Row]:
    """Everything that is measured; a way that is not to be had here leaves its row empty."""
    rows = []
    for people in QUICK_SIZES if quick else SIZES:
        rows.append(replace(_measured("ours", people), goal=GOALS_SECONDS[people]))
        rows.append(_measured("coverage", people))
        if people <= (QUICK_SIZES[1] if quick else LARGEST_FOR_HIGHS):
            rows.append(_measured("highs", people))
        rows.append(_measured("greedy", people))
    return [*rows, *one_to_one(QUICK_ONE_TO_ONE if quick else ONE_TO_ONE)]


def _measured(way: str, people: int) -> Row:
    command = [sys.executable, "-m", "bench.matching_one", way, str(people)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=LONGEST_SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    return Row(way=way, people=people, **json.loads(done.stdout))


def one_to_one(size: int) -> list[Row]:
    """Ours, scipy's assignment and mentor-match on one matrix; the two in a throw-away environment."""
    matrix = _matrix(size)
    with tempfile.TemporaryDirectory(prefix="neo-bench-matching-") as name:
        folder = Path(name)
        (folder / "matrix.json").write_text(json.dumps(matrix), encoding="utf-8")
        python = _environment(folder)
        rivals = [_rival(way, size, python, folder) for way in ("scipy", "mentor-match")]
    return [_our_pairs(matrix), *rivals]


def _matrix(size: int) -> list[list[int]]:
    """The first half gives, the second takes: the best score of each two, nothing where no edge is."""
    table = Ordered.of(a_city(2 * size, seed=1)).table
    matrix = np.zeros((size, size), dtype=np.int64)
    edges = table.edges.at((table.edges.giver < size) & (table.edges.taker >= size))
    np.maximum.at(matrix, (edges.giver, edges.taker - size), edges.score)
    rows: list[list[int]] = matrix.tolist()
    return rows


def _our_pairs(matrix: list[list[int]]) -> Row:
    scores = np.array(matrix)
    giver, taker = np.nonzero(scores)
    size, nothing = len(matrix), np.zeros(2 * len(matrix), dtype=np.int64)
    edges = Edges(giver, taker + size, np.zeros(len(giver), dtype=np.int64), scores[giver, taker])
    names = tuple(f"{place:06}" for place in range(2 * size))
    ones = np.ones(2 * size, dtype=np.int64)
    table = Table(names, ("D01",), ones, ones, nothing, nothing, edges, whole([]))
    search = Search(solver_of("auto"), 0, lambda *_: None, lambda: False)
    began = time.perf_counter()
    found = score_only(table, search)
    seconds = time.perf_counter() - began
    return Row("ours one-to-one", size, total=seconds, score=found.bound, solver=found.solver)


def _environment(folder: Path) -> Path | str:
    """A throw-away environment with the rivals, or why they cannot be had."""
    own = [ROOT / ".venv-uv" / "bin" / "uv", ROOT / ".venv-uv" / "target" / "bin" / "uv"]
    uv = shutil.which("uv") or next((str(path) for path in own if path.exists()), None)
    if uv is None:
        return "uv is not installed"
    python = folder / "rivals" / "bin" / "python"
    for command in (
        [uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(folder / "rivals")],
        [uv, "pip", "install", "--quiet", "--python", str(python), *RIVALS],
    ):
        done = subprocess.run(command, capture_output=True, timeout=LONGEST_SECONDS, check=False)
        if done.returncode:
            return _reason(done.stderr)
    return python


def _reason(stderr: bytes) -> str:
    """The last words of a command that failed."""
    lines = [line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def _rival(way: str, size: int, python: Path | str, folder: Path) -> Row:
    empty = Row(f"{way} one-to-one", size)
    if isinstance(python, str):
        return replace(empty, missing=python)
    # -P: their package is called `matching` as well, and this folder must not come first.
    command = [str(python), "-P", str(ROOT / "bench" / "matching_pairs.py"), way, str(folder / "matrix.json")]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LONGEST_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return replace(empty, missing=f"no answer in {LONGEST_SECONDS:.0f} s")
    if done.returncode:
        return replace(empty, missing=_reason(done.stderr))
    return replace(empty, **json.loads(done.stdout))


def measure(quick: bool, json_file: Path | None) -> int:
    """Measure, print the table, write the JSON; the exit code."""
    rows = run(quick)
    print(table_of(rows))
    if json_file is not None:
        text = json.dumps([asdict(row) for row in rows], indent=1)
        json_file.write_text(text + "\n", encoding="utf-8")
    return 0


def table_of(rows: list[Row]) -> str:
    """The rows as aligned text, and beneath it why some are empty."""
    columns = [name for name in asdict(rows[0]) if name not in ("solver", "missing")]
    cells = [columns, *([_cell(getattr(row, name)) for name in columns] for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(columns))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    return "\n".join([*lines, *(f"{row.way}: {row.missing}" for row in rows if row.missing)])


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(measure("--quick" in sys.argv, None))
