"""Keycloak's own distribution, fetched with Maven and built once into a cache outside the repository.

`python -m tests.keycloak.prepare` does all of it; tests only look whether it is there.
"""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

VERSION = "26.7.3"
# Another number after any change of what is built or kept here.
RECIPE = 1
ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
# No cluster: one server, as the compose file runs it. Everything else is the profile of production.
BUILD = ("build", "--db=postgres", "--health-enabled=true", "--cache=local")
FETCH_SECONDS, BUILD_SECONDS = 900, 900
NOT_HERE = "Keycloak is not prepared here: `python -m tests.keycloak.prepare` does it (needs Java 17 or newer, Maven)"


def folder() -> Path:
    """Where the prepared Keycloak lies."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "neo" / f"keycloak-{VERSION}-{RECIPE}"


def program() -> Path:
    """The command that starts the server."""
    return folder() / f"keycloak-{VERSION}" / "bin" / "kc.sh"


def kept_database() -> Path:
    """A data folder of PostgreSQL in which Keycloak has made its tables already."""
    return folder() / "database"


def _seal() -> Path:
    return folder() / "prepared"


def is_prepared() -> bool:
    """Has the preparation come to its end, and can the server run here?"""
    return _seal().exists() and shutil.which("java") is not None


def seal() -> None:
    """Say that the preparation has come to its end."""
    _seal().write_text(f"{ARTIFACT} {' '.join(BUILD)}\n")


def fetch() -> None:
    """Fetch the distribution and unpack it."""
    target = folder() / "fetched"
    subprocess.run(
        ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={target}"],
        check=True,
        timeout=FETCH_SECONDS,
        stdin=subprocess.DEVNULL,
    )
    (archive,) = target.glob("*.zip")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder())
    program().chmod(0o755)
    shutil.rmtree(target)


def build() -> None:
    """Have Keycloak settle what it can settle before a start, so that a start takes seconds."""
    subprocess.run(
        [str(program()), *BUILD],
        check=True,
        timeout=BUILD_SECONDS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
