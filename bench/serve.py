"""One measured process: an app under uvicorn as production runs it, and it ends when its parent does.

`python -m bench.serve services.documents.app:from_env --port 8080`, with `--profile FILE` under the sampler.
"""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import uvicorn

from bench.layers import sampling


def _end_with_parent() -> None:
    """The parent holds the other end of standard input; when it is killed, nobody else would stop this process."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def _leave(_: int, __: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> None:
    """Serve until told to stop."""
    options = argparse.ArgumentParser()
    options.add_argument("factory")
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--profile", type=Path)
    wanted = options.parse_args()
    _end_with_parent()
    # The server raises the signal anew after its shutdown; the default would end us before the counts are written.
    signal.signal(signal.SIGTERM, _leave)
    with sampling(wanted.profile):
        uvicorn.run(
            wanted.factory,
            factory=True,
            host="127.0.0.1",
            port=wanted.port,
            log_config=None,
            access_log=False,
            server_header=False,
        )


if __name__ == "__main__":
    main()
