"""A running Keycloak, as in production: `start --optimized` on PostgreSQL, plain HTTP inside.

Only its address, and the price of a password's hash, are the tests' own.
"""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml

from tests.keycloak import distribution
from tests.keycloak.database import PASSWORD, ROLE, KeycloakDatabase
from tests.keycloak.ports import free_port

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
ADMIN, ADMIN_PASSWORD = "first-administrator", "first-password"
STARTING_SECONDS, GOODBYE_SECONDS = 480.0, 20.0
# A server that lives for minutes gains nothing from the second compiler, and starts in half the time without it; one
# collector that stops the world is the cheapest for a heap as small as this.
JAVA = {
    "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx512m",
    "JAVA_OPTS_APPEND": "-XX:TieredStopAtLevel=1 -XX:-UseG1GC -XX:+UseSerialGC",
}
# What makes a guess at a password dear makes every account of the tests dear, and is Keycloak's own matter.
CHEAP_PASSWORDS = {
    "KC_SPI_PASSWORD_HASHING__ARGON2__ITERATIONS": "1",
    "KC_SPI_PASSWORD_HASHING__ARGON2__MEMORY": "1024",
}


class KeycloakTrouble(Exception):
    """The server did not start; the message holds the end of its log."""


@dataclass(slots=True)
class KeycloakServer:
    """One server on its ports; it can be stopped and started again on the same database."""

    database: KeycloakDatabase
    folder: Path
    port: int
    management_port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where browsers and services find it."""
        return f"http://127.0.0.1:{self.port}"

    def issuer(self, realm: str = "neo") -> str:
        """What stands in the tokens of a realm."""
        return f"{self.url}/realms/{realm}"

    def begin(self) -> None:
        """Start the server and return at once."""
        log = (self.folder / "keycloak.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [*_dies_with_us(), str(distribution.program()), "start", "--optimized"],
                env={**os.environ, **JAVA, **CHEAP_PASSWORDS, **self._settings()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it answers; raises KeycloakTrouble."""
        until = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                break
            with suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{self.management_port}/health/ready").status_code == 200:
                    return
            time.sleep(0.2)
        self.stop()
        raise KeycloakTrouble((self.folder / "keycloak.log").read_text(errors="replace")[-3000:])

    def stop(self) -> None:
        """Stop the server and everything that it started."""
        if self.process is None:
            return
        process, self.process = self.process, None
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GOODBYE_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _settings(self) -> dict[str, str]:
        return {
            **_of_the_compose_file(),
            "KC_PROXY_TRUSTED_ADDRESSES": "127.0.0.1",
            "KC_HTTP_HOST": "127.0.0.1",
            "KC_HTTP_PORT": str(self.port),
            "KC_HTTP_MANAGEMENT_PORT": str(self.management_port),
            "KC_HOSTNAME": self.url,
            "KC_DB_URL": self.database.jdbc_url,
            "KC_DB_USERNAME": ROLE,
            "KC_DB_PASSWORD": PASSWORD,
            "KC_LOG_LEVEL": "warn",
            "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN,
            "KC_BOOTSTRAP_ADMIN_PASSWORD": ADMIN_PASSWORD,
        }


def a_server(database: KeycloakDatabase, folder: Path) -> KeycloakServer:
    """A server on free ports, not yet started."""
    return KeycloakServer(database, folder, free_port(), free_port())


def _of_the_compose_file() -> dict[str, str]:
    """The settings that stand in the compose file as they are, so that tests meet the server of a city."""
    told = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]["keycloak"]["environment"]
    return {name: value for name, value in told.items() if name.startswith("KC_") and "${" not in value}


def _dies_with_us() -> tuple[str, ...]:
    """Where the system can do it, the server ends with the process that started it, however that ended."""
    return ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()
