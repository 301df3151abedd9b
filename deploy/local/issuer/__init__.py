"""The development issuer: an OpenID provider for one's own machine, where anybody signs in as anybody.

It speaks with the paths and the token shape of a Keycloak 26 realm `neo`, so that services, gateway and
registry run unchanged against either. It refuses to start outside local mode.
"""

from deploy.local.issuer.app import build_issuer
from deploy.local.issuer.settings import (
    AddressNotLoopback,
    ClientSecretMissing,
    IssuerNotAllowed,
    IssuerSettings,
    OutsideLocalMode,
)

__all__ = [
    "AddressNotLoopback",
    "ClientSecretMissing",
    "IssuerNotAllowed",
    "IssuerSettings",
    "OutsideLocalMode",
    "build_issuer",
]
