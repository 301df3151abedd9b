"""What the gateway is told at its start; the environment is read in `from_env` and nowhere else."""

import os
from typing import Literal

from pydantic import BaseModel, ConfigDict

MEBIBYTE = 1024 * 1024


class GatewaySettings(BaseModel):
    """Where tokens come from, and where the bus is.

    `issuer` must equal the tokens' `iss`; `issuer_inside` is the same realm's address inside a closed network.
    `largest_body` in bytes is what one request may carry. Without `nats_url` the count of events stays unknown.
    """

    model_config = ConfigDict(frozen=True)

    mode: Literal["local", "production"] = "production"
    issuer: str
    issuer_inside: str | None = None
    audience: str = "neo-api"
    nats_url: str | None = None
    nats_user: str | None = None
    nats_password: str | None = None
    largest_body: int = 25 * MEBIBYTE

    @property
    def is_local(self) -> bool:
        """Is this the house in one process, for a look around?"""
        return self.mode == "local"

    @classmethod
    def from_env(cls) -> "GatewaySettings":
        """Read `NEO_*` from the environment; a missing one is named."""
        env = os.environ
        if not env.get("NEO_ISSUER"):
            raise SystemExit("gateway: set NEO_ISSUER (docs/settings.md lists every variable)")
        return cls(
            mode="local" if env.get("NEO_MODE") == "local" else "production",
            issuer=env["NEO_ISSUER"],
            issuer_inside=env.get("NEO_ISSUER_INSIDE"),
            audience=env.get("NEO_AUDIENCE", "neo-api"),
            nats_url=env.get("NEO_NATS_URL"),
            nats_user=env.get("NEO_NATS_USER"),
            nats_password=env.get("NEO_NATS_PASSWORD"),
        )


def addresses_from_env() -> dict[str, str]:
    """`NEO_UPSTREAMS=registry=http://registry:8080,…` as addresses by service, in the order in which they stand."""
    written = os.environ.get("NEO_UPSTREAMS", "")
    pairs = [part.strip().partition("=") for part in written.split(",") if part.strip()]
    if not pairs or any(not name or not address.startswith("http") for name, _, address in pairs):
        raise SystemExit("gateway: set NEO_UPSTREAMS as name=http://host:port, separated by commas")
    return {name: address.rstrip("/") for name, _, address in pairs}
