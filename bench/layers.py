"""Where the time goes: a sampler of processor time, and the layers of the hot path by the files of their code.

The kernel sends a signal after each four milliseconds of processor time (not of waiting); the innermost Python frame
says whose code ran. Unlike a tracing profiler it makes nothing slower: the shares are those of the real run.
"""

import json
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

# The kernel's own tick; a shorter wish is rounded up to it.
EVERY_SECONDS = 0.004
LAYERS = {
    "http": ("/fastapi/", "/starlette/", "/uvicorn/protocols/", "/uvicorn/middleware/", "/httptools/", "/anyio/"),
    "sqlalchemy": ("/sqlalchemy/", "/greenlet/"),
    "asyncpg": ("/asyncpg/",),
    "bus": ("/nats/", "/faststream/", "/fast_depends/"),
    "pydantic": ("/pydantic/",),
    "tokens": ("/joserfc/", "/cryptography/"),
    "metrics": ("/prometheus_client/",),
    "ours": ("/chassis/", "/contracts/", "/services/", "/gateway/"),
    "loop": ("/asyncio/", "/uvicorn/", "/uvloop/"),
}
OTHER = "python"


def layer_of(path: str) -> str:
    """The layer to which a file belongs; the loop's is also what C code does between two Python functions."""
    packaged = path.rpartition("/site-packages")[2] if "/site-packages/" in path else path
    for layer, parts in LAYERS.items():
        if any(part in packaged for part in parts):
            return layer
    return OTHER


@contextmanager
def sampling(to: Path | None) -> Iterator[None]:
    """Sample this process while it works, and write the counts down; does nothing without a file."""
    if to is None:
        yield
        return
    seen: Counter[tuple[str, str]] = Counter()

    def look(_: int, frame: FrameType | None) -> None:
        if frame is not None:
            seen[frame.f_code.co_filename, frame.f_code.co_qualname] += 1

    def forget(_: int, __: FrameType | None) -> None:
        seen.clear()

    signal.signal(signal.SIGPROF, look)
    # The measured part begins when the parent says so: starting up is not the hot path.
    signal.signal(signal.SIGUSR1, forget)
    signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        to.write_text(json.dumps([[path, name, count] for (path, name), count in seen.items()]))


def shares(written: Path) -> dict[str, float]:
    """The share of each layer in a process's processor time, the largest first."""
    counted: Counter[str] = Counter()
    for path, _, count in json.loads(written.read_text()):
        counted[layer_of(path)] += count
    total = sum(counted.values()) or 1
    return {layer: count / total for layer, count in counted.most_common()}


def hottest(written: Path, *, most: int = 12) -> list[tuple[str, str, float]]:
    """The functions in which most time was spent: file, function, share."""
    counts = [(str(path), str(name), int(count)) for path, name, count in json.loads(written.read_text())]
    total = sum(count for _, _, count in counts) or 1
    ranked = sorted(counts, key=lambda one: -one[2])[:most]
    return [(_short(path), name, count / total) for path, name, count in ranked]


def _short(path: str) -> str:
    return "/".join(path.rpartition("site-packages/")[2].split("/")[-3:])
