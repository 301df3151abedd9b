"""A realm in pieces that can be compared: each has a kind, a name and flat settings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

# Kinds, in the order in which they are carried out: what stands later needs what stands before.
REALM, PROFILE, POLICY, GROUP, CLIENT, MAPPER, RIGHTS, USER = KINDS = (
    "realm",
    "profile",
    "policy",
    "group",
    "client",
    "mapper",
    "rights",
    "user",
)
SECRET = "secret"  # noqa: S105 - the name of a setting
# The rules of passwords have no order, though Keycloak keeps them as one text.
RULES = "passwordPolicy"

Settings = Mapping[str, object]


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """One thing of a realm; a mapper is named `client/mapper`."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class RealmPieces:
    """A whole realm: its pieces, and the clients that nobody here knows."""

    pieces: dict[Piece, Settings] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()


def flat(settings: Settings, above: str = "") -> dict[str, object]:
    """Nested settings as one level of dotted names; lists without an order, so that they can be compared."""
    found: dict[str, object] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{above}{name}.")
        elif isinstance(value, list):
            found[f"{above}{name}"] = sorted(value, key=json.dumps)
        elif name == RULES and isinstance(value, str):
            found[f"{above}{name}"] = sorted(value.split(" and "))
        else:
            found[f"{above}{name}"] = value
    return found
