"""What the gateway is told at its start; the environment is read in `from_env` and nowhere else."""

import ipaddress
import os
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from gateway.origins import is_origin

MEBIBYTE = 1024 * 1024
SIGN_IN = ("NEO_DATABASE_URL", "NEO_PUBLIC_URL", "NEO_CLIENT_SECRET")


class Limits(BaseModel):
    """What the door takes: requests per minute of one caller, and the seconds until an answer begins.

    A whole school sits behind one address, therefore an address may do more than a person; `entry` counts what a
    guesser would try: sign-ins, slips, logout tokens. A program is a school portal with a token of its own.
    """

    model_config = ConfigDict(frozen=True)

    address: int = 6000
    person: int = 600
    program: int = 6000
    entry: int = 300
    answer_seconds: float = 120.0


class GatewaySettings(BaseModel):
    """Where tokens come from, where the bus is, and how a browser signs in.

    `issuer` must equal the tokens' `iss`; `issuer_inside` is the same realm's address inside a closed network.
    `largest_body` in bytes is what one request may carry. `origins` are school portals whose pages may call the API.
    `public_url` is where browsers find the portal. Without `database_url` no browser can sign in, and each gateway
    counts requests for itself; without `nats_url` the count of events stays unknown.
    """

    model_config = ConfigDict(frozen=True)

    mode: Literal["local", "production"] = "production"
    issuer: str
    issuer_inside: str | None = None
    audience: str = "neo-api"
    nats_url: str | None = None
    nats_user: str | None = None
    nats_password: str | None = None
    database_url: str | None = None
    public_url: str | None = None
    client_id: str = "portal"
    client_secret: str | None = None
    largest_body: int = 25 * MEBIBYTE
    limits: Limits = Limits()
    origins: tuple[str, ...] = ()

    @property
    def is_local(self) -> bool:
        """Is this the house in one process, for a look around?"""
        return self.mode == "local"

    @property
    def can_sign_in(self) -> bool:
        """May browsers sign in here?"""
        return bool(self.database_url and self.public_url and self.client_secret)

    @property
    def is_encrypted(self) -> bool:
        """Do browsers come over https? Only then do they take a cookie named `__Host-…`."""
        return (self.public_url or "").startswith("https://")

    @classmethod
    def from_env(cls) -> "GatewaySettings":
        """Read `NEO_*` from the environment; a missing one is named."""
        env = os.environ
        if not env.get("NEO_ISSUER"):
            raise SystemExit("gateway: set NEO_ISSUER (docs/settings.md lists every variable)")
        _check_sign_in()
        return cls(
            mode="local" if env.get("NEO_MODE") == "local" else "production",
            issuer=env["NEO_ISSUER"],
            issuer_inside=env.get("NEO_ISSUER_INSIDE"),
            audience=env.get("NEO_AUDIENCE", "neo-api"),
            nats_url=env.get("NEO_NATS_URL"),
            nats_user=env.get("NEO_NATS_USER"),
            nats_password=env.get("NEO_NATS_PASSWORD"),
            database_url=env.get("NEO_DATABASE_URL"),
            public_url=(env.get("NEO_PUBLIC_URL") or "").rstrip("/") or None,
            client_id=env.get("NEO_CLIENT_ID", "portal"),
            client_secret=env.get("NEO_CLIENT_SECRET"),
            limits=_limits_from_env(),
            origins=_origins_from_env(),
        )


def _check_sign_in() -> None:
    missing = [name for name in SIGN_IN if not os.environ.get(name)]
    if missing and len(missing) < len(SIGN_IN):
        raise SystemExit(f"gateway: for browsers to sign in set also {', '.join(missing)}")
    if not missing and not is_safe_address(os.environ["NEO_PUBLIC_URL"]):
        raise SystemExit("gateway: NEO_PUBLIC_URL must begin with https:// unless it is this machine's own")
    if not missing and not are_apart(os.environ["NEO_PUBLIC_URL"], os.environ["NEO_ISSUER"]):
        raise SystemExit("gateway: NEO_ISSUER needs https:// and a host name other than the portal's")


def _origins_from_env() -> tuple[str, ...]:
    """`NEO_CORS_ORIGINS=https://portal.example,…`: whose pages may call the API from a browser; nobody's by default."""
    written = os.environ.get("NEO_CORS_ORIGINS", "")
    origins = tuple(part.strip() for part in written.split(",") if part.strip())
    if wrong := [one for one in origins if not is_origin(one)]:
        raise SystemExit(f"gateway: NEO_CORS_ORIGINS takes https://host without a path, not {', '.join(wrong)}")
    return origins


def _limits_from_env() -> Limits:
    """`NEO_LIMITS=person=600,address=6000,…`: requests per minute of one caller."""
    standard = Limits()
    written = os.environ.get("NEO_LIMITS", "")
    pairs = [part.strip().partition("=") for part in written.split(",") if part.strip()]
    names = ("address", "person", "program", "entry")
    if any(name not in names or not number.isdigit() or int(number) < 1 for name, _, number in pairs):
        raise SystemExit(f"gateway: set NEO_LIMITS as name=number, separated by commas; names: {', '.join(names)}")
    return standard.model_copy(update={name: int(number) for name, _, number in pairs})


def is_safe_address(address: str) -> bool:
    """Is what a browser sends to this address read by nobody on the way: https, or the browser's own machine?"""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme != "http" or not parts.hostname:
        return False
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def are_apart(portal: str, issuer: str) -> bool:
    """Are portal and issuer two origins for a browser, so that neither's pages and cookies are the other's?

    On one's own machine the ports are enough for a look around.
    """
    if not is_safe_address(issuer):
        return False
    return not portal.startswith("https://") or urlsplit(portal).hostname != urlsplit(issuer).hostname


def addresses_from_env() -> dict[str, str]:
    """`NEO_UPSTREAMS=registry=http://registry:8080,…` as addresses by service, in the order in which they stand."""
    written = os.environ.get("NEO_UPSTREAMS", "")
    pairs = [part.strip().partition("=") for part in written.split(",") if part.strip()]
    if not pairs or any(not name or not address.startswith("http") for name, _, address in pairs):
        raise SystemExit("gateway: set NEO_UPSTREAMS as name=http://host:port, separated by commas")
    return {name: address.rstrip("/") for name, _, address in pairs}
