"""Fetch Keycloak, build it and let it make its tables, once; afterwards its tests start it in seconds.

    python -m tests.keycloak.prepare

Needs Java 17 or newer and Maven. Everything lies in `$XDG_CACHE_HOME/neo` (or `~/.cache/neo`) and may be deleted.
"""

import fcntl
import shutil
import sys
import tempfile
from pathlib import Path

from tests.keycloak import distribution
from tests.keycloak.database import made
from tests.keycloak.server import a_server


def prepare() -> None:
    """Bring the cache into being; a cache that is whole is left alone."""
    folder = distribution.folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if distribution.is_prepared():
            return
        _say(f"fetching and building Keycloak {distribution.VERSION} into {folder}; this is done once")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        distribution.fetch()
        distribution.build()
        _keep_a_database()
        distribution.seal()


def _keep_a_database() -> None:
    with tempfile.TemporaryDirectory(prefix="neo-keycloak-") as made_in:
        database = made(Path(made_in) / "database")
        server = a_server(database, Path(made_in))
        try:
            server.begin()
            server.wait()
        finally:
            server.stop()
            database.stop()
        shutil.copytree(database.folder, distribution.kept_database())


def _say(line: str) -> None:
    sys.stderr.write(f"keycloak: {line}\n")


if __name__ == "__main__":
    prepare()
