"""With what the development issuer is built, and when it refuses to be built at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from authlib.common.security import is_secure_transport

LOCAL_MODE = "local"
REALM = "neo"
CONFIDENTIAL_CLIENTS = ("portal", "registry", "tracking", "documents", "school-portal")


class IssuerNotAllowed(RuntimeError):
    """The development issuer refuses to start; the message is a slug that says why."""


class OutsideLocalMode(IssuerNotAllowed):
    """Here anybody may sign in as anybody, so it runs on one's own machine only."""


class AddressNotLoopback(IssuerNotAllowed):
    """The issuer's address is neither loopback nor https (RFC 8252 §7.3, RFC 6749 §3.1)."""


class ClientSecretMissing(IssuerNotAllowed):
    """A confidential client of the realm was given no secret, or an empty one."""


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """What the one-process runner tells the issuer.

    `base_url` is the origin of the local gateway, the issuer being `<base_url>/realms/neo`; `client_secrets`
    holds a secret for each confidential client; redirects are compared character by character.
    """

    mode: str
    base_url: str
    data_dir: Path
    client_secrets: Mapping[str, str] = field(repr=False)
    portal_redirects: tuple[str, ...]
    portal_logout_redirects: tuple[str, ...] = ()
    school_portal_groups: tuple[str, ...] = ()
    development_password: str = field(default="neo", repr=False)

    @property
    def origin(self) -> str:
        """The origin without a closing slash."""
        return self.base_url.rstrip("/")

    @property
    def issuer(self) -> str:
        """The issuer identifier, as Keycloak forms it."""
        return f"{self.origin}/realms/{REALM}"

    def check(self) -> None:
        """Raises `IssuerNotAllowed` unless the issuer may run with these settings."""
        if self.mode != LOCAL_MODE:
            raise OutsideLocalMode("issuer.only-in-local-mode")
        if not is_secure_transport(self.base_url):
            raise AddressNotLoopback("issuer.address-not-loopback")
        if not all(self.client_secrets.get(client) for client in CONFIDENTIAL_CLIENTS):
            raise ClientSecretMissing("issuer.client-secret-missing")
