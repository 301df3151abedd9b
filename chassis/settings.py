"""What a service is told at its start; the environment is read in `from_env` and nowhere else."""

import os
from typing import Literal

from pydantic import BaseModel, ConfigDict

from contracts.topology import Timing

THREE_YEARS = 3 * 365 + 1


class Settings(BaseModel):
    """Where the things are that a service stands on.

    `issuer` must equal the tokens' `iss`; `issuer_inside` is the same realm's address inside a closed network.
    `looks_kept_days` is how long the access log is kept.
    """

    model_config = ConfigDict(frozen=True)

    service: str
    mode: Literal["local", "production"] = "production"
    database_url: str
    nats_url: str
    nats_user: str | None = None
    nats_password: str | None = None
    issuer: str
    issuer_inside: str | None = None
    audience: str = "neo-api"
    timing: Timing = Timing()
    pool_size: int = 12
    clock_file: str | None = None
    looks_kept_days: int = THREE_YEARS

    @classmethod
    def from_env(cls, service: str) -> "Settings":
        """Read `NEO_*` from the environment; a missing one is named."""
        env = os.environ
        wanted = ("NEO_DATABASE_URL", "NEO_NATS_URL", "NEO_ISSUER")
        missing = [name for name in wanted if not env.get(name)]
        if missing:
            raise SystemExit(f"{service}: set {', '.join(missing)} (docs/settings.md lists every variable)")
        return cls(
            service=service,
            mode="local" if env.get("NEO_MODE") == "local" else "production",
            database_url=env["NEO_DATABASE_URL"],
            nats_url=env["NEO_NATS_URL"],
            nats_user=env.get("NEO_NATS_USER"),
            nats_password=env.get("NEO_NATS_PASSWORD"),
            issuer=env["NEO_ISSUER"],
            issuer_inside=env.get("NEO_ISSUER_INSIDE"),
            audience=env.get("NEO_AUDIENCE", "neo-api"),
            timing=timing_from_env(),
            clock_file=env.get("NEO_CLOCK_FILE"),
            looks_kept_days=int(env.get("NEO_LOOKS_KEPT_DAYS") or THREE_YEARS),
        )


def timing_from_env() -> Timing:
    """`NEO_TIMING_SCALE=0.01` runs all durations of the bus a hundred times faster (fault tests only)."""
    return scaled(float(os.environ.get("NEO_TIMING_SCALE", "1")))


def scaled(scale: float) -> Timing:
    """The standard durations, stretched or shortened."""
    standard = Timing()
    return Timing(
        ack_wait=standard.ack_wait * scale,
        retry_delays=tuple(delay * scale for delay in standard.retry_delays),
        duplicate_window=max(0.1, standard.duplicate_window * scale),
        deliveries=standard.deliveries,
    )
